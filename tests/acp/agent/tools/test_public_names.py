"""The public names of the tools: sorted, documented, and loaded when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from acp.agent import tools


def loaded_by(statement: str) -> set[str]:
    told = [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"]
    return set(subprocess.run(told, capture_output=True, text=True, check=True).stdout.split())


def test_the_public_names_are_sorted_there_and_documented():
    assert tools.__all__ == sorted(tools.__all__)
    assert set(tools.__all__) <= set(dir(tools))
    assert all(getattr(tools, name).__doc__ for name in tools.__all__ if name != "Catalogue")  # which is an alias


def test_a_name_that_there_is_not_is_said_to_be_none():
    with pytest.raises(AttributeError, match=r"'acp\.agent\.tools' has no attribute 'Purse'"):
        _ = tools.Purse


def test_importing_the_tools_loads_no_client_and_using_them_no_sdk():
    assert not {"acp.client", "httpx"} & loaded_by("import acp.agent.tools")
    assert not {"agents", "openai", "mcp"} & loaded_by("from acp.agent.tools import Till, for_responses")
