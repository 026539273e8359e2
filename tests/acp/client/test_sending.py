"""A payment whose answer is lost: what the session says decides, and without its word nothing is sent again."""

from __future__ import annotations

import httpx
import pytest

from acp import errors
from acp.client import Client, exchange_of
from tests.acp.client.conftest import SHOP
from tests.acp.client.test_retries import refusal

LOST = httpx.ReadError("lost")
NEVER_SENT = httpx.ConnectError("refused")


class Script:
    """Answers completions and looks from two lists, of which the last entry stands for all that follow."""

    def __init__(self, session, complete, look):
        self.session, self.left = session, {"POST": complete, "GET": look}
        self.asked = []

    def __call__(self, request):
        self.asked.append(request.method)
        left = self.left[request.method]
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=self.session | answer)


@pytest.fixture
def pay(httpx_mock, session):
    """Pay at a shop that answers by a script; returns the outcome and what was asked."""

    def paid(complete, look, *, max_retries=2, **members):
        script = Script(session, complete, look)
        httpx_mock.add_callback(script, is_reusable=True)
        waits = {"sleep": script.asked.append, "random": lambda: 1.0}
        with Client(SHOP, "k", max_retries=max_retries, **waits) as client:
            try:
                outcome = client.checkout_sessions.complete("cs_1", {}, **members)
            except errors.AcpError as error:
                outcome = error
        return outcome, script.asked

    return paid


def status(name):
    return {"status": name}


UNCLEAR = [
    LOST,
    httpx.ReadTimeout("slow"),
    refusal(500),
    refusal(503, "contended"),
    refusal(409, "idempotency_in_flight"),
    refusal(409, "payment_in_progress"),
    refusal(409),
    refusal(408),
    refusal(405, "session_finished"),
    httpx.Response(502, text="<html>"),
    httpx.Response(200, text="<html>"),
    httpx.Response(404, text="<html>"),
]


@pytest.mark.parametrize("failure", UNCLEAR)
def test_the_session_is_read_before_anything_else_after_a_failure_that_leaves_it_open(pay, failure):
    outcome, asked = pay([failure], [status("completed")])
    assert outcome.status == "completed"
    assert asked == ["POST", "GET"]
    assert exchange_of(outcome).looked_up


@pytest.mark.parametrize("final", ["canceled", "expired"])
def test_a_session_that_has_ended_without_payment_is_the_answer_too(pay, final):
    outcome, asked = pay([LOST], [status(final)])
    assert (outcome.status, asked) == (final, ["POST", "GET"])


@pytest.mark.parametrize("final", ["canceled", "expired"])
def test_a_refusal_because_the_session_has_ended_is_raised_unless_it_was_paid(pay, final):
    outcome, asked = pay([refusal(405, "session_finished")], [status(final)])
    assert isinstance(outcome, errors.NotAllowedNow)
    assert asked == ["POST", "GET"]


UNDER_WAY = ["complete_in_progress", "in_progress", "pending_approval"]


@pytest.mark.parametrize("under_way", UNDER_WAY)
def test_a_payment_under_way_is_waited_for_and_not_sent_again(pay, under_way):
    outcome, asked = pay([LOST], [status(under_way), status(under_way), status("completed")])
    assert outcome.status == "completed"
    assert asked == ["POST", "GET", 1.0, "GET", 1.0, "GET"]


@pytest.mark.parametrize("under_way", UNDER_WAY)
def test_a_payment_that_stays_under_way_is_told_as_what_it_is(pay, under_way):
    outcome, asked = pay([LOST], [status(under_way)])
    assert outcome.status == under_way
    assert asked.count("POST") == 1


def test_a_payment_under_way_that_was_not_made_is_sent_again(pay):
    look = [status("complete_in_progress"), status("ready_for_payment")]
    outcome, asked = pay([LOST, status("completed")], look)
    assert outcome.status == "completed"
    assert asked == ["POST", "GET", 1.0, "GET", "POST"]
    assert not exchange_of(outcome).looked_up


