"""What holds for every test: the published data is found or missed aloud, and every answer is held against it."""

from __future__ import annotations

import os

import pytest

from tests import published

WHY_SKIPPED = "needs the published data: run `make spec`, then set ACP_SPEC_DIR=.acp-spec/data"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if published.FOLDER is None:
        if os.environ.get("ACP_SPEC_REQUIRED"):
            raise pytest.UsageError("ACP_SPEC_REQUIRED is set but ACP_SPEC_DIR is not")
        for item in items:
            if item.get_closest_marker("published"):
                item.add_marker(pytest.mark.skip(reason=WHY_SKIPPED))


@pytest.fixture(autouse=True)
def _every_answer_is_published_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        from acp.server.pipeline import Pipeline
    except ImportError:  # the server's libraries are an extra
        return
    respond = Pipeline._response

    def checked(self, request, answer, replayed):
        published.check(self.endpoint.answers, answer.status, answer.body)
        return respond(self, request, answer, replayed)

    monkeypatch.setattr(Pipeline, "_response", checked)
