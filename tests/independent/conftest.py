"""The independent merchant uses nothing of this project, so that there is nothing of it to cover."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run its tests with the campaigns, without coverage."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.campaign)
