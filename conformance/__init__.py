"""The judge of the Agentic Commerce Protocol: what a shop, a PSP, an authenticator or an agent has to do.

It owes nothing to the server, the client or the mock merchant of this project, and shares no code with them that
could hide a mistake of theirs.
"""

from conformance.catalogue import Catalogue, Requirement, catalogue
from conformance.errors import BadCatalogue, ConformanceError, UnknownId, UnknownReading, UnknownRequirement
from conformance.interpretation import Reading, Readings, readings

__all__ = [
    "BadCatalogue",
    "Catalogue",
    "ConformanceError",
    "Reading",
    "Readings",
    "Requirement",
    "UnknownId",
    "UnknownReading",
    "UnknownRequirement",
    "catalogue",
    "readings",
]
