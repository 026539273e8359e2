"""What the commands that need a shop print with `--json` keeps to the schemas shipped beside them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from conformance import cli
from merchant_mock.testing.merchant import AcpMerchant
from tests.conformance.test_formats import problems

Printed = Callable[..., tuple[int, Any]]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], acp_merchant: AcpMerchant) -> Printed:
    """What a command says of the shop, as JSON, and its exit code."""

    def said(command: str, *arguments: str, at_the_shop: bool = True) -> tuple[int, Any]:
        shop = [acp_merchant.url, "--key", acp_merchant.api_key, "--item", "boots-42"] if at_the_shop else []
        monkeypatch.setattr(sys, "argv", ["acp-conformance", command, *arguments, *shop, "--json"])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), json.loads(capsys.readouterr().out)

    return said


def test_the_plan_sends_nothing_and_keeps_to_its_schema(printed: Printed, acp_merchant: AcpMerchant) -> None:
    code, plan = printed("plan")
    assert (code, problems("plan", plan)) == (0, [])
    assert plan["sessions"] > 0
    assert plan["purchases"] == 0  # without a way to pay
    assert plan["missing"]["payment"]
    assert acp_merchant.requests == []


def test_the_examination_keeps_to_its_schema(printed: Printed) -> None:
    code, found = printed("doctor")
    assert (code, problems("doctor", found)) == (0, [])
    assert found["ok"]
    assert {each["part"]: each["state"] for each in found["findings"]}["payment"] == "missing"


def test_an_examination_that_finds_the_key_wrong_says_so(printed: Printed, acp_merchant: AcpMerchant) -> None:
    code, found = printed("doctor", acp_merchant.url, "--key", "wrong", "--item", "boots-42", at_the_shop=False)
    assert (code, problems("doctor", found), found["ok"]) == (3, [], False)
    assert "refused the key with 401" in found["findings"][-1]["says"]


def test_the_difference_of_two_runs_keeps_to_its_schema(printed: Printed, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    for file, narrowed in ((old, "checkout.session.create.status-201"), (new, "checkout.session.retrieve.status-200")):
        printed("run", "--id", narrowed, "-o", str(file))
    code, found = printed("diff", str(old), str(new), at_the_shop=False)
    assert (code, problems("diff", found)) == (0, [])
    assert {each["way"] for each in found["changes"]} == {"lost", "gained"}


def test_the_launch_checklist_keeps_to_its_schema_and_is_in_its_bundle(printed: Printed, tmp_path: Path) -> None:
    bundle = tmp_path / "evidence.zip"
    code, found = printed("certify", "openai", "--attest", "C9=Ada Moor, 3 May 2026", "-o", str(bundle))
    assert (code, problems("certify", found)) == (1, [])  # the mock answers 200 where the platform wants 201
    states = {each["id"]: each["state"] for each in found["checklist"]}
    assert states["C9"] == "attested"
    assert states["C10"] == "open"
    with ZipFile(bundle) as archive:
        assert {"checklist.md", "run.json", "run.html"} <= {*archive.namelist()}
        assert "Ada Moor, 3 May 2026" in archive.read("checklist.md").decode()
