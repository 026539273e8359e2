"""Checks of what comes back with a token, and of what never may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acp import headers
from conformance.checking.registry import Look, observation
from conformance.trial.sight import Sight

SHORTEST_NUMBER: Final = 12
"""Digits of a card number (ISO/IEC 7812); a shorter text stands in an answer by chance."""


@observation("delegate-payment.success.content-type", of="token", always=True)
def a_token_is_labelled_as_json(sight: Sight) -> Iterator[Look]:
    """The Content-Type of an answer with a token."""
    said = sight.exchange.header(headers.CONTENT_TYPE)
    yield Look("$", "" if headers.is_json(said) else f"A token came as Content-Type {said!r}.")


@observation("delegate-payment.success.request-id-header", of="token")
def a_token_comes_with_the_id_of_its_request(sight: Sight) -> Iterator[Look]:
    """The Request-Id of the answer to a control request, beside the one that was sent; a replay may show the first."""
    sent, came = sight.exchange.sent.header(headers.REQUEST_ID), sight.exchange.header(headers.REQUEST_ID)
    if sight.exchange.purpose == "control" and sent is not None:
        yield Look("$", "" if came == sent else f"Request-Id {sent!r} came back as {came!r}.")


@observation("delegate-payment.success.metadata-correlation", of="token")
def the_metadata_tell_which_request_they_answer(sight: Sight) -> Iterator[Look]:
    """The metadata of the answer to a control request: nothing is said otherwise, and something comes back at all."""
    metadata = sight.get("$.metadata")
    if sight.exchange.purpose != "control" or not isinstance(metadata, dict):
        return
    named = {
        "merchant_id": sight.asked.get("allowance", {}).get("merchant_id"),
        "idempotency_key": sight.exchange.sent.header(headers.IDEMPOTENCY_KEY),
    }
    for name, sent in named.items():
        if name in metadata and metadata[name] != sent:
            yield Look(f"$.metadata.{name}", f"metadata.{name} is {metadata[name]!r}, and {sent!r} was sent.")
    known = {*named.values(), *sight.asked.get("metadata", {}).values()}
    yield Look(
        "$.metadata", "" if known & {*map(str, metadata.values())} else "Nothing that was sent comes back in it."
    )


@observation("delegate-payment.security.no-pan-echo", of="reply")
def no_card_number_comes_back(sight: Sight) -> Iterator[Look]:
    """Whether the number of the card stands anywhere in an answer, or its code as a text of its own."""
    card = sight.asked.get("payment_method")
    number, code = (str(card.get(name, "")) for name in ("number", "cvc")) if isinstance(card, dict) else ("", "")
    answer = sight.exchange.answer
    if len(number) < SHORTEST_NUMBER or answer is None:
        return
    shown = [answer.body.decode("utf-8", "replace"), *(value for _, value in answer.headers)]
    if any(number in text for text in shown):
        yield Look("$", "The number of the card stands in the answer.")
    at = next((path for path, value in sight.select("$..*") if code and value == code), None)
    yield Look(at or "$", f"The code of the card stands at {at}." if at else "")