def test_a_request_still_on_its_way_is_given_time_before_the_payment_is_sent_again(pay):
    outcome, asked = pay([LOST], [status("ready_for_payment"), status("completed")])
    assert outcome.status == "completed"
    assert asked == ["POST", "GET", 1.0, "GET"]


@pytest.mark.parametrize("look", [LOST, refusal(404), httpx.Response(200, text="<html>"), {"status": "odd"}, status(7)])
def test_a_payment_is_never_sent_again_to_a_session_that_nobody_can_read(pay, look):
    outcome, asked = pay([LOST], [look])
    assert isinstance(outcome, errors.OutcomeUnknown)
    assert asked == ["POST", "GET", 1.0, "GET", 1.0, "GET"]
    assert (outcome.session is None) == (not isinstance(look, dict))


@pytest.mark.parametrize("failure", [refusal(405), refusal(409, "payment_in_progress"), refusal(409)])
def test_a_refusal_that_does_not_pass_is_looked_into_but_not_repeated(pay, failure):
    outcome, asked = pay([failure], [status("ready_for_payment")])
    assert isinstance(outcome, errors.OutcomeUnknown)
    assert isinstance(outcome.__cause__, errors.ProtocolError)
    assert asked.count("POST") == 1


def test_without_retries_the_session_is_still_read_once(pay):
    outcome, asked = pay([LOST], [status("completed")], max_retries=0)
    assert (outcome.status, asked) == ("completed", ["POST", "GET"])


def test_without_retries_and_without_a_word_it_is_unknown(pay):
    outcome, asked = pay([LOST], [status("ready_for_payment")], max_retries=0)
    assert isinstance(outcome, errors.OutcomeUnknown)
    assert outcome.session.status == "ready_for_payment"
    assert asked == ["POST", "GET"]


def test_a_bank_that_asks_for_authentication_has_answered_a_payment_without_one(pay):
    outcome, asked = pay([LOST], [status("authentication_required")])
    assert (outcome.status, asked) == ("authentication_required", ["POST", "GET"])


def test_with_the_authentication_that_was_asked_for_the_payment_is_sent_again(pay):
    result = {"outcome": "authenticated"}
    outcome, asked = pay([LOST, status("completed")], [status("authentication_required")], authentication_result=result)
    assert outcome.status == "completed"
    assert asked == ["POST", "GET", 1.0, "GET", "POST"]


def test_a_request_that_never_left_is_repeated_without_a_look_and_its_failure_is_no_mystery(pay):
    outcome, asked = pay([NEVER_SENT], [LOST])
    assert isinstance(outcome, errors.ConnectionFailed)
    assert not outcome.sent
    assert asked == ["POST", 0.5, "POST", 1.0, "POST"]


@pytest.mark.parametrize(
    "failure", [(400, "invalid"), (401, None), (409, "idempotency_conflict"), (422, "idempotency_conflict")]
)
def test_a_clear_refusal_is_raised_at_once(pay, failure):
    outcome, asked = pay([refusal(*failure)], [LOST])
    assert isinstance(outcome, errors.ProtocolError)
    assert asked == ["POST"]


OPEN, REFUSED, DECLINED = (
    status("ready_for_payment"),
    refusal(400, "requires_3ds"),
    {"messages": [{"type": "error", "code": "declined"}]},
)


def test_a_refusal_of_the_repetition_is_the_answer_once_the_session_is_seen_to_be_unpaid(pay):
    outcome, asked = pay([LOST, REFUSED], [OPEN])
    assert isinstance(outcome, errors.InvalidRequest)
    assert outcome.code == "requires_3ds"
    assert asked == ["POST", "GET", 1.0, "GET", "POST", "GET"]


def test_so_is_a_decline_of_the_repetition(pay):
    outcome, asked = pay([LOST, DECLINED], [OPEN])
    assert outcome.messages[0].code == "declined"
    assert asked == ["POST", "GET", 1.0, "GET", "POST", "GET"]


def test_what_a_shop_that_knows_the_key_replays_needs_no_second_look(pay):
    replayed = refusal(400, "requires_3ds", **{"Idempotent-Replayed": "true"})
    outcome, asked = pay([LOST, replayed], [OPEN])
    assert isinstance(outcome, errors.InvalidRequest)
    assert asked == ["POST", "GET", 1.0, "GET", "POST"]


