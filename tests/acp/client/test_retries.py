"""Which failures are tried again, how long after, and that it is the same request with the same key."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
import trio

from acp import errors
from acp.client import AsyncClient, Client, exchange_of
from tests.acp.client.conftest import NOW, SHOP


@dataclass
class Time:
    """A clock that only sleeping moves."""

    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=sum(self.slept))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def patient(time):
    """A client that tries again, and draws the longest wait each time."""
    with Client(SHOP, "k", clock=time.now, sleep=time.slept.append, random=lambda: 1.0) as client:
        yield client


def refusal(status: int, code: str | None = None, type: str | None = None, **headers: str) -> httpx.Response:
    stated = {"code": code, "type": type, "message": "No."}
    return httpx.Response(status, json={name: value for name, value in stated.items() if value}, headers=headers)


def answer_with(httpx_mock, *answers) -> None:
    """Answer one request after the other; the last answer stands for all that follow."""
    left = list(answers)

    def answer(request):
        this = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(this, Exception):
            raise this
        return this

    httpx_mock.add_callback(answer, is_reusable=True)


AGAIN = [
    httpx.ConnectError("refused"),
    httpx.ReadError("lost"),
    httpx.ReadTimeout("slow"),
    httpx.PoolTimeout("busy"),
    refusal(409, "idempotency_in_flight"),
    refusal(500, "internal_error"),
    refusal(503, "contended"),
    refusal(503),
    refusal(429, type="rate_limit_exceeded"),
    refusal(429, "slow_down"),
    refusal(429),
    refusal(408),
    refusal(400, "busy", "service_unavailable"),
    httpx.Response(502, text="<html>Bad Gateway</html>"),
    httpx.Response(429, text="<html>Too many</html>"),
]

NEVER = [
    refusal(400, "missing"),
    refusal(400, "idempotency_key_required"),
    refusal(401, "unauthorized"),
    refusal(404, "not_found"),
    refusal(405, "session_finished"),
    refusal(409, "payment_in_progress", **{"Retry-After": "1"}),
    refusal(409, "idempotency_conflict"),
    refusal(409),
    refusal(422, "idempotency_conflict"),
    refusal(422, "idempotency_conflict", "service_unavailable"),
    refusal(429, "idempotency_conflict"),
    httpx.Response(200, text="<html>"),
    httpx.Response(404, text="<html>"),
    httpx.Response(302, json={}),
]


@pytest.mark.parametrize("failure", AGAIN)
def test_what_may_pass_is_tried_again_as_the_very_same_request(patient, time, httpx_mock, session, failure):
    answer_with(httpx_mock, failure, failure, httpx.Response(200, json=session))
    updated = patient.checkout_sessions.update("cs_1", buyer=None)
    sent = httpx_mock.get_requests()
    assert len(sent) == 3
    assert len({(request.method, request.url, request.content, str(request.headers)) for request in sent}) == 1
    assert sent[0].headers["idempotency-key"] == exchange_of(updated).idempotency_key
    exchange = exchange_of(updated)
    assert (exchange.tries, len(exchange.failures), exchange.looked_up) == (3, 2, False)
    assert exchange_of(exchange.failures[1]).tries == 2


@pytest.mark.parametrize("failure", NEVER)
def test_what_cannot_pass_is_raised_at_once(patient, time, httpx_mock, failure):
    answer_with(httpx_mock, failure)
    with pytest.raises((errors.ProtocolError, errors.UnreadableAnswer)) as raised:
        patient.checkout_sessions.update("cs_1", buyer=None)
    assert len(httpx_mock.get_requests()) == 1
    assert time.slept == []
    assert exchange_of(raised.value).tries == 1


def test_two_retries_and_then_the_last_failure_is_raised(patient, time, httpx_mock):
    answer_with(httpx_mock, httpx.ReadTimeout("slow"), refusal(500), refusal(503, "contended"))
    with pytest.raises(errors.ServerFault) as raised:
        patient.checkout_sessions.create(["mug"], "eur")
    assert (raised.value.code, len(httpx_mock.get_requests())) == ("contended", 3)
    exchange = exchange_of(raised.value)
    assert [type(failure) for failure in exchange.failures] == [errors.TimedOut, errors.ServerFault]
    assert time.slept == [0.5, 1.0]


def test_the_cause_of_a_lost_connection_stays_with_it_through_the_retries(patient, httpx_mock):
    cause = httpx.ReadError("lost")
    answer_with(httpx_mock, cause)
    with pytest.raises(errors.ConnectionFailed) as raised:
        patient.discover()
    assert raised.value.__cause__ is cause


@pytest.mark.parametrize(("most", "slept"), [(0, []), (1, [0.5]), (7, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0])])
def test_the_range_of_the_waits_doubles_up_to_eight_seconds(patient, time, httpx_mock, most, slept):
    answer_with(httpx_mock, refusal(500))
    with pytest.raises(errors.ServerFault):
        patient.with_options(max_retries=most).checkout_sessions.retrieve("cs_1")
    assert time.slept == slept


@pytest.mark.parametrize(("chance", "slept"), [(0.0, [0.0, 0.0]), (0.5, [0.25, 0.5])])
def test_the_wait_is_drawn_from_the_whole_range(time, httpx_mock, chance, slept):
    answer_with(httpx_mock, refusal(500))
    with (
        Client(SHOP, "k", sleep=time.slept.append, random=lambda: chance) as client,
        pytest.raises(errors.ServerFault),
    ):
        client.checkout_sessions.retrieve("cs_1")
    assert time.slept == slept


@pytest.mark.parametrize("failure", [(409, "idempotency_in_flight"), (429, "slow"), (503, "contended")])
def test_the_wait_is_what_the_other_side_asks_for(patient, time, httpx_mock, session, failure):
    answer_with(httpx_mock, refusal(*failure, **{"Retry-After": "7"}), httpx.Response(200, json=session))
    patient.checkout_sessions.create(["mug"], "eur")
    assert time.slept == [7]


def test_a_wait_may_be_asked_for_until_a_date(patient, time, httpx_mock, session):
    asked = {"Retry-After": "Fri, 01 May 2026 12:00:07 GMT", "Date": "Fri, 01 May 2026 12:00:00 GMT"}
    answer_with(httpx_mock, refusal(503, **asked), httpx.Response(200, json=session))
    (failure,) = exchange_of(patient.checkout_sessions.retrieve("cs_1")).failures
    assert isinstance(failure, errors.ServerFault)
    assert (time.slept, failure.retry_after) == ([7], 7)


def test_a_wait_of_nothing_does_not_bring_the_retries_all_at_once(patient, time, httpx_mock):
    answer_with(httpx_mock, refusal(409, "idempotency_in_flight", **{"Retry-After": "0"}))
    with pytest.raises(errors.IdempotencyInFlight):
        patient.checkout_sessions.create(["mug"], "eur")
    assert time.slept == [0.5, 1.0]


def test_a_page_of_a_proxy_may_ask_for_a_wait_too(patient, time, httpx_mock, session):
    page = httpx.Response(503, text="<html>", headers={"Retry-After": "3"})
    answer_with(httpx_mock, page, httpx.Response(200, json=session))
    patient.checkout_sessions.retrieve("cs_1")
    assert time.slept == [3]


@pytest.mark.parametrize("value", ["soon", "-1", "7.5", "Fri, 01 May 2026 12:00:07 GMT", ""])
def test_a_wait_that_cannot_be_told_is_one_that_nobody_asked_for(patient, time, httpx_mock, session, value):
    answer_with(httpx_mock, refusal(503, **{"Retry-After": value}), httpx.Response(200, json=session))
    patient.checkout_sessions.retrieve("cs_1")
    assert time.slept == [0.5]


@pytest.mark.parametrize("asked", [31, 9_999_999_999, 10**40])
def test_a_wait_that_is_too_long_is_left_to_the_caller(patient, time, httpx_mock, asked):
    answer_with(httpx_mock, refusal(429, **{"Retry-After": str(asked)}))
    with pytest.raises(errors.ProtocolError) as raised:
        patient.checkout_sessions.retrieve("cs_1")
    assert (raised.value.retry_after, time.slept) == (min(asked, 999_999_999), [])
    assert len(httpx_mock.get_requests()) == 1


def test_a_call_is_not_tried_again_a_minute_after_it_began(patient, time, httpx_mock):
    answer_with(httpx_mock, refusal(503, **{"Retry-After": "25"}))
    with pytest.raises(errors.ServerFault):
        patient.with_options(max_retries=9).checkout_sessions.retrieve("cs_1")
    assert time.slept == [25, 25]


@pytest.mark.parametrize("most", [-1, 1.5, "2", None, True])
def test_a_number_of_retries_that_is_none_is_refused(most):
    with pytest.raises(errors.UsageError, match="max_retries"):
        Client(SHOP, "k", max_retries=most)


def test_each_retry_is_told_in_the_log_with_what_failed_and_how_long_it_waits(patient, httpx_mock, session, caplog):
    caplog.set_level(logging.INFO, "acp.client")
    failed = httpx.Response(500, json={"code": "internal_error", "message": "Bearer sk_live_1 is wrong"})
    answer_with(httpx_mock, failed, httpx.Response(200, json=session))
    patient.checkout_sessions.retrieve("cs_1")
    (record,) = caplog.records
    assert record.getMessage() == (
        "GET https://shop.test/acp/checkout_sessions/cs_1: try 1 failed (500 internal_error: Bearer *** is wrong), "
        "next in 0.50 s"
    )


async def test_the_awaited_client_tries_again_in_the_same_way(time, httpx_mock, session):
    answer_with(httpx_mock, httpx.ReadError("lost"), refusal(503), httpx.Response(200, json=session))
    async with AsyncClient(SHOP, "k", clock=time.now, sleep=time.sleep, random=lambda: 1.0) as client:
        updated = await client.checkout_sessions.update("cs_1", buyer=None)
    assert exchange_of(updated).tries == 3
    assert time.slept == [0.5, 1.0]


def test_waiting_works_on_trio_as_on_asyncio(session):
    answers = [httpx.Response(503, json={}), httpx.Response(200, json=session)]
    transport = httpx.MockTransport(lambda request: answers.pop(0))

    async def retrieve():
        async with httpx.AsyncClient(transport=transport) as http:
            client = AsyncClient(SHOP, "k", http_client=http, random=lambda: 0.01)
            return await client.checkout_sessions.retrieve("cs_1")

    assert trio.run(retrieve).id == "cs_1"
