"""Shops of one's own: nothing of one is seen in another, and each starts, stops and begins afresh by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from acp.client import Client
from acp.errors import NotFound, ProtocolError
from merchant_mock import neighbours
from merchant_mock.control.client import Control
from tests.merchant_mock.control.conftest import NOON, Agent, Shops
from tests.merchant_mock.receiver import receiving


def tenant(shops: Shops, **otherwise: Any) -> tuple[dict[str, Any], Control, Agent]:
    key = shops.control.new_key(**otherwise)
    control = Control(shops.url, key["api_key"], http_client=shops.control._http)
    return dict(key), control, Agent(shops.http, shops.url, key["api_key"])


def test_a_key_opens_a_shop_of_its_own(shops: Shops) -> None:
    key, control, agent = tenant(shops)
    assert key["base_url"] == f"{shops.url}/t/{key['id']}"
    assert (key["now"], key["stopped"]) == (NOON.isoformat(), True)
    session = agent.open("mug-blue")
    assert [each["id"] for each in control.sessions()] == [session["id"]]
    assert shops.control.sessions() == []


def test_nothing_of_one_is_seen_in_another(shops: Shops) -> None:
    _, one, agent = tenant(shops)
    _, other, stranger = tenant(shops)
    session = agent.open("mug-blue")
    order = one.place_order("soap")["order"]
    one.set_stock({"mug-blue": 1})
    one.set_faults(one.faults()["known"][0]["name"])
    one.delay_webhooks(60, "all")
    one.advance("P1D")
    for control, asking in ((other, stranger), (shops.control, shops.agent)):
        assert asking.get(f"/checkout_sessions/{session['id']}").status_code == 404
        assert control.sessions() == control.orders() == control.charges() == []
        assert control.webhooks() == {"webhooks": [], "handling": {}, "kept_back": []}
        assert control.faults()["names"] == []
        assert control.clock()["now"] == NOON.isoformat()
        assert control.stock()["mug-blue"] != 1
        assert control.count(path=f"/checkout_sessions/{session['id']}") == 1
        assert control.count() == 1
        with pytest.raises(NotFound):
            control.order(order["id"])
    assert one.count() == 1


def test_under_its_base_path_no_key_is_needed_to_find_it(shops: Shops) -> None:
    key, control, agent = tenant(shops)
    found = shops.http.get(f"{key['base_url']}/.well-known/acp.json").json()
    assert found["api_base_url"] == key["base_url"]
    order = control.place_order("soap")["order"]
    assert order["permalink_url"].startswith(f"{key['base_url']}/orders/")
    assert order["order_number"] in shops.http.get(order["permalink_url"]).text
    assert shops.http.get(f"{shops.url}/orders/{order['id']}").status_code == 404
    with Control(key["base_url"]) as by_path:
        assert [each["id"] for each in by_path.orders()] == [order["id"]]
    waiting = agent.open("coffee-pallet")
    page = f"{key['base_url']}/sessions/{waiting['id']}/approve"
    assert shops.http.post(page, follow_redirects=True).status_code == 200
    assert control.session(waiting["id"])["waits_for"] == []


def test_under_its_base_path_another_key_opens_nothing(shops: Shops) -> None:
    key, _, agent = tenant(shops)
    session = agent.open("soap")
    path = f"/checkout_sessions/{session['id']}"
    assert Agent(shops.http, key["base_url"], key["api_key"]).get(path).json() == session
    assert Agent(shops.http, key["base_url"]).get(path).status_code == 401
    assert shops.http.get(f"{shops.url}/t/nobody{path}").status_code == 404
    assert shops.http.get(f"{shops.url}/t/nobody/_mock/clock").status_code == 404


def test_a_client_that_discovers_it_buys_there(shops: Shops) -> None:
    key, control, _ = tenant(shops)
    with Client(key["base_url"], key["api_key"]) as client:
        session = client.checkout_sessions.create(["soap"], "usd")
    assert control.session(session.id)["id"] == session.id


def test_it_has_the_terms_it_is_given(shops: Shops) -> None:
    with receiving() as receiver:
        clock = {"at": "2027-01-01T00:00:00Z", "stopped": True}
        _, control, _ = tenant(shops, seed=3, clock=clock, webhook_url=receiver.url, webhook_secret="mine")
        assert control.clock()["now"] == "2027-01-01T00:00:00+00:00"
        control.place_order("soap")
        assert len(receiver.came) == 1
        assert shops.receiver.came == []
        running = shops.control.new_key(clock={"stopped": False})
        assert not running["stopped"]


def test_the_same_seed_gives_the_same_shop_whichever_it_is(shops: Shops) -> None:
    def bought(control: Control) -> Any:
        made = control.place_order("mug-blue")
        return made["session"]["id"], made["order"]["id"], control.stock()

    (_, one, _), (_, other, _), (_, different, _) = (tenant(shops, seed=seed) for seed in (11, 11, 12))
    assert bought(one) == bought(other) != bought(different)
    first = bought(shops.control)
    assert first != bought(different)
    one.reset()
    assert bought(one)[0] == other.sessions()[0]["id"]


def test_its_fresh_start_is_its_own(shops: Shops) -> None:
    _, control, agent = tenant(shops)
    shops.control.place_order("soap")
    agent.open("soap")
    control.advance("P1D")
    control.reset()
    assert (control.sessions(), control.count(), control.clock()["now"]) == ([], 0, NOON.isoformat())
    assert len(shops.control.orders()) == 1
    shops.control.reset()
    assert shops.control.orders() == []


def test_given_back_it_is_gone_with_its_files(shops: Shops) -> None:
    key, control, agent = tenant(shops)
    (database,) = [each.terms.database for each in shops.street.shops if each.id == key["id"]]
    control.place_order("soap")
    assert database.exists()
    shops.control.drop_key(key["id"])
    assert list(database.parent.glob(f"{key['id']}.db*")) == []
    assert agent.get("/checkout_sessions/cs_1").status_code == 401
    with pytest.raises(ProtocolError, match="no shop here"):
        control.clock()
    with pytest.raises(NotFound):
        shops.control.drop_key(key["id"])


def test_a_tenant_knows_of_itself_only(shops: Shops) -> None:
    one, control, _ = tenant(shops)
    two, _, _ = tenant(shops)
    assert [key["id"] for key in control.known_keys()] == [one["id"]]
    assert [key["id"] for key in shops.control.known_keys()] == [one["id"], two["id"]]
    with pytest.raises(NotFound):
        control.drop_key(two["id"])
    assert control.drop_key(one["id"]) == {}


def test_there_is_an_end_to_them(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_TENANTS", 2)
    keys = [shops.control.new_key() for _ in range(2)]
    with pytest.raises(ProtocolError, match="There are 2 keys already") as refused:
        shops.control.new_key()
    assert (refused.value.status, refused.value.code) == (409, "too_many_tenants")
    shops.control.drop_key(keys[0]["id"])
    shops.control.new_key()


def test_the_first_shops_file_is_untouched_by_it(shops: Shops) -> None:
    key, control, _ = tenant(shops)
    folder: Path = shops.street.shops[0].terms.database.parent
    control.place_order("soap")
    assert shops.http.get(f"{shops.url}/_mock/orders").json() == {"orders": []}
    assert [each.name for each in folder.iterdir() if each.is_dir()] != []
    assert httpx.get(f"{key['base_url']}/readyz").status_code == 200
