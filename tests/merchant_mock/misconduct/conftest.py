"""What the tests of misconduct share: a shop over real sockets with a fault, and a walker in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from merchant_mock.catalogue import Catalogue
from merchant_mock.faults import faults
from tests.merchant_mock.walk import Walker, shop_on_the_way

Opened = Callable[..., Walker]


@pytest.fixture
def shop(tmp_path: Path, catalogue: Catalogue) -> Iterator[Opened]:
    """Opens a shop with the faults of these names."""
    with ExitStack() as open_shops:

        def opened(*names: str) -> Walker:
            folder = tmp_path / "-".join(names or ("healthy",))
            folder.mkdir()
            return open_shops.enter_context(shop_on_the_way(folder, faults(names), catalogue))

        yield opened
