"""The contract: JSON Schemas per dated version, two validators with one answer, and the overlay of readings."""

from schemas.problem import Problem
from schemas.registry import LATEST, VERSIONS, UnknownDefinition, UnknownVersion, bundle, definition
from schemas.validator import Validator, validator

__all__ = [
    "LATEST",
    "VERSIONS",
    "Problem",
    "UnknownDefinition",
    "UnknownVersion",
    "Validator",
    "bundle",
    "definition",
    "validator",
]
