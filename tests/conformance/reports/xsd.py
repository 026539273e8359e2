"""As much of XML Schema as `junit.xsd` uses: sequences of elements, attributes with types, and where text may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

_XS = "{http://www.w3.org/2001/XMLSchema}"
_TYPES = {
    "xs:string": r"[\s\S]*",
    "xs:decimal": r"[-+]?(\d+(\.\d*)?|\.\d+)",
    "xs:nonNegativeInteger": r"\+?\d+",
    "xs:dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)?",
}
_UNBOUNDED = 1 << 30


class Schema:
    """A schema whose elements are all declared at its top."""

    def __init__(self, file: Path) -> None:
        self._elements = {each.get("name"): each for each in Xml.parse(file).getroot().iter(f"{_XS}element")}

    def problems(self, element: Xml.Element) -> Iterator[str]:
        """What is wrong with an element and everything in it."""
        declared = self._elements.get(element.tag)
        if declared is None:
            yield f"{element.tag} is not declared"
            return
        kind = declared.find(f"{_XS}complexType")
        if kind is None:
            yield from (f"{element.tag} holds {child.tag}" for child in element)
            return
        yield from _attributes(element, kind)
        yield from _children(element, kind)
        if kind.get("mixed") != "true" and "".join([element.text or "", *(c.tail or "" for c in element)]).strip():
            yield f"{element.tag} holds text"
        for child in element:
            yield from self.problems(child)


def _attributes(element: Xml.Element, kind: Xml.Element) -> Iterator[str]:
    known = {each.get("name"): each for each in kind.iter(f"{_XS}attribute")}
    yield from (f"{element.tag} has {name}" for name in element.keys() if name not in known)  # noqa: SIM118
    for name, declared in known.items():
        value = element.get(name)
        if value is None:
            if declared.get("use") == "required":
                yield f"{element.tag} lacks {name}"
        elif not re.fullmatch(_TYPES[declared.get("type")], value):
            yield f"{element.tag} {name} is {value!r}"


def _children(element: Xml.Element, kind: Xml.Element) -> Iterator[str]:
    left = [child.tag for child in element]
    for part in kind.iterfind(f"{_XS}sequence/{_XS}element"):
        least, most = int(part.get("minOccurs", "1")), part.get("maxOccurs", "1")
        taken = 0
        while left and left[0] == part.get("ref") and taken < (_UNBOUNDED if most == "unbounded" else int(most)):
            left.pop(0)
            taken += 1
        if taken < least:
            yield f"{element.tag} lacks {part.get('ref')}"
    yield from (f"{element.tag} holds {tag} out of place" for tag in left)
