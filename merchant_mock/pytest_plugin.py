"""The pytest plugin: the fixtures `acp_merchant`, a shop of the test's own, and `acp_webhooks`, what it sends.

Every pytest run of everybody who has this package installed loads this module, so it imports nothing but pytest; the
shop is imported by the first test that uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from merchant_mock.testing import AcpMerchant, AcpWebhooks

MARKER = "acp_merchant"
EXTRA = 'acp_merchant needs the "mock" extra: pip install "agentic-commerce[mock]"'

_RUN = {
    "fault": "Faults that every shop has, such as total_off_by_one; several between commas.",
    "variation": "Variations that every shop has; several between commas.",
    "scenario": "Scenarios that hold for every session, such as declined; several between commas.",
    "seed": "The seed of every shop's ids and stock; without it 1.",
}
"""What can be said for a whole run, on the command line or in the configuration file."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for a whole run."""
    group = parser.getgroup("acp", "shops of the fixture acp_merchant")
    for name, help in _RUN.items():
        group.addoption(f"--acp-{name}", metavar=name.upper(), help=help)
        parser.addini(f"acp_{name}", help)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    said = "fault, variation, scenario, clock, seed, catalogue"
    config.addinivalue_line("markers", f"{MARKER}({said}): how the shop of the fixture acp_merchant is run")


@pytest.fixture
def acp_merchant(request: pytest.FixtureRequest) -> Iterator[AcpMerchant]:
    """A shop that speaks the Agentic Commerce Protocol, open for this test on a port of its own."""
    if any(find_spec(library) is None for library in ("starlette", "uvicorn", "jsonpath")):
        pytest.fail(EXTRA, pytrace=False)
    from acp.errors import UsageError
    from merchant_mock.testing import Settings, opened

    with ExitStack() as stack:
        try:
            merchant = stack.enter_context(opened(Settings.of(_said(request))))
        except UsageError as error:
            raise pytest.fail.Exception(f"acp_merchant: {error}", pytrace=False) from None
        yield merchant


@pytest.fixture
def acp_webhooks(acp_merchant: AcpMerchant) -> AcpWebhooks:
    """The order events that the shop of this test sends, verified."""
    return acp_merchant.webhooks


def _said(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What is said of the shop of a test: for the whole run, then by its markers, the nearest last."""
    config = request.config
    said = {name: config.getoption(f"acp_{name}") or config.getini(f"acp_{name}") for name in _RUN}
    said = {name: value for name, value in said.items() if value}
    for marker in reversed(list(request.node.iter_markers(MARKER))):
        if marker.args:
            pytest.fail(f"@pytest.mark.{MARKER} takes names: fault=…, not {marker.args[0]!r}.", pytrace=False)
        said |= marker.kwargs
    return said
