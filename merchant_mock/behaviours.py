"""Goods that need something before they can be paid: an e-mail address, a yes, an adult, a look, time, or 3-D Secure.

What each behaviour waits for and says stands in `data/behaviours.json`. A session waits by name (its own status) only
when nothing else is wrong with it; the message says so from the start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from acp.capabilities import Interventions
from acp.lifecycle import Status
from acp.server import messages
from acp.server.merchant import Hold
from merchant_mock.catalogue import Item
from merchant_mock.data import table
from merchant_mock.lines import Line

SITE = "https://shop.example"


def behaviour_of(line: Line) -> Mapping[str, Any]:
    """The row of a line's behaviour, empty for ordinary goods."""
    return table("behaviours.json")[line.item.behaviour] if line.item.behaviour else {}


def waiting(lines: Iterable[Line], settled: Collection[str]) -> list[Line]:
    """The lines that still wait for something not yet in `settled`."""
    return [line for line in lines if "until" in behaviour_of(line) and behaviour_of(line)["until"] not in settled]


def notices(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """What each waiting line waits for, as a message."""
    return [_notice(line, behaviour_of(line)) for line in lines]


def hold(lines: Iterable[Line], session_id: str, site: str) -> Hold | None:
    """The status in which the first waiting line keeps the session; the agent is told of the buyer's pages only."""
    row = next((behaviour_of(line) for line in lines), None)
    if row is None:
        return None
    escalates = row["status"] == Status.REQUIRES_ESCALATION
    return Hold(Status(row["status"]), continue_url=page_url(site, session_id, row["page"]) if escalates else None)


def page_url(site: str, session_id: str, page: str) -> str:
    """Where somebody settles what a session waits for."""
    return f"{site}/sessions/{session_id}/{page}"


def pages(items: Iterable[Item]) -> list[str]:
    """The pages on which somebody settles what these items wait for."""
    rows = [table("behaviours.json")[item.behaviour] for item in items if item.behaviour]
    return list(dict.fromkeys(row["page"] for row in rows if "page" in row))


def row_of_page(page: str) -> Mapping[str, Any] | None:
    """The row of the behaviour that is settled on a page; None for a page that there is not."""
    return next((row for row in table("behaviours.json").values() if row.get("page") == page), None)


def interventions(lines: Iterable[Line]) -> Interventions | None:
    """What the agent must be able to do for these goods; None for the shop's usual terms."""
    required = {behaviour_of(line)["intervention"] for line in lines if "intervention" in behaviour_of(line)}
    return Interventions(required=sorted(required), enforcement="always") if required else None


def _notice(line: Line, row: Mapping[str, Any]) -> dict[str, Any]:
    says = row["says"].format(name=line.item.name)
    param = row.get("param", line.at)
    if "code" not in row:
        return messages.info(says, param=param)
    return messages.error(row["code"], says, param=param, resolution=row["resolution"])
