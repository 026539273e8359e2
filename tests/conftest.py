"""What holds for every test: the published data is found or missed aloud, and every answer is held against it."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests import published


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if published.FOLDER is None:
        for item in items:
            if item.get_closest_marker("published"):
                item.add_marker(pytest.mark.skip(reason=published.WHY_SKIPPED))


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
