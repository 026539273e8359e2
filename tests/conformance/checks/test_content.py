"""The checks of messages and disclosures, on sessions made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.checking.markdown import raw_html
from tests.conformance.checks.orders_seen import answered, looked, wrong

INFO = {"type": "info", "content_type": "plain", "content": "Tax comes later."}
WARNING = {"type": "warning", "code": "low_stock", "content_type": "markdown", "content": "**Two** left."}
ERROR = {
    "type": "error",
    "code": "out_of_stock",
    "severity": "high",
    "resolution": "recoverable",
    "param": "$.line_items[0].item",
    "content_type": "plain",
    "content": "Sold out.",
}
SESSION = {
    "id": "cs_1",
    "status": "not_ready_for_payment",
    "currency": "usd",
    "line_items": [{"id": "li_1", "item": {"id": "mug"}}],
    "totals": [],
}
RULES = (
    "message.union", "message.closed-object", "message.severity-enum", "message.resolution-enum",
    "message.param-jsonpath", "message.param-not-null", "message.param-resolves", "message.content-string",
    "info.required", "info.no-code", "warning.required", "warning.code-enum", "error.required", "error.code-enum",
    "content-type-enum", "markdown.no-raw-html",
)  # fmt: skip


def seen(*messages, version="2026-04-17", **members):
    return answered({**SESSION, "messages": list(messages), **members}, version)


def broken(rule, *messages, **members):
    return wrong(f"checkout.content.{rule}", seen(*messages, **members))


@pytest.mark.parametrize("rule", RULES)
def test_messages_as_the_schema_has_them_are_found_right(rule):
    sights = seen(INFO, WARNING, ERROR)
    assert looked(f"checkout.content.{rule}", sights)
    assert wrong(f"checkout.content.{rule}", sights) == []


@pytest.mark.parametrize(
    ("rule", "message", "at"),
    [
        ("message.union", {**INFO, "type": "notice"}, "$.messages[0].type"),
        ("message.closed-object", {**INFO, "id": "msg_1"}, "$.messages[0].id"),
        ("message.severity-enum", {**INFO, "severity": "error"}, "$.messages[0].severity"),
        ("message.resolution-enum", {**INFO, "resolution": "retry"}, "$.messages[0].resolution"),
        ("message.param-jsonpath", {**INFO, "param": "/line_items/0"}, "$.messages[0].param"),
        ("message.param-not-null", {**ERROR, "param": None}, "$.messages[0].param"),
        ("message.param-resolves", {**INFO, "param": "$.line_items[99]"}, "$.messages[0].param"),
        ("message.content-string", {**INFO, "content": {"en": "Later."}}, "$.messages[0].content"),
        ("info.no-code", {**INFO, "code": "tax"}, "$.messages[0].code"),
        ("warning.code-enum", {**WARNING, "code": "nearly_gone"}, "$.messages[0].code"),
        ("error.code-enum", {**ERROR, "code": ["out_of_stock"]}, "$.messages[0].code"),
        ("content-type-enum", {**INFO, "content_type": "html"}, "$.messages[0].content_type"),
        ("markdown.no-raw-html", {**WARNING, "content": "<b>Two</b> left."}, "$.messages[0].content"),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(rule, message, at):
    assert broken(rule, message) == [at]


def test_a_code_of_an_active_extension_is_nobodys_business():
    own = {**WARNING, "code": "bundle_incomplete"}
    assert broken("warning.code-enum", own, capabilities={"extensions": ["com.example.bundles"]}) == []


@pytest.mark.parametrize(
    "param",
    [
        "$['line_items'][0]",
        "$.line_items[?@.id=='li_1']",
        "$.payment_data.token",
        "$",
        7,
    ],
)
def test_a_param_that_may_lead_somewhere_is_not_called_a_dead_end(param):
    assert broken("message.param-resolves", {**ERROR, "param": param}) == []


def test_a_param_may_lead_into_the_request():
    (sight,) = seen({**ERROR, "param": "$.line_items[0].quantity"})
    assert wrong("checkout.content.message.param-resolves", [sight]) == ["$.messages[0].param"]
    request = {"line_items": [{"id": "mug", "quantity": 9}]}
    asked = replace(sight, asked=request, given=(request,))
    assert wrong("checkout.content.message.param-resolves", [asked]) == []


def test_what_is_missing_need_not_be_there_to_be_pointed_at():
    assert broken("message.param-resolves", {**ERROR, "code": "missing", "param": "$.line_items[0].size"}) == []


def test_members_that_came_later_are_unknown_to_an_earlier_version():
    plain = {name: value for name, value in ERROR.items() if name not in ("severity", "resolution")}
    assert wrong("checkout.content.message.closed-object", seen(plain, version="2025-09-29")) == []
    assert wrong("checkout.content.message.closed-object", seen(ERROR, version="2026-01-30")) == [
        "$.messages[0].resolution"
    ]


@pytest.mark.parametrize(
    ("disclosures", "found"),
    [
        ([{"type": "disclaimer", "content_type": "plain", "content": "Sharp."}], 0),
        ([{"type": "warning", "content_type": "plain", "content": "Sharp."}], 1),
        ([{"type": "disclaimer", "content": "Sharp."}], 1),
        ("Sharp.", 1),
    ],
)
def test_a_disclosure_is_a_disclaimer_with_content(disclosures, found):
    sights = seen(line_items=[{"id": "li_1", "disclosures": disclosures}])
    assert len(wrong("checkout.content.disclosure.shape", sights)) == found


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Please *look* at [your cart](https://shop.example/cart).", ""),
        ("See <https://shop.example>.", ""),
        ("Write `<b>` for bold.", ""),
        ("    <p>code</p>", ""),
        ("\\<b> is no tag, and 3 < 4 > 2.", ""),
        ("<!-- internal note -->", ""),
        ("Now <!-- soon --> and then.", ""),
        ("A line<br/>and another.", "<br/>"),
        ("<p>Please look.</p>", "<p>Please look.</p>"),
        ("> <script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_raw_html_is_told_from_what_only_looks_like_it(text, html):
    assert raw_html(text).strip() == html
