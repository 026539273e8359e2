"""What holds for every test: the published data is found or missed aloud, and every answer is held against it."""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests import published

HERE: Final = Path(__file__).parent
APART: Final = (
    "acp/cli/test_command.py",
    "acp/client/test_typing.py",
    "acp/server/test_crashes.py",
    "chaos",
    "conformance/reports/test_no_secret.py",
    "conformance/test_hostile_servers.py",
    "docs",
    "examples",
    "independent",
    "merchant_mock/test_cli.py",
    "merchant_mock/test_demo.py",
    "merchant_mock/test_lever_commands.py",
    "merchant_mock/test_pytest_plugin.py",
    "merchant_mock/test_recording_commands.py",
    "schemas/test_differential.py",
    "test_distribution.py",
    "test_walls.py",
)
"""Tests whose work is done by processes of their own, by a library, or by code that other tests have covered."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _is_apart(item.path):
            item.add_marker(pytest.mark.apart)
    if published.FOLDER is None:
        for item in items:
            if item.get_closest_marker("published"):
                item.add_marker(pytest.mark.skip(reason=published.WHY_SKIPPED))


@cache
def _is_apart(file: Path) -> bool:
    return any(file.is_relative_to(HERE / place) for place in APART)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where the published data is required, a test that is skipped for lack of it fails."""
    report = yield
    if report.skipped and item.get_closest_marker("published") and os.environ.get("ACP_SPEC_REQUIRED"):
        report.outcome = "failed"
        report.longrepr = f"skipped although ACP_SPEC_REQUIRED is set: {published.WHY_SKIPPED}"
    return report


@pytest.fixture(autouse=True)
def _every_answer_is_published_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        from acp.server.pipeline import Pipeline
    except ImportError:  # the server's libraries are an extra
        return
    monkeypatch.setattr(Pipeline, "_headers", published.watched(Pipeline._headers))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded to be printed, also those that ran in another process."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "printed":
                terminalreporter.section(report.nodeid.rpartition("::")[2])
                terminalreporter.write_line(str(text))
