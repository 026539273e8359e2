"""The rows of `make disable`: each still finds the lines that it switches off, and the tests that should notice."""

from tools.disable import ROOT, behaviours


def test_the_lines_that_a_row_switches_off_are_there():
    assert [row for row in behaviours() if row.off((ROOT / row.file).read_text()) is None] == []


def test_the_tests_that_a_row_names_are_there():
    places = {row.tests.partition("::")[::2] for row in behaviours()}
    assert [(file, test) for file, test in sorted(places) if f"def {test}" not in (ROOT / file).read_text()] == []


def test_no_two_rows_have_the_same_name():
    names = [row.name for row in behaviours()]
    assert sorted(set(names)) == sorted(names)
