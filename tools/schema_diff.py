#!/usr/bin/env python3
"""Compare the project's JSON Schemas with the published ACP definitions, name by name.

usage: schema_diff.py --ours DIR --spec DIR [--version 2026-04-17] [--known FILE.json]

--ours   folder that holds one folder per dated version, each with *.json files that carry `$defs`
--spec   the published data: <spec>/<version>/json-schema/schema.<bundle>.json
--known  JSON object {"<version>/<Definition>": "why ours differs"}: deliberate, documented differences

Annotations (title, description, examples, $comment, deprecated, $id, default) are ignored, and the order of
`required`, `enum` and `type` lists. Every `$ref` is followed, so that a reference to a definition of the right
name and the wrong contents is a difference. What remains decides which documents are valid. Where several
bundles publish one name with different contents (Address, Error), each must have its equal somewhere in ours.
Prints one line per difference; exit 0 when there is none that --known does not explain, 1 when there is,
2 when a folder is missing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

ANNOTATIONS = {
    "title",
    "description",
    "examples",
    "example",
    "$comment",
    "deprecated",
    "$id",
    "$schema",
    "$anchor",
    "default",
    "readOnly",
    "writeOnly",
}
UNORDERED = {"required", "enum", "type"}
NAMED = {"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"}


class Folder:
    """The definitions of one version: which file holds which name, and what each means with references followed."""

    def __init__(self, folder: Path) -> None:
        self.files = {path: json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))}

    @cached_property
    def names(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path, document in self.files.items():
            for name in document.get("$defs", document.get("definitions", {})):
                found.setdefault(name, []).append(path)
        return found

    def definition(self, path: Path, name: str) -> Any:
        document = self.files[path]
        return document.get("$defs", document.get("definitions", {}))[name]

    def target(self, path: Path, ref: str) -> tuple[Path, str] | None:
        """(file, name) of a reference: the file it names, else this file, else the only file that has the name."""
        document, _, pointer = ref.partition("#")
        name = pointer.rsplit("/", 1)[-1]
        homes = self.names.get(name, [])
        if document:
            named = [home for home in homes if home.name == Path(document).name]
            return (named[0], name) if named else None
        if path in homes:
            return path, name
        return (homes[0], name) if len(homes) == 1 else None

    def shape(self, path: Path, name: str) -> Any:
        return self._shape(self.definition(path, name), path, (), False)

    def _shape(self, node: Any, path: Path, open_names: tuple[str, ...], named: bool) -> Any:
        if isinstance(node, dict):
            out = {}
            for key, value in node.items():
                if not named and key in ANNOTATIONS:
                    continue
                if not named and key == "$ref":
                    found = self.target(path, value)
                    if found is None:
                        out[key] = "unresolvable: " + value
                    elif found[1] in open_names:
                        out[key] = "again: " + found[1]
                    else:
                        home, name = found
                        out[key] = {name: self._shape(self.definition(home, name), home, (*open_names, name), False)}
                elif not named and key in UNORDERED and isinstance(value, list):
                    out[key] = sorted(value, key=json.dumps)
                else:
                    out[key] = self._shape(value, path, open_names, not named and key in NAMED)
            return out
        if isinstance(node, list):
            return [self._shape(item, path, open_names, False) for item in node]
        return node


def differences(a: Any, b: Any, at: str = "") -> Iterator[str]:
    """One line for every place where two shapes part."""
    if type(a) is not type(b):
        yield f"{at or '/'}: spec {json.dumps(a)[:80]} ours {json.dumps(b)[:80]}"
    elif isinstance(a, dict):
        for key in sorted(a.keys() | b.keys()):
            if key not in b:
                yield f"{at}/{key}: missing in ours (spec {json.dumps(a[key])[:80]})"
            elif key not in a:
                yield f"{at}/{key}: not in the spec (ours {json.dumps(b[key])[:80]})"
            else:
                yield from differences(a[key], b[key], f"{at}/{key}")
    elif a != b:
        yield f"{at or '/'}: spec {json.dumps(a)[:80]} ours {json.dumps(b)[:80]}"


class Tally:
    """Counts how the definitions of all versions compare, and prints a line where one differs."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.total = self.same = self.explained = self.bad = 0

    def version(self, version: str, spec: Folder, ours: Folder) -> None:
        """Compare every published definition of a version, and name those that are ours alone."""
        for name, homes in spec.names.items():
            mine = [ours.shape(path, name) for path in ours.names.get(name, [])]
            for home in homes:
                self.definition(f"{version}/{name}", home.name, spec.shape(home, name), mine)
        for name in sorted(ours.names.keys() - spec.names.keys()):
            if f"{version}/{name}" not in self.known:
                print(f"{version}/{name}  ours alone (not in the published data; explain it with --known)")

    def definition(self, key: str, home: str, wanted: Any, mine: list[Any]) -> None:
        """Compare one published definition with all of ours that bear its name."""
        self.total += 1
        if wanted in mine:
            self.same += 1
        elif key in self.known:
            self.explained += 1
        else:
            self.bad += 1
            self.tell(f"{key} ({home})", [list(differences(wanted, each)) for each in mine])

    @staticmethod
    def tell(label: str, attempts: list[list[str]]) -> None:
        """Print the first lines of the attempt that comes closest."""
        lines = min(attempts, key=len, default=["not defined in ours"])
        for line in lines[:5]:
            print(f"{label}  {line}")
        if len(lines) > 5:
            print(f"{label}  (+{len(lines) - 5} more)")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=Path, required=True)
    parser.add_argument("--spec", type=Path, required=True)
    parser.add_argument("--version", action="append", help="only this dated version; may be repeated")
    parser.add_argument("--known", type=Path)
    return parser.parse_args()


def main() -> int:
    """Compare the folders named on the command line."""
    args = arguments()
    for folder in (args.ours, args.spec):
        if not folder.is_dir():
            print("no such folder:", folder)
            return 2
    tally = Tally(json.loads(args.known.read_text()) if args.known else {})
    versions = args.version or sorted(p.name for p in args.ours.iterdir() if (args.spec / p.name).is_dir())
    for version in versions:
        tally.version(version, Folder(args.spec / version / "json-schema"), Folder(args.ours / version))
    print(
        f"{tally.same}/{tally.total} definitions equal, {tally.explained} explained, {tally.bad} differ "
        f"({', '.join(versions) or 'no version found'})"
    )
    return 1 if tally.bad or not tally.total else 0


if __name__ == "__main__":
    sys.exit(main())
