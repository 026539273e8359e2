"""Every variation, tried in a shop over real sockets: it is another shop than the plain one, and conformant too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import orjson
import pytest

from acp.errors import UsageError
from merchant_mock.data import HOME
from merchant_mock.faults import FAULTS, faults
from merchant_mock.manners import DISPATCHES, MANNERS, WRITTEN_LAST
from merchant_mock.manners.identity import BASE_PATHS, SHAPES
from merchant_mock.variations import VARIATIONS, variations
from merchant_mock.wire.edits import EDITS
from merchant_mock.wire.exchange import OPERATIONS
from tests.merchant_mock.manners.conftest import by_label, check_published, walk_of
from tests.merchant_mock.manners.errands import SEEN_IN, SHORT, Errand
from tests.merchant_mock.walk import Transcript, differences

IN_THE_SHOP = {
    "asks_3ds_at_once",
    "one_fulfillment_option",
    "payment_takes_a_moment",
    "unknown_items_are_messages",
}
"""Variations that are branches of `UnusualShop`."""


@pytest.mark.published
@pytest.mark.parametrize("name", [name for name in VARIATIONS if name not in BASE_PATHS])
def test_a_variation_is_another_shop_and_all_it_says_is_as_published(
    name: str,
    tmp_path: Path,
    plain: Callable[[tuple[Errand, ...]], Transcript],
    pauses: list[float],
) -> None:
    errands = SEEN_IN.get(name, SHORT)
    unusual = walk_of(tmp_path / "shop", errands, *variations([name]))
    assert differences(plain(errands), unusual) or max(pauses) > 0
    for step in unusual:
        assert 200 <= step.status < 500, step
        check_published(step)


def test_every_variation_is_on_the_wire_or_code_of_its_name() -> None:
    code = MANNERS.keys() | DISPATCHES.keys() | SHAPES.keys() | BASE_PATHS.keys() | IN_THE_SHOP
    assert {name for name, lever in VARIATIONS.items() if not lever.rules} <= code
    assert code | set(WRITTEN_LAST) <= VARIATIONS.keys()
    assert not VARIATIONS.keys() & FAULTS.keys()


@pytest.mark.parametrize("file", sorted(HOME.glob("variations/*.json")), ids=lambda file: file.stem)
def test_the_tables_are_of_the_shape_of_levers_and_break_nothing(file: Path) -> None:
    rows = orjson.loads(file.read_bytes())
    jsonschema.validate(rows, orjson.loads((HOME / "lever.schema.json").read_bytes()))
    assert list(rows) == sorted(rows)
    for row in rows.values():
        assert "breaks" not in row
        assert re.fullmatch(r"[A-Z]{1,2}-?[0-9]+(, [A-Z]{1,2}-?[0-9]+)*", row.get("reading", "A1"))
        for rule in row.get("wire", ()):
            assert set(rule["on"]) <= {*OPERATIONS, "event"}
            assert ("event" in rule["on"]) is ("event" in rule)
            for edit in [e for part in ("request", "reply", "event") for e in rule.get(part, {}).get("body", ())]:
                assert (set(edit) - {"at"}) <= set(EDITS)


def test_a_variation_that_there_is_not_is_refused_with_those_that_are_like_it() -> None:
    with pytest.raises(UsageError, match=r"There is no variation uuid_id\. Did you mean uuid_ids"):
        variations(["uuid_id"])


def test_variations_and_faults_go_together_and_the_fault_is_seen(tmp_path: Path) -> None:
    chosen = variations(["compressed", "pretty_json", "bare_session", "uuid_ids", "reversed_arrays"])
    for order in (1, -1):
        levers = [*chosen, *faults(["amounts_are_decimals"])][::order]
        steps = by_label(walk_of(tmp_path / str(order), ("cart",), *levers))
        created = steps["cart create"].document
        assert "protocol" not in created
        assert created["totals"][0] == {"type": "total", "display_text": "Total", "amount": 50.0}
        assert steps["cart create"].body.startswith(b'{\n  "capabilities"')


@pytest.mark.published
def test_many_variations_at_once_are_still_a_conformant_shop(tmp_path: Path) -> None:
    chosen = variations([name for name in VARIATIONS if not lever_is_strict(name)])
    for step in walk_of(tmp_path / "shop", ("discovery", "cart", "purchase", "declines"), *chosen):
        assert 200 <= step.status < 500, step
        check_published(step)


def lever_is_strict(name: str) -> bool:
    """Whether a variation keeps an agent of the walk from buying at all."""
    return name in BASE_PATHS or name == "slow_answers" or any("complaint" in rule for rule in VARIATIONS[name].rules)
