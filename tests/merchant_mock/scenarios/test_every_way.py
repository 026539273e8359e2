"""Every scenario by every value and by header, over a real socket: the wire, the books, and the order events."""

from __future__ import annotations

import pytest

from tests.merchant_mock.scenarios.conftest import Agent
from tests.merchant_mock.scenarios.rehearsal import Rehearsal, Way, ways


@pytest.mark.parametrize("way", ways(), ids=str)
def test_a_scenario_is_as_its_row_says(agent: Agent, way: Way) -> None:
    Rehearsal(agent.house, agent.http, agent.receiver, way).run()
