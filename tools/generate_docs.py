#!/usr/bin/env python3
"""Write the pages drawn from tables: of the protocol, the mock (docs/*.md) and the judge (docs/conformance/*.md).

usage: generate_docs.py [--check]

With --check nothing is written; exit 1 when a page is not what the code says.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from acp import errors, orders
from acp.lifecycle import AFTER, FINAL, OPEN, PAYING, TABLE, Operation, Status, Step
from conformance.catalogue import catalogue
from merchant_mock.aftersales import ACTIONS
from merchant_mock.catalogue import Item, load
from merchant_mock.control import PREFIX
from merchant_mock.control.route import schema
from merchant_mock.control.routes import ROUTES
from merchant_mock.faults import FAULTS
from merchant_mock.levers import Lever
from merchant_mock.scenarios.scenario import SCENARIOS, Scenario
from merchant_mock.scenarios.wording import seen
from merchant_mock.variations import VARIATIONS
from tools.conformance_pages import profile_page, readings_page, requirements_page
from tools.page import NOTE, cell, reading_links

DOCS = Path(__file__).parents[1] / "docs"

MANY = 20
"""Units of an item that one order may have unless the catalogue says otherwise."""

MEANS = {
    Step.SHOW: "200, the session as it is",
    Step.PRICE: "200, priced anew; the status may become any open one",
    Step.PAY: "200, payment starts",
    Step.STAY: "200, unchanged, with a message that says what has to happen first",
    Step.CANCEL: "200, canceled",
    Step.ASK_3DS: "400 `requires_3ds` at `$.authentication_result`",
    Step.BUSY: "409 `payment_in_progress` with `Retry-After`",
    Step.FINISHED: "405 `session_finished`",
}


def lifecycle_page() -> str:
    """The status × operation table, what each step means, and the transitions as a diagram."""
    head = "| status | " + " | ".join(operation.value for operation in Operation) + " |"
    rows = [
        f"| `{status}` | " + " | ".join(TABLE[status, operation].value for operation in Operation) + " |"
        for status in Status
    ]
    steps = [f"| {step.value} | {MEANS[step]} |" for step in Step]
    return "\n".join(
        [
            NOTE,
            "",
            "# The life of a checkout session",
            "",
            "Open: " + _names(OPEN) + ". Paying: " + _names(PAYING) + ". Final: " + _names(FINAL) + ".",
            "An open session whose `expires_at` has passed is expired. A replayed idempotency key is answered from the",
            "stored answer before this table is asked. At most one order comes out of a session.",
            "",
            head,
            "| --- |" + " --- |" * len(Operation),
            *rows,
            "",
            "| step | what it does |",
            "| --- | --- |",
            *steps,
            "",
            "```mermaid",
            "stateDiagram-v2",
            *_arrows(),
            "```",
            "",
        ]
    )


def _names(statuses: frozenset[Status]) -> str:
    return ", ".join(f"`{status}`" for status in Status if status in statuses)


def _arrows() -> list[str]:
    ends = [status for status in Status if status in AFTER[Step.PAY] and status not in OPEN]
    return [
        "    [*] --> open: create",
        "    open --> open: update",
        "    open --> canceled: cancel",
        "    open --> expired: time",
        *(f"    open --> {status}: complete" for status in ends),
        "    open --> open: complete, declined or 3-D Secure",
        *(f"    {status} --> completed: authorized" for status in PAYING),
        *(f"    {status} --> open: declined" for status in PAYING),
        *(f"    {status} --> [*]" for status in Status if status in FINAL),
    ]


CHANGES = (
    orders.confirm, orders.hold, orders.process, orders.ship, orders.in_transit, orders.out_for_delivery,
    orders.deliver, orders.fail_attempt, orders.fail, orders.ready, orders.collect, orders.send_download,
    orders.cancel, orders.return_, orders.refund, orders.credit, orders.adjust_price, orders.exchange,
    orders.dispute, orders.settle,
)  # fmt: skip
"""The changes of an order, in the order in which they befall it."""

READS = """\
Of a line, by its quantity: `removed` when current is 0, `fulfilled` when nothing of current is missing, `partial` when
a part of it is, else `processing`.

