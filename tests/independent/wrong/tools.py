"""Shops that go wrong over MCP."""

from __future__ import annotations

from typing import Final

from tests.independent.versions import NEWEST
from tests.independent.wrong.defect import Mutant
from tests.independent.wrong.edits import alter, body, drop, put
from tests.independent.wrong.kinds import BADLY, WELL, edits, slips

_SHOWN: Final = "mcp.result.session"
_TAKEN: Final = "mcp.args.payload-schema"
_WHOLE: Final = "checkout.session.create.required-members"

_SLIPS: Final = tuple(
    slips(name, slip, breaks, *disturbs, versions=NEWEST)
    for name, slip, breaks, *disturbs in (
        ("mcp-without-meta", "meta is not needed", "mcp.args.meta-required", "mcp.args.meta.api-version"),
        ("mcp-without-version", "the version goes without saying", "mcp.args.meta.api-version"),
        ("mcp-without-id", "the last session is meant", "mcp.args.id", "checkout.session.body.id-stable"),
        ("mcp-without-payload", "a payload goes without saying", "mcp.args.payload-required"),
        ("mcp-without-currency", "currencies go without saying", "mcp.args.validated"),
        ("mcp-keys-ignored", "keys over MCP are passed over", "mcp.args.meta.fields"),
        ("mcp-closed-meta", "meta is closed", "mcp.args.meta.unknown-ignored"),
        ("mcp-cancel-with-payload", "a cancel needs a payload", "mcp.args.payload-optional-cancel"),
        ("mcp-flat-arguments", "the body has no envelope", _TAKEN),
        ("mcp-one-article", "every order is for one article", _TAKEN, "checkout.session.create.item-represented"),
        ("mcp-key-in-meta", "meta has the key", _TAKEN),
    )
)

_INITIALIZE: Final = edits(
    "mcp initialize",
    WELL,
    NEWEST,
    ("mcp-first-json-rpc", "mcp.transport", put("jsonrpc", "1.0"), ()),
    ("mcp-unversioned", "mcp.transport", drop("result.protocolVersion"), ()),
    ("mcp-without-json-rpc", "mcp.transport", body(lambda sent: sent["result"]), ()),
)

_LIST: Final = edits(
    "mcp tools/list",
    WELL,
    NEWEST,
    (
        "mcp-without-cancel",
        "mcp.tools.all-five",
        alter("result.tools", lambda tools: [each for each in tools if each["name"] != "cancel_checkout_session"]),
        (),
    ),
    (
        "mcp-renamed-get",
        "mcp.tools.all-five",
        alter(
            "result.tools",
            lambda tools: [{**each, "name": each["name"].replace("get_", "retrieve_")} for each in tools],
        ),
        (),
    ),
    (
        "mcp-schemas-elsewhere",
        "mcp.tools.schemas-bundled",
        put("result.tools.*.inputSchema.properties.payload", {"$ref": "schema.agentic_checkout.json#/$defs/Buyer"}),
        (),
    ),
    ("mcp-schemas-torn", "mcp.tools.schemas-bundled", drop("result.tools.*.inputSchema.$defs.instrument"), ()),
    (
        "mcp-asks-for-token",
        "mcp.tools.no-credentials-in-schema",
        put("result.tools.*.inputSchema.$defs.meta.properties.authorization", {"type": "string"}),
        (),
    ),
)

_CREATE: Final = edits(
    "mcp create",
    WELL,
    NEWEST,
    (
        "mcp-without-capabilities",
        "mcp.capabilities-in-result",
        drop("result.capabilities"),
        (_WHOLE, "checkout.capabilities.response.create"),
    ),
    ("mcp-without-links", _WHOLE, drop("result.links"), ()),
    ("mcp-wrapped", _SHOWN, alter("result", lambda session: {"checkout_session": session}), ()),
)

_RETRIEVE: Final = (
    *edits(
        "mcp retrieve",
        WELL,
        NEWEST,
        ("mcp-ids-as-text", "mcp.result.id-match", alter("id", str), ()),
        ("mcp-amounts-as-text", "checkout.totals.amount-integer", alter("result.totals.*.amount", str), ()),
    ),
    *edits(
        "mcp retrieve",
        BADLY,
        NEWEST,
        ("mcp-bare-errors", "mcp.error.data", drop("error.data"), ("mcp.error.auth-mapping",)),
        ("mcp-uncoded-errors", "mcp.error.data", drop("error.data.code"), ()),
        (
            "mcp-other-types",
            "mcp.error.data-types",
            put("error.data.type", "session_error"),
            ("mcp.error.auth-mapping",),
        ),
        ("mcp-strangers-fail", "mcp.error.auth-mapping", put("error.data.type", "processing_error"), ()),
    ),
)

_COMPLETE: Final = edits(
    "mcp complete",
    WELL,
    NEWEST,
    (
        "mcp-without-order",
        "mcp.result.complete-order",
        drop("result.order"),
        ("checkout.session.complete.order-present",),
    ),
    (
        "mcp-order-alone",
        "mcp.result.complete-order",
        alter("result", lambda session: {"order": session["order"]}),
        (),
    ),
)

TOOLS: Final[tuple[Mutant, ...]] = (*_SLIPS, *_INITIALIZE, *_LIST, *_CREATE, *_RETRIEVE, *_COMPLETE)
