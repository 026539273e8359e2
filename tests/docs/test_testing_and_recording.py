"""What the page for integrators says of tests and recordings: its tests pass, its tables name what there is."""

from __future__ import annotations

import re
from pathlib import Path

from merchant_mock.testing import AcpMerchant, Settings, opened
from tests.merchant_mock.testing.conftest import run

__all__ = ["run"]

PAGE = (Path(__file__).parents[2] / "docs" / "integrators.md").read_text()


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_tests_on_the_page_are_tests_that_pass(run):
    (tests,) = re.findall(r"^```python\n(.*?)^```", section("In your tests"), re.MULTILINE | re.DOTALL)
    ran = run(tests)
    assert f"{tests.count('def test_')} passed" in ran.stdout, ran.stdout


def test_everything_named_of_the_fixture_is_there_and_nothing_is_left_out():
    table = section("In your tests").partition("| `acp_merchant` | |")[2].partition("\n\n")[0]
    named = set(re.findall(r"\.([a-z_]+)", " ".join(line.split("|")[1] for line in table.splitlines()[2:])))
    with opened() as merchant:
        public = {name for name in dir(merchant) if not name.startswith("_")}
    assert named - {"advance", "set"} <= public
    assert public - named == {"close", "house", "webhooks"}
    assert AcpMerchant.api_key in PAGE


def test_the_settings_named_are_those_of_the_mark():
    marks = section("In your tests").partition("`@pytest.mark.acp_merchant(…)`")[2]
    assert all(f"`{name}`" in marks for name in Settings.__dataclass_fields__)


def test_the_options_of_the_section_on_recordings_are_options():
    from typer.testing import CliRunner

    from merchant_mock.cli import app

    for command, line in re.findall(r"^acp-merchant (\w+) (.*?)(?:#|$)", section("Record and replay"), re.MULTILINE):
        helped = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
        assert all(option in helped for option in re.findall(r"--[a-z-]+", line))
