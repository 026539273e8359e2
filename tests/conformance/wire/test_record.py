"""An exchange is kept so that it can be written down, whatever came."""

from __future__ import annotations

import json

import pytest

from conformance.verdict import runfile
from conformance.wire.exchange import Answer
from conformance.wire.record import LONGEST_BODY, record_of
from conformance.wire.secrets import Secrets
from tests.conformance.reports.runs import exchange


def kept(body: bytes) -> dict:
    return record_of(exchange(1, answer=Answer(200, (), body)), Secrets())["answer"]


@pytest.mark.parametrize("body", [b'{"id": "cs_1"}', b"[]", b"0", b'"caf\xc3\xa9"'])
def test_json_is_kept_as_json(body):
    assert kept(body)["json"] == json.loads(body)
    assert kept(body)["bytes"] == len(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b'"\\ud800"',
        b"[" * 900 + b"]" * 900,
        b'{"n": 100000000000000000000000}',
        b"[" + b"1," * LONGEST_BODY + b"1]",
        b"\xff\xfe",
    ],
    ids=["no JSON", "half a character", "nested deep", "beyond 64 bits", "too long", "no UTF-8"],
)
def test_what_could_not_be_written_as_json_again_is_kept_as_text(body):
    told = kept(body)
    assert "json" not in told
    assert told["text"] == body[:LONGEST_BODY].decode("utf-8", "replace")
    assert told["bytes"] == len(body)
    assert json.loads(runfile.text({"exchanges": [told]}))


def test_without_a_body_nothing_is_kept_of_it():
    assert set(kept(b"")) == {"status", "headers"}
