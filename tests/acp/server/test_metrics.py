"""Metrics: what is counted, under which few labels, and what is shown at `/metrics`."""

import asyncio
import subprocess
import sys
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from acp.server import LOOPBACK, Declined, Delivery, Pending, Store, WebhookTarget
from acp.server.metrics import MOST_CODES, Metrics
from acp.server.observing import Answered, Asked
from acp.server.routes import CREATE as CREATING
from acp.server.store import StoreUnavailable
from tests.acp.server.conftest import CREATE, READY
from tests.acp.server.shop import LATER, Clock

ONE = "/checkout_sessions/{checkout_session_id}"


async def scraped(metrics, **headers):
    transport = httpx.ASGITransport(app=Starlette(routes=metrics.role.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        response = await http.get("/metrics", headers=headers)
    assert response.status_code == 200
    return response


async def samples(metrics):
    """The value of every sample, by its name and the values of its labels, which are in the order of their names."""
    text = (await scraped(metrics)).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "shop.db")
    yield store
    store.close()


@pytest.fixture
def metrics(store, clock):
    return Metrics(store, clock=clock)


@pytest.fixture
async def counted(open_shop, store, clock, metrics):
    async with open_shop(store=store, clock=clock, observers=[metrics]) as shopping:
        yield shopping


async def test_requests_are_counted_by_template_status_and_code_and_timed(counted, metrics):
    session = await counted.create(key="k")
    await counted.create(key="k")
    await counted.retrieve(session["id"])
    await counted.post("/checkout_sessions", CREATE, token="nobody")
    await counted.post(f"/checkout_sessions/{session['id']}", {"odd": 1})
    seen = await samples(metrics)
    assert seen["acp_requests_total", "", "POST", "/checkout_sessions", "201"] == 2
    assert seen["acp_requests_total", "unauthorized", "POST", "/checkout_sessions", "401"] == 1
    assert seen["acp_requests_total", "unknown", "POST", ONE, "400"] == 1
    assert seen["acp_replays_total", "POST", "/checkout_sessions"] == 1
    assert seen["acp_request_seconds_count", "GET", ONE] == 1
    assert 0 < seen["acp_request_seconds_sum", "GET", ONE] < 5
    assert seen["acp_requests_in_flight", "GET", ONE] == 0


async def test_no_owner_session_or_key_becomes_a_label(counted, metrics):
    session = await counted.create(key="my-key")
    shown = (await scraped(metrics)).text
    for private in ("agent one", session["id"], "my-key", "key-1"):
        assert private not in shown


async def test_requests_under_way_are_shown_as_such(metrics):
    asked = Asked(CREATING, "req-1")
    metrics.began(asked)
    assert (await samples(metrics))["acp_requests_in_flight", "POST", "/checkout_sessions"] == 1
    metrics.answered(Answered(asked, 201, None, 0.1, keyed=True, replayed=False))
    assert (await samples(metrics))["acp_requests_in_flight", "POST", "/checkout_sessions"] == 0


async def test_codes_that_a_backend_makes_up_are_told_apart_up_to_a_number(metrics):
    for n in range(MOST_CODES + 5):
        metrics.answered(Answered(Asked(CREATING, "r"), 400, f"code-{n}", 0.1, keyed=True, replayed=False))
    metrics.answered(Answered(Asked(CREATING, "r"), 400, "code-1", 0.1, keyed=True, replayed=False))
    counted = {key[1]: value for key, value in (await samples(metrics)).items() if key[0] == "acp_requests_total"}
    assert len(counted) == MOST_CODES + 1
    assert (counted["other"], counted["code-1"]) == (5, 2)


async def test_payments_are_counted_by_outcome_and_those_still_open_are_shown(counted, metrics):
    for outcome in (Declined("No."), Pending(LATER - counted.clock.now)):
        counted.shop.outcomes.append(outcome)
        await counted.complete((await counted.create())["id"])
    seen = await samples(metrics)
    assert (seen["acp_payments_total", "declined"], seen["acp_payments_total", "pending"]) == (1, 1)
    assert seen["acp_payments_open",] == 1


async def test_events_that_wait_are_shown_with_how_late_they_are(open_shop, store, clock, metrics):
    nowhere = WebhookTarget("http://127.0.0.1:1/", "secret")
    terms = {"webhooks": lambda owner: nowhere, "delivery": Delivery(networks=LOOPBACK)}
    async with open_shop(store=store, clock=clock, observers=[metrics], **terms) as shopping:
        await shopping.complete((await shopping.create(READY))["id"])
        async with asyncio.timeout(5):
            while ("acp_webhook_deliveries_total", "not_taken") not in (seen := await samples(metrics)):
                await asyncio.sleep(0.01)
        assert (seen["acp_outbox_events", "pending"], seen["acp_outbox_events", "dead"]) == (1, 0)
    clock.advance(hours=2)
    reopened = Store(store._database.path)
    assert (await samples(Metrics(reopened, clock=clock)))["acp_outbox_overdue_seconds",] > 3600
    reopened.close()


async def test_events_that_were_given_up_are_shown_as_dead(open_shop, store, metrics):
    nowhere = WebhookTarget("http://127.0.0.1:1/", "secret")
    terms = {"webhooks": lambda owner: nowhere, "delivery": Delivery(age=timedelta(0), networks=LOOPBACK)}
    async with open_shop(store=store, observers=[metrics], **terms) as shopping:
        await shopping.complete((await shopping.create(READY))["id"])
        async with asyncio.timeout(5):
            while not (seen := await samples(metrics))["acp_outbox_events", "dead"]:
                await asyncio.sleep(0.01)
    assert seen["acp_outbox_events", "pending"] == 0


async def test_a_store_that_has_said_itself_what_is_wrong_is_not_logged_again(store, metrics, caplog):
    def unavailable(now):
        raise StoreUnavailable("later", retry_after=30)

    store.backlog = unavailable
    assert not any(name.startswith("acp_outbox") for name, *_ in await samples(metrics))
    assert caplog.text == ""


async def test_a_store_that_cannot_be_read_takes_only_its_own_numbers_away(store, metrics, caplog):
    metrics.paid("authorized")
    store.close()
    seen = await samples(metrics)
    assert seen["acp_payments_total", "authorized"] == 1
    assert ("acp_payments_open",) not in seen
    assert "the store cannot be used" in caplog.text


async def test_the_answer_is_in_the_format_that_was_asked_for(metrics):
    plain = await scraped(metrics)
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    asked = await scraped(metrics, Accept="application/openmetrics-text; version=1.0.0")
    assert asked.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert asked.text.endswith("# EOF\n")


def test_without_the_extra_the_message_says_which_one_is_missing_and_the_server_does_without():
    code = "import sys; sys.modules['prometheus_client'] = None; import acp.server; import acp.server.metrics"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert 'Metrics need the extra "metrics": pip install "agentic-commerce[metrics]".' in run.stderr
    loaded = "import acp.server, sys; print('prometheus_client' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
