"""The profile: what the shop under test brings, read from a TOML file or from options."""

from conformance.profile.file import read
from conformance.profile.profile import Endpoint, Profile

__all__ = ["Endpoint", "Profile", "read"]
