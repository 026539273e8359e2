"""Two validators, one answer; and problems that say where, of what kind and what is expected."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from schemas.explain import Explainer
from schemas.problem import GENERAL, json_path
from schemas.registry import bundled, documents
from tests.schemas.documents import CREATE, OWN, SESSION, UNPUBLISHED
from tests.schemas.earlier import EARLIER, EVENTS
from tests.schemas.mutations import containers, mutated

LEAST = {"line_items": [{"id": "lamp"}], "currency": "eur", "capabilities": {}}
ALL = [
    *((schemas.LATEST, *case) for case in [*OWN, *UNPUBLISHED]),
    *((version, *case) for version, cases in EARLIER.items() for case in [*cases, *EVENTS]),
]

ODD = [
    *[
        "2026-04-17\n",
        "\u0662\u0660\u0662\u0666-04-17",
        "eur\n",
        "EUR\n",
        "4242\n",
        "\u0664242",
        "discount\n",
        "\ud800",
    ],
    *["a@b", "a@b\n", "http://a b", "mailto:x", "//x"],
    *["2026-04-17T10:00:00Z\n", "2026-04-17T23:59:60Z", "2026-02-30T10:00:00Z"],
]
texts = st.text(st.characters(exclude_categories=()), max_size=8) | st.sampled_from(ODD)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.just(10**400)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)


def _create(*, overlay: bool = False) -> schemas.Validator:
    return schemas.validator("checkout", "CheckoutSessionCreateRequest", overlay=overlay)


def _explained(version: str, resource: str, definition: str, document: Any) -> list[schemas.Problem]:
    """What the explainer alone finds, whatever the fast engine says."""
    return Explainer(bundled(documents(version), resource, definition)).problems(document)


@pytest.mark.parametrize(
    ("version", "resource", "definition", "document"), ALL, ids=[f"{each[0]}/{each[1]}.{each[2]}" for each in ALL]
)
def test_our_own_documents_are_valid_to_both_engines(
    version: str, resource: str, definition: str, document: Any
) -> None:
    assert schemas.validator(resource, definition, version=version).is_valid(document)
    assert _explained(version, resource, definition, document) == []


@settings(max_examples=1000, deadline=None)
@given(case=st.sampled_from(ALL), seed=st.integers(0, 2**32), value=values, damaged=st.booleans())
def test_a_document_is_valid_exactly_if_there_is_no_problem(
    case: tuple[str, str, str, Any], seed: int, value: Any, damaged: bool
) -> None:
    version, resource, definition, document = case
    random = Random(seed)
    mutant = mutated(document, random) if damaged else deepcopy(document)
    container = random.choice(containers(mutant))
    keys = list(container) if isinstance(container, dict) else list(range(len(container)))
    if keys:
        container[random.choice(keys)] = value
    check = schemas.validator(resource, definition, version=version)
    assert check.is_valid(mutant) == (check.problems(mutant) == [])
    if not _beyond_explanation(mutant):
        assert check.is_valid(mutant) == (_explained(version, resource, definition, mutant) == [])


def _beyond_explanation(document: Any) -> bool:
    """Text that is no Unicode, or numbers that no JSON parser we use lets through."""
    return "\\ud" in ascii(document) or "inf" in repr(document)


@pytest.mark.parametrize(
    ("pattern_of", "text"),
    [
        (("checkout", "ProtocolVersion", "version"), "2026-04-17\n"),
        (("checkout", "ProtocolVersion", "version"), "\u0662\u0660\u0662\u0666-04-17"),
        (("feed", "FeedMetadata", "target_country"), "DE\n"),
        (("feed", "FeedMetadata", "target_country"), "\uff24\uff25"),
    ],
)
def test_patterns_are_read_as_ecma_262_by_both_engines(pattern_of: tuple[str, str, str], text: str) -> None:
    resource, definition, member = pattern_of
    document = {"id": "f", member: text} if resource == "feed" else {member: text}
    check = schemas.validator(resource, definition)
    assert not check.is_valid(document)
    assert check.problems(document)[0].path == f"$.{member}"
    assert check.is_valid(document | {member: "2026-04-17" if resource == "checkout" else "DE"})


@pytest.mark.parametrize(
    ("member", "text", "valid"),
    [
        ("member_since", "2026-04-17T10:00:00Z", True),
        ("member_since", "2026-04-17t10:00:00.123+02:00", True),
        ("member_since", "2026-04-17T23:59:60Z", True),
        ("member_since", "2026-04-17T10:00:00", False),
        ("member_since", "2026-02-30T10:00:00Z", False),
        ("member_since", "2026-04-17T10:00:00Z\n", False),
        ("member_since", "2026-04-17", False),
    ],
)
def test_formats_are_asserted(member: str, text: str, valid: bool) -> None:
    problems = schemas.validator("checkout", "LoyaltyInfo").problems({member: text})
    assert (problems == []) == valid
    assert all(problem.path == f"$.{member}" and "RFC 3339" in problem.message for problem in problems)


# ---- paths, codes and sentences


def test_a_missing_member_is_named_by_the_path_it_would_have() -> None:
    assert _create().problems({}) == [
        schemas.Problem("$.line_items", "missing", "'line_items' is required."),
        schemas.Problem("$.currency", "missing", "'currency' is required."),
        schemas.Problem("$.capabilities", "missing", "'capabilities' is required."),
    ]


def test_an_unknown_member_is_named_by_its_path_with_the_name_that_was_meant() -> None:
    assert _create().problems(LEAST | {"order_note": "x"}) == [
        schemas.Problem("$.order_note", "unknown", "'order_note' is not a member here; did you mean 'order_notes'?")
    ]


@pytest.mark.parametrize(
    ("members", "path", "message"),
    [
        ({"currency": 5}, "$.currency", "'currency' must be a string."),
        ({"line_items": []}, "$.line_items", "'line_items' must hold at least 1 item."),
        ({"line_items": [5]}, "$.line_items[0]", "An item of 'line_items' must be an object."),
        ({"buyer": {"email": "x"}}, "$.buyer.email", "'email' must be an e-mail address."),
        ({"order_notes": "x" * 5001}, "$.order_notes", "'order_notes' must have at most 5000 characters."),
        (
            {"capabilities": {"extensions": []}},
            "$.capabilities.extensions",
            "'extensions' must fit exactly one of the allowed forms.",
        ),
        (
            {"capabilities": {"interventions": {"enforcement": "never"}}},
            "$.capabilities.interventions.enforcement",
            "'enforcement' must be always, conditional or optional.",
        ),
        (
            {"capabilities": {"interventions": {"max_redirects": -1}}},
            "$.capabilities.interventions.max_redirects",
            "'max_redirects' must be 0 or more.",
        ),
        (
            {"affiliate_attribution": {"provider": "p", "token": "t", "metadata": {"a": []}}},
            "$.affiliate_attribution.metadata.a",
            "'a' must be a string, a number or true or false.",
        ),
        ({"locale": None}, "$.locale", "'locale' must be a string."),
    ],
)
def test_an_invalid_value_gets_a_path_and_a_sentence(members: dict[str, Any], path: str, message: str) -> None:
    assert _create().problems(LEAST | members) == [schemas.Problem(path, "invalid", message)]


def test_a_quantity_of_nothing_is_told_to_be_more() -> None:
    check = schemas.validator("checkout", "Item", version="2025-09-29")
    assert check.problems({"id": "flour", "quantity": 0}) == [
        schemas.Problem("$.quantity", "invalid", "'quantity' must be more than 0.")
    ]


def test_the_document_itself_can_be_the_problem() -> None:
    assert _create().problems([]) == [schemas.Problem("$", "invalid", "The document must be an object.")]


def test_what_is_missing_comes_first_and_what_is_unknown_last() -> None:
    document = {"line_items": [{"name": "x", "extra": 1}], "currency": 5, "surplus": 1}
    assert [(problem.path, problem.code) for problem in _create().problems(document)] == [
        ("$.capabilities", "missing"),
        ("$.line_items[0].id", "missing"),
        ("$.currency", "invalid"),
        ("$.surplus", "unknown"),
        ("$.line_items[0].extra", "unknown"),
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a b", "$['a b']"),
        ("it's", "$['it\\'s']"),
        ("back\\slash", "$['back\\\\slash']"),
        ("tab\tnew\nline\x01", "$['tab\\tnew\\nline\\u0001']"),
        ("naïve", "$['naïve']"),
        ("7up", "$['7up']"),
        ("", "$['']"),
    ],
)
def test_odd_names_are_escaped_as_rfc_9535_says(name: str, path: str) -> None:
    assert _create().problems(LEAST | {name: 1})[0].path == path == json_path([name])


@pytest.mark.parametrize("name", ["x" * 65, "\ud800"])
def test_a_name_that_cannot_stand_in_a_path_is_told_of_its_object(name: str) -> None:
    assert _create().problems(LEAST | {name: 1}) == [schemas.Problem("$", "unknown", "A member is not known here.")]


def test_no_value_is_repeated_in_a_sentence() -> None:
    request = {
        "payment_method": {"type": "card", "number": 4242424242424242, "cvc": "99999", "card_number_type": "secret"},
        "allowance": "4242424242424242",
    }
    problems = schemas.validator("delegate_payment", "DelegatePaymentRequest").problems(request)
    told = " ".join(problem.message for problem in problems)
    assert "'number' must be a string." in told
    assert not any(secret in told for secret in ("4242", "99999", "secret"))


def test_a_hostile_document_gets_a_bounded_list() -> None:
    crowd = {"x" + str(number): number for number in range(5000)}
    assert len(_create().problems(LEAST | crowd)) == 20
    assert len(_create().problems(LEAST | {"line_items": [5] * 5000})) == 100


# ---- choices


def _option(**members: Any) -> list[tuple[str, str]]:
    problems = schemas.validator("checkout", "CheckoutSession").problems(SESSION | {"fulfillment_options": [members]})
    return [(problem.path.removeprefix("$.fulfillment_options[0]"), problem.code) for problem in problems]


def test_the_branch_with_the_right_type_explains_a_choice() -> None:
    assert _option(type="pickup", id="p", title="Shop", totals=[]) == [(".location", "missing")]
    assert _option(type="shipping", id="p", title="Post", totals=[], location=1) == [(".location", "unknown")]


def test_a_type_that_no_branch_has_is_the_one_problem() -> None:
    assert _option(type="drone", id=1) == [(".type", "invalid")]


def test_a_missing_type_is_the_one_problem() -> None:
    assert _option(id=1) == [(".type", "missing")]


def test_a_payment_without_anything_asks_for_the_handler_not_for_a_purchase_order() -> None:
    problems = schemas.validator("checkout", "CheckoutSessionCompleteRequest").problems({"payment_data": {}})
    assert [problem.path for problem in problems] == ["$.payment_data.handler_id", "$.payment_data.instrument"]


def test_the_form_that_fits_better_explains_a_list_of_extensions() -> None:
    def paths(extensions: Any) -> list[str]:
        problems = schemas.validator("checkout", "Capabilities").problems({"extensions": extensions})
        return [problem.path for problem in problems]

    assert paths([{"name": "Not a name"}]) == ["$.extensions[0].name"]
    assert paths(["discount", 5]) == ["$.extensions[1]"]


# ---- what cannot be explained


@pytest.mark.parametrize("depth", [200, 2000, 100_000])
def test_a_document_nested_too_deep_to_explain_gets_the_general_problem(depth: int) -> None:
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    problems = _create().problems(LEAST | {"line_items": nested})
    assert problems == [GENERAL] or problems[0].path == "$.line_items[0]"
    assert _create().problems(LEAST | {"capabilities": {"extensions": [nested, nested]}}) != []


def test_an_integer_too_long_to_print_gets_the_general_problem() -> None:
    assert _create().problems(LEAST | {"currency": 10**5000}) == [GENERAL]


def test_text_that_is_no_unicode_is_refused_with_the_general_problem() -> None:
    assert schemas.validator("extension", "extension_identifier").problems("\ud800") == [GENERAL]
    assert schemas.validator("checkout", "ProtocolVersion").problems({"version": "\ud800"}) == [GENERAL]


def test_what_is_no_json_at_all_is_refused() -> None:
    assert _create().problems(LEAST | {1: 2}) != []  # type: ignore[operator]
    assert _create().problems(LEAST | {"currency": b"eur"}) != []


# ---- many at once, and late


def test_a_validator_is_made_once() -> None:
    assert _create() is _create()
    assert _create() is not _create(overlay=True)
    assert repr(_create()) == "<Validator of checkout.json CheckoutSessionCreateRequest>"


def test_deciding_loads_neither_engine_before_it_is_asked_nor_the_explainer_at_all() -> None:
    script = (
        "import sys, schemas; v = schemas.validator('checkout', 'Order'); print('jsonschema_rs' in sys.modules);"
        "v.is_valid({}); print('jsonschema' in sys.modules); v.problems({}); print('jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


def test_one_validator_serves_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda each: _create().is_valid(each), [CREATE, {}] * 500))
    assert verdicts == [True, False] * 500


@pytest.mark.parametrize(
    ("update", "path"),
    [
        ({"selected_fulfillment_options": [{"type": 5, "option_id": 6, "item_ids": []}]}, "[0].option_id"),
        ({"line_items": [{"id": 5}, {"id": 6}, {"id": 7}]}, "[0].id"),
        ({"buyer": {"email": 5, "first_name": 6}}, ".email"),
    ],
)
def test_a_value_of_the_right_kind_is_told_what_is_wrong_inside_it_and_not_to_be_null(
    update: dict[str, Any], path: str
) -> None:
    [member] = update
    problems = schemas.validator("checkout", "CheckoutSessionUpdateRequest", overlay=True).problems(update)
    assert f"$.{member}{path}" in [problem.path for problem in problems]
    assert not any("null" in problem.message for problem in problems if problem.path == f"$.{member}")
