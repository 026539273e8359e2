"""The report as JUnit XML, which every CI shows: one test case for each requirement, one suite for each area.

A warning is a test that passes and says so in its output; nothing that was not exercised reads as a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from xml.etree import ElementTree as Xml

from conformance.reports.account import Account, Judged
from conformance.visible import visible

_ELEMENTS: Final = {
    "fail": "failure",
    "error": "error",
    "untestable": "skipped",
    "not-applicable": "skipped",
    "disabled": "skipped",
    "review": "skipped",
}


def junit(run: Mapping[str, Any]) -> str:
    """The XML of a run file."""
    account = Account(run)
    suites = list(_suites(account))
    root = Xml.Element("testsuites", {"name": f"acp-conformance {run['profile']}", **_counts(suites), **_time(run)})
    root.extend(suites)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _suites(account: Account) -> Iterator[Xml.Element]:
    """A suite for each area; one that says why where nothing could be judged."""
    by_area: dict[str, list[Xml.Element]] = {}
    for judged in account.run["requirements"]:
        by_area.setdefault(judged["area"], []).append(_case(account, judged))
    if not by_area:
        by_area["wiring"] = [_unjudged(account)]
    for area, cases in by_area.items():
        yield _suite(account, area, cases)


def _suite(account: Account, area: str, cases: Sequence[Xml.Element]) -> Xml.Element:
    suite = Xml.Element("testsuite", {"name": area, **_counts(cases), "timestamp": _began(account.run)})
    properties = Xml.SubElement(suite, "properties")
    for name, value in _facts(account):
        Xml.SubElement(properties, "property", {"name": name, "value": visible(value)})
    suite.extend(cases)
    return suite


def _facts(account: Account) -> Iterator[tuple[str, str]]:
    run = account.run
    yield "claim", account.claim["claim"]
    yield "tally", account.tally
    yield from ((name, str(run[name])) for name in ("profile", "suite", "seed", "digest"))
    yield from run["targets"].items()


def _case(account: Account, judged: Judged) -> Xml.Element:
    case = Xml.Element("testcase", {"classname": f"acp.{judged['area']}", "name": judged["id"]})
    if account.restates(judged):
        Xml.SubElement(case, "skipped", {"message": f"Restates {judged['same_as']}, which is judged in its place."})
    elif judged["outcome"] in _ELEMENTS:
        _told(case, _ELEMENTS[judged["outcome"]], account, judged)
    elif judged["outcome"] == "warn":
        said = f"warn: {judged['says']}\n{_about(account, judged)}"
        Xml.SubElement(case, "system-out").text = visible(said, lines=True)
    return case


def _told(case: Xml.Element, name: str, account: Account, judged: Judged) -> None:
    says = f"{judged['outcome']}: {judged['says']}"
    element = Xml.SubElement(case, name, {"message": visible(says)})
    if name != "skipped":
        element.set("type", judged["outcome"])
        element.text = visible(_about(account, judged), lines=True)


def _about(account: Account, judged: Judged) -> str:
    """Where it shows, what the protocol says, and how to see it again."""
    place = account.telling(judged).get("at", "")
    lines = [
        f"At {place}" if place else "",
        f"{judged['level']}: {judged['statement']}",
        judged["source"],
        account.command(judged),
    ]
    return "\n".join(line for line in lines if line)


def _unjudged(account: Account) -> Xml.Element:
    case = Xml.Element("testcase", {"classname": "acp.wiring", "name": "wiring"})
    Xml.SubElement(case, "error", {"message": visible(account.claim["why"]), "type": account.claim["claim"]})
    return case


def _counts(elements: Sequence[Xml.Element]) -> dict[str, str]:
    """How many test cases there are in these elements, and how they came out."""
    cases = [case for element in elements for case in element.iter("testcase")]
    came_out = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    found = {plural: sum(case.find(name) is not None for case in cases) for plural, name in came_out.items()}
    return {name: str(count) for name, count in {"tests": len(cases), **found}.items()}


def _began(run: Mapping[str, Any]) -> str:
    """When the run began, in UTC and without a zone, as the format has it."""
    return datetime.fromisoformat(run["began"]).strftime("%Y-%m-%dT%H:%M:%S")


def _time(run: Mapping[str, Any]) -> dict[str, str]:
    took = datetime.fromisoformat(run["ended"]) - datetime.fromisoformat(run["began"])
    return {"time": f"{took.total_seconds():.3f}"}
