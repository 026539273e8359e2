"""Log lines for machines: what they say, which request they belong to, and what they never show."""

import io
import json
import logging

import pytest

from acp.server.logs import JsonFormatter, RequestLog
from tests.acp.server.conftest import CREATE


@pytest.fixture
def lines():
    """A function that gives the JSON lines logged by anybody since the test began."""
    written, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(written), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)


def line(message="told", *arguments, failure=None, **extra):
    cause = (type(failure), failure, failure.__traceback__) if failure else None
    record = logging.LogRecord("shop", logging.WARNING, __file__, 1, message, arguments, cause)
    vars(record).update(extra)
    return JsonFormatter().format(record)


def test_a_line_is_one_json_object_with_time_level_logger_and_message():
    written = json.loads(line("%s left", 3))
    assert written.pop("time").endswith("+00:00")
    assert written == {"level": "WARNING", "logger": "shop", "message": "3 left"}


def test_a_message_of_several_lines_stays_one_line():
    forged = line("%s", 'nothing"}\n{"level": "INFO", "message": "forged"}')
    assert "\n" not in forged
    assert json.loads(forged)["level"] == "WARNING"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (("card %s", "4242 4242 4242 4242"), "card ***4242"),
        (("paid with vt_0123456789abcdef",), "paid with vt_***"),
        (("Authorization: Bearer acp_demo_key",), "Authorization: Bearer ***"),
        (("card %d of %d", "4242424242424242"), "card %d of %d ('***4242',)"),
    ],
)
def test_secrets_in_a_message_are_masked_even_when_it_cannot_be_formatted(written, shown):
    assert json.loads(line(*written))["message"] == shown


def test_secrets_that_came_as_extra_are_masked_by_name_and_by_value():
    extra = json.loads(
        line(card={"number": "x", "note": "4242424242424242"}, token="abc", seen=[4242424242424242], at=object())
    )
    assert extra["card"] == {"number": "***", "note": "***4242"}
    assert (extra["token"], extra["seen"]) == ("***", ["***4242"])
    assert extra["at"].startswith("<object object")


def test_secrets_in_a_traceback_are_masked():
    try:
        raise ValueError("4242424242424242")
    except ValueError as error:
        written = json.loads(line("failed", failure=error))
    assert "ValueError: ***4242" in written["traceback"]
    assert "4242424242424242" not in json.dumps(written)


def test_what_json_cannot_say_is_written_as_text_and_masked_too():
    loop = {"card": "4242424242424242"}
    loop["self"] = loop
    for odd in (loop, {("a", "b"): "4242424242424242"}, {"lone": "\ud800"}):
        written = json.loads(line(odd=odd))
        assert written["message"] == "told"
        assert "4242424242424242" not in json.dumps(written)


async def test_each_request_is_a_line_with_its_id_owner_template_and_outcome(open_shop, lines):
    async with open_shop(observers=[RequestLog()]) as shopping:
        session = await shopping.create(Request_Id="req-7")
        await shopping.post(f"/checkout_sessions/{session['id']}", {"odd": 1}, Request_Id="req-8")
    made, refused = (told for told in lines() if told["logger"] == "acp.server.requests")
    assert {name: made[name] for name in made if name not in ("time", "seconds")} == {
        "level": "INFO",
        "logger": "acp.server.requests",
        "message": "POST /checkout_sessions 201",
        "request_id": "req-7",
        "owner": "agent one",
        "method": "POST",
        "path": "/checkout_sessions",
        "session_id": session["id"],
        "status": 201,
        "keyed": True,
        "replayed": False,
    }
    assert (refused["request_id"], refused["status"], refused["code"]) == ("req-8", 400, "unknown")
    assert refused["path"] == "/checkout_sessions/{checkout_session_id}"


async def test_what_a_backend_logs_during_a_request_carries_the_requests_id(open_shop, lines):
    async with open_shop(observers=[RequestLog()]) as shopping:

        def quoted(quote):
            logging.getLogger("shop.prices").info("priced for %s", "Bearer abc")
            return quote

        shopping.shop.change_quote = quoted
        await shopping.post("/checkout_sessions", CREATE, Request_Id="req-9")
        logging.getLogger("shop.prices").info("between requests")
    during, between = (told for told in lines() if told["logger"] == "shop.prices")
    assert (during["request_id"], during["owner"], during["message"]) == ("req-9", "agent one", "priced for Bearer ***")
    assert "request_id" not in between
