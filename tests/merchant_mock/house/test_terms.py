"""The terms of a house: whose sessions it keeps, where its events go, and what it repeats when it is opened again."""

from __future__ import annotations

import secrets
from itertools import count
from pathlib import Path

from merchant_mock.app import OWNER, Terms, open_house
from merchant_mock.catalogue import Catalogue
from tests.merchant_mock.house.conftest import Agent, Clock, house_at


def test_events_go_where_they_are_wanted(catalogue: Catalogue, tmp_path: Path) -> None:
    terms = Terms(catalogue, tmp_path / "a.db", "http://127.0.0.1:1", webhook_url="http://127.0.0.1:2/events")
    house = open_house(terms)
    try:
        assert house.role.completion is not None
        target = house.role.completion._deployment.webhooks(OWNER)
        assert target is not None
        assert target.url == "http://127.0.0.1:2/events"
    finally:
        house.close()


def test_a_further_agent_has_sessions_of_its_own(catalogue: Catalogue, tmp_path: Path) -> None:
    agents, other = {"another_key": "another-agent"}, {"Authorization": "Bearer another_key"}
    with house_at(catalogue, tmp_path / "shop.db", agents=agents) as (house, http):
        session = Agent(house, http, Clock()).open("soap")
        assert http.get(f"/checkout_sessions/{session['id']}").status_code == 200
        assert http.get(f"/checkout_sessions/{session['id']}", headers=other).status_code == 404


def test_a_house_keeps_everything_over_a_restart(catalogue: Catalogue, tmp_path: Path) -> None:
    for expected in (3, 2):
        house = open_house(Terms(catalogue, tmp_path / "shop.db", "http://127.0.0.1:1"))
        assert house.stock.left()["blanket-few-left"] == expected
        house.stock.sell("cs_1", {"blanket-few-left": 1})
        house.close()


def test_a_seed_repeats_ids_and_order_numbers_and_a_restart_repeats_none(catalogue: Catalogue, tmp_path: Path) -> None:
    told = [
        _first_order(catalogue, tmp_path / name, seed) for name, seed in (("a", 7), ("b", 7), ("a", 7), ("c", None))
    ]
    assert told[0] == told[1]
    assert len({id for ids in told[1:] for id in ids}) == 9


def _first_order(catalogue: Catalogue, database: Path, seed: int | None) -> list[str]:
    with house_at(catalogue, database, seed=seed) as (house, http):
        agent = Agent(house, http, Clock(), count(secrets.randbits(64)))
        session = agent.open("soap")
        order = agent.pay(session, agent.token(session))["order"]
        return [session["id"], order["id"], order["order_number"]]
