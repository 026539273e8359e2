"""The documentation says what the code does: generated pages are fresh and links lead somewhere."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def test_pages_drawn_from_tables_are_fresh():
    script = ROOT / "tools" / "generate_docs.py"
    checked = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_to_files(page):
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@cache
def anchors(page):
    """What the headings of a page can be linked by."""
    bare = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = (heading.lower() for heading in re.findall(r"^#+ (.+)$", bare, re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_sections_lead_to_headings(page):
    for target, section in set(re.findall(r"\]\((?!https?://)([^)#\s]*)#([^)]+)\)", page.read_text())):
        assert section in anchors(page.parent / target if target else page), f"{page.name} links to {target}#{section}"