Of the order, the first that holds: `canceled` when every line is removed; `manual_review` until it is confirmed;
`completed` when all was handed over and every fulfillment is delivered or canceled; `shipped` when all was handed over;
`processing` when a part was, or a fulfillment has begun; else what it was, `created` or `confirmed`."""


def orders_page() -> str:
    """The changes of an order, the moves of a fulfillment by type, how statuses follow, and the mock's actions."""
    changes = [f"| `{change.__name__}` | {_first(change)} |" for change in CHANGES]
    moves = [
        f"| {type} | `{status}` | {', '.join(f'`{to}`' for to in ends) or 'nothing'} |"
        for type, rows in orders.MOVES.items()
        for status, ends in rows.items()
    ]
    actions = [
        f"| `{name}` | {', '.join(_argument(action.schema, each) for each in action.schema['properties'])} | "
        f"{action.says} |"
        for name, action in ACTIONS.items()
    ]
    return "\n".join(
        [
            NOTE,
            "",
            "# The life of an order",
            "",
            "Each change is a function of `acp.orders` from an order to a new one.",
            "",
            "| change | what happens |",
            "| --- | --- |",
            *changes,
            "",
            "## What a fulfillment may become",
            "",
            "Under review no fulfillment moves. What was handed over (a parcel from `shipped` on, the rest when",
            "`delivered`) can be returned and not canceled.",
            "",
            "| type | status | may become |",
            "| --- | --- | --- |",
            *moves,
            "",
            "## How statuses follow",
            "",
            READS,
            "",
            "## In the mock",
            "",
            "`house.aftersales.act(order_id, name, arguments)`; arguments in bold are required. Money goes back at the",
            "payment provider, units go back on the shelf.",
            "",
            "| action | arguments | what happens |",
            "| --- | --- | --- |",
            *actions,
            "",
        ]
    )


def _first(function: Any) -> str:
    """The first sentence or paragraph of a docstring, on one line."""
    return " ".join((function.__doc__ or "").strip().split("\n\n")[0].split())


def _argument(schema: Any, name: str) -> str:
    return f"**`{name}`**" if name in schema["required"] else f"`{name}`"


def errors_page() -> str:
    """Every error that travels, with its status, type and code."""
    rows = []
    for name, cls in vars(errors).items():
        if isinstance(cls, type) and issubclass(cls, errors.ProtocolError) and cls is not errors.ProtocolError:
            says = (cls.__doc__ or "").strip().splitlines()[0]
            rows.append(f"| {cls.default_status} | `{cls.default_type}` | `{cls.default_code}` | `{name}` | {says} |")
    return "\n".join(
        [
            NOTE,
            "",
            "# Errors on the wire",
            "",
            "A flat JSON object with `type`, `code`, `message`, and where they help `param` (an RFC 9535 path into the",
            "request) and `supported_versions`. The client raises the class beside each; all are `acp.ProtocolError`.",
            "",
            "| status | type | code | class | meaning |",
            "| --- | --- | --- | --- | --- |",
            *sorted(rows),
            "",
        ]
    )


SCENARIOS_INTRO = """\
Awkward cases on demand. Each comes about in any of these ways:

- **by value**: send one of the values below, and the session that has it meets the case. The buyer's e-mail address is
  `buyer.email`, the street is `fulfillment_details.address.line_one`, a token goes into the `credential` of complete
  without any delegated payment. An item that is there for a case is the only one of its cart that is changed;
- **by header**: `ACP-Mock-Scenario: declined`, or several with commas between them, the first one strongest. It holds
  for that request, and stays with the session that the request opens. What a case does to a reply is done to that very
  request, whichever it is, and does not stay. A name that there is not is refused with 400 `unknown_scenario`, and
  nothing is changed;
- **for the whole shop**: `acp-merchant serve --scenario NAME[,NAME]`.

`acp-merchant scenarios` lists them, with `--json` for machines. A case that begins at some call has begun for good: its
session stays sold out, or dearer. What happens once happens once for each session, or for each idempotency key
where the header brings it about or there is no session yet. `what a caller sees` is what the tests see: HTTP status,
session status, code of a message."""


