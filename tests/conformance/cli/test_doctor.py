"""The command `doctor`: what a server says is repeated, but not a secret that it repeats itself."""

from __future__ import annotations

import sys

import pytest
from starlette.responses import JSONResponse

from conformance import cli
from merchant_mock.serving import bind, serving

KEY = "key-of-a-test-agent-7261"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_key_that_a_refusal_repeats_is_not_shown(options: list[str], monkeypatch, capsys):
    said = {"type": "invalid_request", "code": "forbidden", "message": f"Nobody here knows {KEY}."}
    with bind("127.0.0.1", 0) as listener, serving(JSONResponse(said, 409), listener) as url:
        monkeypatch.setattr(sys, "argv", ["acp-conformance", "doctor", url, "--key", KEY, "--item", "mug", *options])
        with pytest.raises(SystemExit) as end:
            cli.main()
    shown = capsys.readouterr()
    assert end.value.code == 3
    assert "Nobody here knows ${ACP_MERCHANT_KEY}." in shown.out
    assert KEY not in shown.out + shown.err
