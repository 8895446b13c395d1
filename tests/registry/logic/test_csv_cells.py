"""Cells of CSV files: what goes out comes back, and no formula goes out."""

import csv
import io

import pytest

from registry.logic.csv_cells import Kind, read_cell, read_rows, write_cell, write_lines


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (-33.4, "-33.4"),
        (1000, "1000"),
        ("plain", "plain"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+49 30 1", "'+49 30 1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
    ],
)
def test_values_become_cells_that_no_spreadsheet_calculates(value: object, cell: str) -> None:
    assert write_cell(value) == cell


@pytest.mark.parametrize("text", ["=1+1", "plain", "-x", "'quoted'", "@home"])
def test_a_text_comes_back_as_it_went(text: str) -> None:
    assert read_cell(write_cell(text), Kind.TEXT) == text


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        (" yes ", Kind.YES_NO, True),
        ("TRUE", Kind.YES_NO, True),
        ("0", Kind.YES_NO, False),
        ("", Kind.YES_NO, False),
        ("", Kind.INTEGER, None),
        ("42", Kind.INTEGER, 42),
        ("-33.5", Kind.NUMBER, -33.5),
    ],
)
def test_cells_become_values(cell: str, kind: Kind, value: object) -> None:
    assert read_cell(cell, kind) == value


@pytest.mark.parametrize(
    ("cell", "kind", "sentence"),
    [
        ("maybe", Kind.YES_NO, "neither yes nor no"),
        ("4.5", Kind.INTEGER, "no whole number"),
        ("١٢", Kind.INTEGER, "no whole number"),
        ("1e9", Kind.NUMBER, "no number"),
        ("9" * 31, Kind.INTEGER, "no whole number"),
        ("a\0b", Kind.TEXT, "no text may have"),
    ],
)
def test_other_cells_are_refused_in_a_sentence(cell: str, kind: Kind, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_cell(cell, kind)


def test_lines_are_csv_that_others_read() -> None:
    text = "".join(write_lines(["id", "name"], [[1, 'a, "b"\nc'], [2, "=x"]]))
    assert list(csv.reader(io.StringIO(text))) == [
        ["id", "name"],
        ["1", 'a, "b"\nc'],
        ["2", "'=x"],
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_and_empty_lines_do_not_count(separator: str) -> None:
    text = f"\ufeffid{separator}name\r\n\r\n1{separator}x\r\n{separator}\r\n"
    assert read_rows(text) == [(1, ["id", "name"]), (3, ["1", "x"])]


def test_what_is_no_csv_is_refused_with_its_line() -> None:
    with pytest.raises(ValueError, match="Line 2 is no CSV"):
        read_rows('id,name\n1,"open')
