"""What the tests of variations share: a walk through an unusual shop and a plain one, held to what is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Send

from merchant_mock.levers import Lever
from merchant_mock.variations import variations
from merchant_mock.wire import connection, stage
from merchant_mock.wire.exchange import Reply
from tests import published
from tests.merchant_mock.errands import PARTS
from tests.merchant_mock.manners.errands import Errand, part_of
from tests.merchant_mock.walk import Step, Transcript, shop_on_the_way


def walk_of(folder: Path, errands: tuple[Errand, ...], *levers: Lever) -> Transcript:
    folder.mkdir()
    with shop_on_the_way(folder, levers) as walker:
        for errand in errands:
            walker.part = part_of(errand)
            (PARTS[errand] if isinstance(errand, str) else errand)(walker)
        return walker.steps


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[Errand, ...]], Transcript]:
    """The transcript of errands in the plain shop, walked once."""
    known: dict[tuple[Errand, ...], Transcript] = {}

    def walked(errands: tuple[Errand, ...]) -> Transcript:
        if errands not in known:
            known[errands] = walk_of(tmp_path_factory.mktemp("plain") / "shop", errands)
        return known[errands]

    return walked


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that replies asked for, none of which is made."""
    asked: list[float] = []

    async def at_once(reply: Reply, receive: Receive, send: Send) -> None:
        asked.append(reply.after)
        await connection.deliver(replace(reply, after=0.0), receive, send)

    monkeypatch.setattr(stage, "deliver", at_once)
    return asked


def definition_of(document: Any, status: int) -> str:
    """The published definition that a reply is to satisfy."""
    if status >= 400:
        return "schema.agentic_checkout.json#/$defs/Error"
    if "api_base_url" in document:
        return "schema.agentic_checkout.json#/$defs/DiscoveryResponse"
    if "line_items" in document:
        return "schema.agentic_checkout.json#/$defs/CheckoutSession"
    return "schema.delegate_payment.json#/$defs/DelegatePaymentResponse"


def check_published(step: Step) -> None:
    """Hold a step against the published definitions; an event's data is an order with what events require (WH-11)."""
    document, definition = step.document, None
    if step.label.startswith("event:"):
        assert set(document) == {"type", "data"}
        assert {"type", "id", "checkout_session_id", "permalink_url", "status"} <= set(document["data"])
        document, definition = document["data"], "schema.agentic_checkout.json#/$defs/Order"
    validator = published.validator(definition or definition_of(document, step.status))
    wrong = next(validator.iter_errors(document), None)
    assert wrong is None, f"{step.label}: {wrong.instance_path}: {wrong.message}"


def by_label(transcript: Transcript) -> dict[str, Step]:
    return {step.label: step for step in transcript}


def steps_of(folder: Path, name: str, *errands: Errand) -> dict[str, Step]:
    return by_label(walk_of(folder / "shop", errands, *variations([name])))
