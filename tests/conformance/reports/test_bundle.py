"""The evidence of a launch: checklist, run file and page in one archive."""

from __future__ import annotations

import json
from zipfile import ZipFile

from conformance.platform import Item, Shown
from conformance.reports.bundle import write_bundle
from tests.conformance.reports import runs

RUN = runs.run_file()
ITEMS = [Shown(Item("C1", "A session."), "failed", "a | b <c>"), Shown(Item("C2", "Totals."), "shown", "2 verified.")]


def test_it_holds_the_checklist_the_run_file_and_the_page(tmp_path):
    write_bundle(tmp_path / "evidence.zip", RUN, ITEMS)
    with ZipFile(tmp_path / "evidence.zip") as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert list(files) == ["checklist.md", "run.json", "run.html"]
    assert "| C1 | A session. | **failed** | a \\| b &lt;c> |" in files["checklist.md"]
    assert json.loads(files["run.json"]) == RUN
    assert RUN["digest"] in files["run.html"]


def test_the_same_run_makes_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_bundle(tmp_path / name, RUN, ITEMS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