@pytest.mark.parametrize("second", [REFUSED, refusal(422, "token_used"), refusal(404), DECLINED])
@pytest.mark.parametrize("late", ["completed", "complete_in_progress"])
def test_a_shop_without_keys_that_shows_the_payment_late_is_believed_over_its_refusal(pay, second, late):
    outcome, asked = pay([httpx.ReadTimeout("slow"), second], [OPEN, OPEN, status(late)])
    assert (outcome.status, exchange_of(outcome).looked_up) == (late, True)
    assert asked.count("POST") == 2


def test_a_payment_is_never_sent_again_without_time_for_the_first_to_show(httpx_mock, session):
    script = Script(session, [LOST, status("completed")], [OPEN])
    httpx_mock.add_callback(script, is_reusable=True)
    with Client(SHOP, "k", sleep=script.asked.append, random=lambda: 0.0) as client:
        client.checkout_sessions.complete("cs_1", {})
    assert script.asked == ["POST", "GET", 1.0, "GET", "POST"]


def test_a_client_that_is_closed_while_a_payment_is_unclear_leaves_it_unknown(httpx_mock, session):
    script = Script(session, [LOST], [OPEN])
    httpx_mock.add_callback(script, is_reusable=True)
    client = Client(SHOP, "k", sleep=lambda seconds: client.close())
    with pytest.raises(errors.OutcomeUnknown) as raised:
        client.checkout_sessions.complete("cs_1", {}, idempotency_key="mine")
    assert exchange_of(raised.value).idempotency_key == "mine"
    assert script.asked == ["POST", "GET"]


def test_a_client_that_is_closed_just_before_the_payment_goes_again_leaves_it_unknown_too(httpx_mock, session):
    script = Script(session, [LOST], [OPEN])

    def answer(request):
        if script.asked == ["POST", "GET"]:
            client.close()
        return script(request)

    httpx_mock.add_callback(answer, is_reusable=True)
    client = Client(SHOP, "k", sleep=lambda seconds: None)
    with pytest.raises(errors.OutcomeUnknown) as raised:
        client.checkout_sessions.complete("cs_1", {})
    assert script.asked == ["POST", "GET", "GET"]
    assert exchange_of(raised.value).tries == 2


def test_a_client_that_was_closed_before_sends_nothing_and_says_so():
    client = Client(SHOP, "k")
    client.close()
    with pytest.raises(errors.UsageError, match="closed"):
        client.checkout_sessions.complete("cs_1", {})


def test_whatever_a_transport_of_the_caller_s_own_raises_a_payment_is_looked_after(pay):
    outcome, asked = pay([RuntimeError("odd")], [ValueError("odd"), status("completed")])
    assert outcome.status == "completed"
    assert asked == ["POST", "GET", 1.0, "GET"]
    (failure,) = exchange_of(outcome).failures
    assert isinstance(failure.__cause__, RuntimeError)


@pytest.mark.parametrize(("second", "tries"), [(NEVER_SENT, 3), (refusal(401), 2), (refusal(429), 3)])
def test_a_second_failure_that_says_nothing_about_the_first_leaves_it_unknown(pay, second, tries):
    outcome, _ = pay([LOST, second], [status("ready_for_payment")])
    assert isinstance(outcome, errors.OutcomeUnknown)
    assert exchange_of(outcome).tries == tries


def test_a_limit_on_requests_is_waited_for_without_a_look(pay):
    outcome, asked = pay([refusal(429, **{"Retry-After": "2"}), status("completed")], [LOST])
    assert (outcome.status, asked) == ("completed", ["POST", 2, "POST"])


def test_an_in_flight_payment_waits_as_long_as_the_shop_says_between_its_looks(pay):
    failure = refusal(409, "idempotency_in_flight", **{"Retry-After": "3"})
    outcome, asked = pay([failure], [status("ready_for_payment"), status("completed")])
    assert (outcome.status, asked) == ("completed", ["POST", "GET", 3, "GET"])
