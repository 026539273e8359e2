#!/usr/bin/env python3
"""Write the typed models of acp/models from the newest schemas, or with --check only tell whether they are stale.

One module per resource, one class per definition that is an object; inline objects become classes named after their
place, choices between objects a common base class, other definitions type aliases. Exit 0 when everything is up to
date or was written, 1 when --check finds a difference.
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from schemas.registry import LATEST, documents  # noqa: E402

FOLDER = ROOT / "acp" / "models"
LINE = 120
ORDER = (
    "checkout",
    "cart",
    "delegate_payment",
    "delegate_authentication",
    "discount",
    "extension",
    "feed",
    "webhook",
)
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
INLINE = {
    "location": "PickupLocation",
    "instrument": "PaymentInstrument",
    "credential": "PaymentCredential",
    "challenge": "ChallengePreference",
    "frictionless": "FrictionlessPreference",
}
"""Names of inline objects whose member alone would say too little."""
RESERVED = {"definition", "get", "of", "problems", "raw", "resource", "to_dict"}
FREE_FORM = "dict[str, Any]"

Schema = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """What a schema becomes: the annotation, and the class its objects are viewed through."""

    annotation: str
    model: str = ""


@dataclass
class Member:
    """One attribute of a class."""

    name: str
    kind: Kind
    required: bool
    words: str

    def lines(self) -> list[str]:
        """The declaration and, below it, its words."""
        annotation = self.kind.annotation if self.required else f"{self.kind.annotation} | None"
        arguments = [self.kind.model] if self.kind.model else []
        arguments += [] if self.required else ["default=None"]
        head = f"    {self.name}: {annotation} = member("
        return [*call(head, arguments, ")", "    "), *docstring(self.words)]


@dataclass
class Class:
    """One class, with the members that its parent does not have already."""

    name: str
    definition: str
    words: str
    parent: str = "Model"
    kind: str = ""
    members: dict[str, Member] = field(default_factory=dict)

    def lines(self, resource: str) -> list[str]:
        """The class statement with docstring and members."""
        keywords = [f'resource="{resource}"', f'definition="{self.definition}"']
        keywords += [f'kind="{self.kind}"'] if self.kind else []
        head = call(f"class {self.name}(", [self.parent, *keywords], "):", "")
        body = [line for each in self.members.values() for line in each.lines()]
        return ["", "", *head, *docstring(self.words), *([""] if body else []), *body]


class Module:
    """One module in the making: classes in the order they were first needed, so that each stands below its parts."""

    def __init__(self, resource: str, modules: dict[str, Module]) -> None:
        self.resource = resource
        self.modules = modules
        self.definitions: dict[str, Schema] = documents(LATEST)[resource]["$defs"]
        self.classes: dict[str, Class] = {}
        self.aliases: dict[str, tuple[str, str]] = {}
        self.literals: dict[str, list[str]] = {}
        self.imported: dict[str, set[str]] = {}
        self.kinds: dict[str, Kind] = {}

    def build(self) -> Module:
        """Turn every definition into a class or an alias."""
        for name in self.definitions:
            self.named(name)
        return self

    # ---- definitions

    def named(self, name: str) -> Kind:
        """The kind of one definition of this resource, made on first use."""
        if self._merged(name):
            return self.named(name.removesuffix("Base"))
        if name not in self.kinds:
            self.kinds[name] = self._define(name, self.definitions[name])
        return self.kinds[name]

    def _merged(self, name: str) -> bool:
        """Whether a definition is the bare base of another and needs no class beside it."""
        return name.endswith("Base") and name.removesuffix("Base") in self.definitions

    def _define(self, name: str, schema: Schema) -> Kind:
        words = schema["description"]
        if "allOf" in schema and "properties" not in schema:
            return self._composed(name, schema)
        if schema.get("properties"):
            return self._object(camel(name), name, schema, words)
        return self._alias(name, schema, words)

    def _alias(self, name: str, schema: Schema, words: str) -> Kind:
        if "enum" in schema:
            self.literals[camel(name)] = schema["enum"]
            return Kind("str")
        kind = self.kind(schema, name, "", name)
        self.aliases[camel(name)] = (kind.annotation, words)
        return Kind(camel(name), kind.model)

    def _composed(self, name: str, schema: Schema) -> Kind:
        first, *others = schema["allOf"]
        base = name + "Base"
        if not others and first["$ref"] == f"#/$defs/{base}":
            return self._object(camel(name), name, self.definitions[base], schema["description"], base)
        made = Class(camel(name), name, schema["description"], parent=self.kind(first, name, "", name).annotation)
        for part in [*others, {"required": schema.get("required", [])}]:
            self._extend(made, part, name)
        self.classes[made.name] = made
        return Kind(made.name, made.name)

    def _extend(self, made: Class, part: Schema, owner: str) -> None:
        """Add what the parent lacks, and what it has as optional where the part requires it."""
        inherited = self.inherited(made.parent)
        for name, schema in part.get("properties", {}).items():
            if name not in inherited:
                made.members[name] = self._member(name, schema, name in part.get("required", []), owner, owner)
        for name in part.get("required", []):
            if name in inherited and not inherited[name].required:
                old = inherited[name]
                made.members[name] = Member(name, old.kind, True, old.words)
                self._borrow(old.kind, made.parent)

    def _borrow(self, kind: Kind, parent: str) -> None:
        for names in self.imported.values():
            if parent in names and kind.model:
                names.add(kind.model)

    def inherited(self, name: str) -> dict[str, Member]:
        """All members of a class of this module or of one it imports from, by name."""
        home = self if name in self.classes else next(self.modules[r] for r, n in self.imported.items() if name in n)
        found = home.classes[name]
        return found.members if found.parent == "Model" else home.inherited(found.parent) | found.members

    def _object(self, name: str, definition: str, schema: Schema, words: str, owner: str = "") -> Kind:
        if name in self.classes:
            return Kind(name, name)
        made = Class(name, definition, words)
        required = schema.get("required", [])
        for key, part in schema["properties"].items():
            made.members[key] = self._member(key, part, key in required, owner or name, owner or definition)
        self.classes[name] = made
        return Kind(name, name)

    def _member(self, name: str, schema: Schema, required: bool, owner: str, place: str) -> Member:
        if name in RESERVED:
            raise SystemExit(f"{owner}.{name} hides a method of Model")
        kind = self.kind(schema, owner, name, f"{place}.{name}")
        words = " ".join([schema.get("description", ""), self._known_values(schema, owner, name)]).strip()
        return Member(name, kind, required, words)

    def _known_values(self, schema: Schema, owner: str, name: str) -> str:
        values = schema.get("enum") or schema.get("items", {}).get("enum") or []
        referred = self.definitions.get(schema.get("$ref", "").removeprefix("#/$defs/"), {}).get("enum")
        if len(values) > 1:
            self.literals[camel(owner).removesuffix("Base") + camel(name)] = values
        values = values or referred or ([schema["const"]] if isinstance(schema.get("const"), str) else [])
        return f"Known values: {', '.join(values)}." if values else ""

    # ---- schemas

    def kind(self, schema: Schema, owner: str, name: str, place: str) -> Kind:
        """The kind of any schema; `owner`, `name` and `place` name what stands inline."""
        if "$ref" in schema:
            return self._referred(schema["$ref"])
        if "allOf" in schema:
            return self.kind(schema["allOf"][0], owner, name, place)
        if "oneOf" in schema:
            return self._choice(schema["oneOf"], owner, name, place)
        if schema.get("type") == "array":
            of = self.kind(schema["items"], owner, name, f"{place}.items")
            return Kind(f"list[{of.annotation}]", of.model)
        if schema.get("type") == "object":
            return self._inline(schema, name, place)
        return self._scalar(schema)

    def _scalar(self, schema: Schema) -> Kind:
        types = schema.get("type", "string")
        return Kind(" | ".join(SCALARS[each] for each in ([types] if isinstance(types, str) else types)))

    def _inline(self, schema: Schema, name: str, place: str) -> Kind:
        if not schema.get("properties"):
            return Kind(FREE_FORM)
        words = schema.get("description", "")
        return self._object(INLINE.get(name, camel(name)), place, schema, words)

    def _referred(self, reference: str) -> Kind:
        file, _, name = reference.partition("#/$defs/")
        if not file:
            return self.named(name)
        home = self.modules[file.removesuffix(".json")]
        kind = home.named(name)
        self.imported.setdefault(home.resource, set()).add(kind.model)
        return kind

    def _choice(self, branches: list[Schema], owner: str, name: str, place: str) -> Kind:
        kinds = [self.kind(branch, owner, name, place) for branch in branches]
        if all(kind.model == kind.annotation != "" for kind in kinds):
            return self._union([kind.model for kind in kinds], place)
        models = [kind.model for kind in kinds if kind.model]
        return Kind(" | ".join(dict.fromkeys(kind.annotation for kind in kinds)), models[0] if models else "")

    def _union(self, names: list[str], place: str) -> Kind:
        """A base class over some classes, which holds what they have in common."""
        base = os.path.commonprefix(names)  # noqa: RUF071 - the first letters they share are meant
        foreign = next((r for r, imported in self.imported.items() if set(names) <= imported), "")
        if foreign:
            self.imported[foreign] = self.imported[foreign] - set(names) | {base}
        elif base not in self.classes:
            self._add_union(base, names, place)
        return Kind(base, base)

    def _add_union(self, base: str, names: list[str], place: str) -> None:
        parts = [self.classes.pop(name) for name in names]
        for part in parts:
            part.parent, part.kind = base, self.definitions[part.definition]["properties"]["type"]["const"]
        words = f"One of {', '.join(names[:-1])} or {names[-1]}, told apart by `type`; this class itself for any other."
        union = Class(base, place, words, members=common(parts))
        for part in parts:
            own = {name: each for name, each in part.members.items() if name != "type"}
            part.members = {name: each for name, each in own.items() if each != union.members.get(name)}
        self.classes |= {made.name: made for made in [union, *parts]}

    # ---- text

    @cached_property
    def exports(self) -> list[str]:
        """The public names of the module."""
        return sorted([*self.classes, *self.aliases, *self.literals])

    def text(self) -> str:
        """The source of the module."""
        words = f"Typed views of {self.resource}.json; generated by tools/generate_models.py, not to be edited."
        body = [line for made in self.classes.values() for line in made.lines(self.resource)]
        lines = [*docstring(words, indent=""), *self._imports("\n".join(body)), *self._alias_lines(), *body]
        return "\n".join(lines) + "\n"

    def _imports(self, body: str) -> list[str]:
        aliases = "".join(annotation for annotation, _ in self.aliases.values())
        typing = ["Any"] if FREE_FORM in body + aliases else []
        typing += ["Literal"] if self.literals else []
        typing += ["TypeAlias"] if self.literals or self.aliases else []
        lines = ["", "from __future__ import annotations", ""]
        lines += [f"from typing import {', '.join(typing)}", ""] if typing else []
        lines += ["from acp.model import Model, member"]
        for resource, names in sorted(self.imported.items()):
            lines += imports(f"acp.models.{resource}", sorted(names - {""}))
        return lines

    def _alias_lines(self) -> list[str]:
        lines: list[str] = []
        for name, values in self.literals.items():
            lines += literal(name, values)
        for name, (annotation, words) in self.aliases.items():
            quoted = f'"{annotation}"' if any(made in annotation for made in self.classes) else annotation
            lines += [f"{name}: TypeAlias = {quoted}", *docstring(words, indent="")]
        return ["", *lines] if lines else []


def common(parts: list[Class]) -> dict[str, Member]:
    """The members that all parts have; of their words, those they share."""
    first, *others = (part.members for part in parts)
    found = {}
    for name in [each for each in first if all(each in other for other in others)]:
        required = all(part.members[name].required for part in parts)
        words = first[name].words if all(other[name].words == first[name].words for other in others) else ""
        found[name] = Member(name, first[name].kind, required, words)
    found["type"].words = f"Known values: {', '.join(part.kind for part in parts)}."
    return found


def camel(name: str) -> str:
    """The name of a class for a definition or member in snake case."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def docstring(words: str, indent: str = "    ") -> list[str]:
    """A docstring, broken where it gets long."""
    if not words:
        return []
    lines = textwrap.wrap(words, LINE - 4 - len(indent) - 6, break_on_hyphens=False)
    first, *rest = lines
    if not rest:
        return [f'{indent}"""{first}"""']
    return [f'{indent}"""{first}', *(indent + line for line in rest), f'{indent}"""']


