"""The shops that are wrong in one way that can be seen from outside, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.independent.wrong.defect import Mutant
from tests.independent.wrong.ends import ENDS
from tests.independent.wrong.gate import GATE
from tests.independent.wrong.releases import RELEASES
from tests.independent.wrong.sessions import SESSIONS
from tests.independent.wrong.tools import TOOLS
from tests.independent.wrong.vault import VAULT

MUTANTS: Final[Mapping[str, Mutant]] = {
    mutant.name: mutant for mutant in (*GATE, *SESSIONS, *ENDS, *RELEASES, *VAULT, *TOOLS)
}
