"""Where products are found: the protocol has no search, so whoever builds the agent brings one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

Catalogue = Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]]
"""From words to products of the shape `feed.Product` (rfc.product_feeds §3.2), the best first."""