def call(head: str, arguments: list[str], closing: str, indent: str) -> list[str]:
    """A call on one line, or its arguments on the next, or each on its own."""
    joined = ", ".join(arguments)
    if len(head + joined + closing) <= LINE:
        return [head + joined + closing]
    if len(indent + joined) + 4 <= LINE:
        return [head, f"{indent}    {joined}", indent + closing]
    return [head, *(f"{indent}    {each}," for each in arguments), indent + closing]


def imports(module: str, names: list[str], indent: str = "") -> list[str]:
    """An import on one line, or one name a line where that gets long."""
    line = f"{indent}from {module} import {', '.join(names)}"
    if len(line) <= LINE:
        return [line]
    return [f"{indent}from {module} import (", *(f"{indent}    {name}," for name in names), f"{indent})"]


def literal(name: str, values: list[str]) -> list[str]:
    """An alias for a closed list of values."""
    head, quoted = f"{name}: TypeAlias = Literal[", [f'"{value}"' for value in values]
    line = f"{head}{', '.join(quoted)}]"
    return [line] if len(line) <= LINE else [head, *(f"    {value}," for value in quoted), "]"]


def package(modules: dict[str, Module]) -> str:
    """The source of acp/models/__init__.py: every name that one module owns, loaded on first use."""
    homes: dict[str, str] = {}
    for resource in ORDER:
        for name in modules[resource].exports:
            homes.setdefault(name, resource)
    lines = [
        '"""Typed views of everything the protocol sends, one module per resource, each loaded on first use.',
        "",
        "Generated by tools/generate_models.py. Where two resources use one name (Address, Error, ...), the one here",
        "belongs to the resource that comes first there; take the others from their own modules.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from importlib import import_module",
        "from typing import TYPE_CHECKING, Any",
        "",
        "if TYPE_CHECKING:",
    ]
    for resource in sorted(ORDER):
        names = sorted(name for name, home in homes.items() if home == resource)
        lines += imports(f"acp.models.{resource}", names, "    ")
    lines += ["", "_HOMES = {", *(f'    "{name}": "{homes[name]}",' for name in sorted(homes)), "}", ""]
    lines += ["__all__ = [", *(f'    "{name}",' for name in sorted(homes)), "]", "", ""]
    lines += [
        "def __getattr__(name: str) -> Any:",
        "    if name not in _HOMES:",
        "        raise AttributeError(f\"module 'acp.models' has no attribute {name!r}\")",
        '    return getattr(import_module(f"acp.models.{_HOMES[name]}"), name)',
        "",
        "",
        "def __dir__() -> list[str]:",
        "    return sorted([*globals(), *_HOMES])",
    ]
    return "\n".join(lines) + "\n"


def sources() -> dict[Path, str]:
    """Every generated file and what it should hold."""
    modules: dict[str, Module] = {}
    for resource in ORDER:
        modules[resource] = Module(resource, modules).build()
    files = {FOLDER / f"{resource}.py": module.text() for resource, module in modules.items()}
    return files | {FOLDER / "__init__.py": package(modules)}


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    check = parser.parse_args().check
    stale = {path: text for path, text in sources().items() if not path.exists() or path.read_text() != text}
    for path, text in stale.items():
        if not check:
            path.write_text(text)
        print(f"{path.relative_to(ROOT)} {'is stale' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