def scenarios_page() -> str:
    """Every scenario by area, with what to send and what a caller sees, and the goods that are no ordinary parcel."""
    goods = [f"| `{item.id}` | {says} |" for item in load().items.values() if (says := _item(item))]
    return "\n".join(
        [
            NOTE,
            "",
            "# Scenarios of the mock merchant",
            "",
            SCENARIOS_INTRO,
            *(line for area in dict.fromkeys(each.area for each in SCENARIOS.values()) for line in _area(area)),
            "",
            "## Other goods and cards",
            "",
            "Any other card number that passes the Luhn check succeeds; any other item is ordinary and in stock.",
            "",
            "| item | what is special |",
            "| --- | --- |",
            *goods,
            "",
        ]
    )


def _area(area: str) -> list[str]:
    rows = [
        f"| `{each.name}` | {each.says} | {_sends(each)} | {'<br>'.join(seen(each))} |"
        for each in SCENARIOS.values()
        if each.area == area
    ]
    head = ["| scenario | what happens | what to send | what a caller sees |", "| --- | --- | --- | --- |"]
    return ["", f"## {area[:1].upper()}{area[1:]}", "", *head, *rows]


def _sends(scenario: Scenario) -> str:
    return "<br>".join(f"{kind} `{value}`" for kind, value in scenario.sends.values())


def _item(item: Item) -> str:
    kinds = {"digital": "delivered digitally", "oversized": "too large for a parcel", "pickup_only": "collected only"}
    said = [kinds[item.kind]] if item.kind in kinds else []
    if item.max_per_order != MANY:
        said.append(f"at most {item.max_per_order} an order")
    return ", ".join(said)


CONTROL = """\
While a shop is served, what it is and does can be asked and changed under `/_mock/` of its address. The control API
answers to this machine only: not to another address, not through a proxy, not under a foreign `Host`, and what changes
something has to be `Content-Type: application/json`, so that no page in a browser can do it. `acp-merchant serve
--control anyone` opens it to whoever reaches the shop, `--control off` leaves it out.

Without a key a call is about the shop that is served there; with `Authorization: Bearer` and the key of a tenant
(`POST /_mock/keys`), or under `/t/<id>/_mock/`, about that one. Input that does not fit is refused with the flat error
of the protocol, and nothing has changed then. `merchant_mock.control.client` has all calls for Python, as `Control`
and as `AsyncControl`; [integrators.md](integrators.md#levers-while-it-runs) shows them."""


def control_page() -> str:
    """Every route of the control API, and its messages."""
    rows = [
        f"| `{route.method} {PREFIX}{route.path}` | {route.says} | {_message(route.accepts, route.asks)} | "
        f"[{route.answers}](#{route.answers.lower()}) |"
        for route in ROUTES
    ]
    shown = {name: each for name, each in schema()["$defs"].items() if name != "Nothing"}
    return "\n".join(
        [
            NOTE,
            "",
            "# The control API",
            "",
            CONTROL,
            "",
            "| call | what it does | body or query | answer |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "## Messages",
            "",
            "Members that may be missing are in brackets. Times are RFC 3339, amounts in minor units.",
            "",
            "### Nothing",
            "",
            "An empty object, or no body at all.",
            "",
            *(line for name, each in shown.items() for line in _definition(name, each)),
        ]
    )


def _message(*names: str) -> str:
    return ", ".join(f"[{name}](#{name.lower()})" for name in names if name != "Nothing")


def _definition(name: str, definition: dict[str, Any]) -> list[str]:
    required = definition.get("required", ())
    members = [
        f"- {f'`{member}`' if member in required else f'[`{member}`]'}: {_kind(kind)}"
        for member, kind in definition.get("properties", {}).items()
    ]
    return [f"### {name}", "", definition["description"], "", *([*members, ""] if members else [])]


