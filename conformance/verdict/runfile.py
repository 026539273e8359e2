"""The run file: one JSON document that holds everything a report needs, with a digest over all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Final

import orjson

from conformance.errors import BadRunFile
from conformance.verdict.claim import Verdict, claim_of, verdicts
from conformance.verdict.runner import Run
from conformance.wire.secrets import Secrets

FORMAT: Final = "acp-conformance-run/1"


def document(run: Run, *, seed: int, began: datetime, ended: datetime) -> dict[str, Any]:
    """The run as a JSON object; `digest` is the SHA-256 of all its other members."""
    profile = run.selection.profile
    secrets = Secrets(dict(profile.secrets()))
    instead = profile.platform.instead if profile.platform else {}
    written = {
        "format": FORMAT,
        "suite": installed_version("agentic-commerce"),
        "profile": profile.name,
        "version": profile.version,
        "targets": {role: secrets.text(profile.document[role]["url"]) for role in profile.roles},
        "narrowed": {
            "areas": list(run.selection.areas),
            "levels": list(run.selection.levels),
            "ids": list(run.selection.ids),
        },
        "seed": seed,
        "began": began.isoformat(),
        "ended": ended.isoformat(),
        "interrupted": run.interrupted,
        "claim": claim_of(run).to_dict(),
        "requirements": [] if run.wiring else [_judged(verdict, instead) for verdict in verdicts(run)],
        "exchanges": run.records,
    }
    return sealed(written)


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A run file with the digest that fits it."""
    return {**document, "digest": digest(document)}


def text(document: Mapping[str, Any]) -> str:
    """A run file as it is written."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a run file without its digest, as `sha256:` and hexadecimal digits."""
    rest = {name: value for name, value in document.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read(path: Path) -> dict[str, Any]:
    """A run file. Raises BadRunFile for one that cannot be read, is none, or has been changed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRunFile(str(path), f"cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise BadRunFile(str(path), "is no JSON.") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadRunFile(str(path), f"is no run file of this suite ({FORMAT}).")
    if found.get("digest") != digest(found):
        raise BadRunFile(str(path), "does not match its digest; it was changed after the run.")
    return found


def _judged(verdict: Verdict, instead: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The requirement as it was judged; what the platform says instead stands in place of the statement."""
    requirement = verdict.requirement
    members: dict[str, Any] = {
        "id": requirement.id,
        "level": requirement.level,
        "role": requirement.role,
        "area": requirement.area,
        "status": requirement.status,
        "derived": requirement.derived,
        "same_as": requirement.same_as,
        "reading": requirement.reading,
        "statement": requirement.statement,
        "source": requirement.source,
        "outcome": verdict.outcome,
        "says": verdict.says,
        "results": [] if requirement.same_as else [result.to_dict() for result in verdict.results],
    }
    told = {**members, **instead.get(requirement.id, {})}
    return {name: value for name, value in told.items() if value not in (None, False)}
