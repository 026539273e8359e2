"""What is wrong with a document, told one finding at a time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Code = Literal["missing", "invalid", "unknown"]

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
# RFC 9535 section 2.7: the escapes of a normalized path, by code point
_ESCAPES: Final = {code: f"\\u{code:04x}" for code in range(0x20)} | {
    0x08: "\\b",
    0x09: "\\t",
    0x0A: "\\n",
    0x0C: "\\f",
    0x0D: "\\r",
    0x27: "\\'",
    0x5C: "\\\\",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: where (a JSONPath), of what kind, and a sentence that never repeats a value of the document.

    `keyword` is that of the schema, empty where no single one decided.
    """

    path: str
    code: Code
    message: str
    keyword: str = field(default="", compare=False)


GENERAL: Final = Problem("$", "invalid", "The document does not satisfy the schema.")


def json_path(steps: Iterable[str | int]) -> str:
    """The RFC 9535 path of a place in a document, with dots before plain names."""
    return "$" + "".join(_step(step) for step in steps)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN.match(step):
        return f".{step}"
    return f"['{step.translate(_ESCAPES)}']"
