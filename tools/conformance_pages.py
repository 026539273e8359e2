"""The pages of the judge's data: every requirement by area, and every reading by family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from conformance import Reading, Requirement, catalogue, readings
from conformance.profile.file import schema as profile_schema
from tools.page import NOTE, cell, reading_links

REQUIREMENTS = """\
Every requirement that the protocol states, in our own words: whom it binds and how strongly, since which version, and
where it is stated. A path is one of the [published repository][acp] at commit c2afc86. What is derived is inferred, not
stated; that and what is disputed can at most warn. Where the sources part, the status names the
[reading](readings.md) it leans on.

`acp-conformance requirements` narrows this list, and `acp-conformance explain ID` says how one is tested; with `--json`
both print what [formats](../../conformance/formats/) describes.

[acp]: https://github.com/agentic-commerce-protocol/agentic-commerce-protocol"""

READINGS = """\
Where the published sources part or are silent, what we take them to say, and what is tolerated besides. A path is one
of the [published repository][acp] at commit c2afc86, issues and pull requests are its own; the family *platform* is
about the pages of one platform beside the protocol. Below each reading stand the [requirements](requirements.md) that
lean on it.

`acp-conformance readings` narrows this list, and `acp-conformance explain ID` shows one; with `--json` both print what
[formats](../../conformance/formats/) describes.

[acp]: https://github.com/agentic-commerce-protocol/agentic-commerce-protocol"""


def requirements_page() -> str:
    """Every requirement by area: id, level, role, versions, status with its readings, statement and source."""
    areas = (line for area, found in groupby(catalogue(), attrgetter("area")) for line in _area(area, found))
    return "\n".join([NOTE, "", "# What the protocol asks", "", REQUIREMENTS, *areas, ""])


def _area(area: str, found: Iterator[Requirement]) -> Iterator[str]:
    yield from ("", f"## {area}", "")
    yield "| id | level | role | since | status | statement | source |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for each in found:
        since = f"{each.since} to {each.until}" if each.until else each.since
        told = (f"`{each.id}`", each.level, each.role, since, _status(each), cell(each.statement), cell(each.source))
        yield f"| {' | '.join(told)} |"


def _status(requirement: Requirement) -> str:
    inferred = ["derived"] if requirement.derived else []
    return ", ".join([requirement.status, *inferred, *reading_links(requirement.readings, "readings.md")])


def readings_page() -> str:
    """Every reading by family: the contradiction, what we read, what is tolerated, the sources and what leans on it."""
    families = (line for family, found in groupby(readings(), attrgetter("family")) for line in _family(family, found))
    return "\n".join([NOTE, "", "# How the published sources are read", "", READINGS, *families, ""])


def _family(family: str, found: Iterator[Reading]) -> Iterator[str]:
    yield from ("", f"## {family}")
    for reading in found:
        yield from ("", f"### {reading.id}", "", f"**{cell(reading.title)}.** {cell(reading.contradiction)}", "")
        yield f"- read: {cell(reading.reading)}"
        if reading.accepts:
            yield f"- tolerated: {cell(reading.accepts)}"
        yield f"- sources: {'; '.join(map(_source, reading.sources))}"
        leaning = catalogue().leaning_on(reading.id)
        if leaning:
            yield f"- leaned on by: {', '.join(f'[`{each.id}`](requirements.md#{each.area})' for each in leaning)}"


def _source(source: str) -> str:
    path, _, place = source.partition(" ")
    return f"`{path}` {cell(place)}".rstrip() if "/" in path else source


PROFILE = """\
What a shop or a PSP brings to be judged: a TOML file. Only `version` and an endpoint are required; what is left out
makes the checks that need it `untestable`. `${NAME}` in any text is read from the environment, and whatever comes from
there is kept out of every report. `acp-conformance init` writes a profile to begin with."""


def profile_page() -> str:
    """Every member of a profile, table by table, from its JSON Schema."""
    whole = profile_schema()
    tables = [(name, _resolved(part, whole)) for name, part in whole["properties"].items()]
    plain = [(name, part) for name, part in tables if "properties" not in part]
    lines = ["", "## At the top", "", *_members(plain, whole, whole.get("required", ()))]
    for name, part in tables:
        if "properties" in part:
            lines += ["", f"## `[{name}]`", "", part["description"], ""]
            lines += _members(part["properties"].items(), whole, part.get("required", ()))
    return "\n".join([NOTE, "", "# The profile of a shop", "", PROFILE, *lines, ""])


def _resolved(part: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A part of the schema with what it refers to; its own words go before those of what is referred to."""
    named = [part["$ref"]] if "$ref" in part else []
    named += [each["$ref"] for each in part.get("allOf", ())]
    merged: dict[str, Any] = {}
    for reference in named:
        merged |= _resolved(whole["$defs"][reference.rpartition("/")[2]], whole)
    properties = merged.get("properties", {}) | part.get("properties", {})
    return {**merged, **part, **({"properties": properties} if properties else {})}


def _members(
    members: Iterable[tuple[str, dict[str, Any]]], whole: dict[str, Any], required: Iterable[str]
) -> Iterator[str]:
    yield "| member | kind | what it says |"
    yield "| --- | --- | --- |"
    for name, part in members:
        told = _resolved(part, whole)
        need = " Required." if name in required else ""
        yield f"| `{name}` | {_kind(told)} | {cell(told.get('description', ''))}{need} |"


def _kind(part: dict[str, Any]) -> str:
    """What is written there, in a word or two."""
    if "enum" in part:
        return " or ".join(f"`{each}`" for each in part["enum"])
    kinds = {"object": "table", "array": "list", "string": "text", "boolean": "true or false"}
    if "oneOf" in part:
        return " or ".join(dict.fromkeys(_kind(each) if "type" in each else "command" for each in part["oneOf"]))
    kind = str(part.get("type", "text"))
    return kinds.get(kind, kind)