def _kind(kind: dict[str, Any]) -> str:
    """What a member is, in a few words."""
    if "$ref" in kind:
        name = kind["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    said = _type(kind)
    return f"{said}. {kind['description']}" if "description" in kind else said


def _type(kind: dict[str, Any]) -> str:
    if "enum" in kind or "const" in kind:
        return " or ".join(f"`{value}`" for value in kind.get("enum", [kind.get("const")]))
    if "anyOf" in kind:
        return " or ".join(map(_type, kind["anyOf"]))
    types = kind.get("type", "any value")
    said = " or ".join([types] if isinstance(types, str) else types)
    if said == "array":
        return f"array of {_kind(kind['items'])}"
    return kind.get("format", said) if said == "string" else said


FAULTS_INTRO = """\
`acp-merchant serve --fault NAME[,NAME]` opens a shop that has a defect, and is healthy otherwise. Each fault is single
and realistic, and breaks one requirement of the protocol; `acp-merchant faults NAME` says what it changes on the wire
and which other requirements may be seen broken too, `acp-conformance explain ID` what a requirement asks."""

VARIATIONS_INTRO = """\
`acp-merchant serve --variation NAME[,NAME]` opens a shop that is conformant and yet not what one is used to. Where the
published sources part, a variation takes the side that the plain shop does not take, or makes both sides available; the
last column names the reading. A client that works with the plain shop and not with one of these relies on something
that the protocol does not promise. `acp-merchant variations NAME` says what one changes on the wire."""


def faults_page() -> str:
    """Every fault by area, with the requirement that it breaks."""
    head = ["| fault | what this shop does | what it breaks |", "| --- | --- | --- |"]
    return _levers_page("Faults of the mock merchant", FAULTS_INTRO, head, FAULTS.values())


def variations_page() -> str:
    """Every variation by area, with the reading of which it is one side."""
    head = ["| variation | what this shop does | reading |", "| --- | --- | --- |"]
    return _levers_page("Variations of the mock merchant", VARIATIONS_INTRO, head, VARIATIONS.values())


def _levers_page(title: str, intro: str, head: list[str], levers: Iterable[Lever]) -> str:
    areas = (line for area, found in groupby(levers, attrgetter("area")) for line in _rows_of(area, head, found))
    return "\n".join([NOTE, "", f"# {title}", "", intro, *areas, ""])


def _rows_of(area: str, head: list[str], levers: Iterable[Lever]) -> Iterator[str]:
    yield from ("", f"## {area.replace('_', ' ').capitalize()}", "", *head)
    for lever in levers:
        yield f"| `{lever.name}` | {cell(lever.says)} | {_tie(lever)} |"


def _tie(lever: Lever) -> str:
    if lever.breaks:
        return cell(f"`{lever.breaks}`: {catalogue()[lever.breaks].statement}")
    return ", ".join(reading_links(lever.reading.split(", ") if lever.reading else (), "conformance/readings.md"))


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check compare them."""
    pages = {
        DOCS / "lifecycle.md": lifecycle_page(),
        DOCS / "orders.md": orders_page(),
        DOCS / "errors.md": errors_page(),
        DOCS / "scenarios.md": scenarios_page(),
        DOCS / "control.md": control_page(),
        DOCS / "faults.md": faults_page(),
        DOCS / "variations.md": variations_page(),
        DOCS / "conformance" / "requirements.md": requirements_page(),
        DOCS / "conformance" / "readings.md": readings_page(),
        DOCS / "conformance" / "profile.md": profile_page(),
    }
    stale = [page for page, text in pages.items() if not page.exists() or page.read_text() != text]
    if "--check" in arguments:
        for page in stale:
            print(f"{page.name} is not what the code says; run tools/generate_docs.py")
        return 1 if stale else 0
    for page in stale:
        page.write_text(pages[page])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
