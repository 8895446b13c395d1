"""What a CSV file would change, a step a line, one row here for each rule."""

from typing import Any

import pytest

from registry.logic import csv_import
from registry.logic.csv_import import TABLES, Line, plan_import, read_table
from registry.logic.operations.steps import Mark

SITES = TABLES["sites"]
HOSTS = TABLES["hosts"]
BEFORE = dict.fromkeys((column.name for column in SITES.columns), "") | {"private": False}
EXISTING = {1: {**BEFORE, "name": "One"}, 2: {**BEFORE, "name": "Two"}}


def plan(text: str, problems: dict[int, str] | None = None) -> Any:
    lines, refused = read_table(text, SITES)
    return plan_import(SITES, lines, existing=EXISTING, problems=problems or {}, refused=refused)


@pytest.mark.parametrize(
    ("line", "mark", "sentence"),
    [
        ("1,One,no", Mark.KEEP, "stays as it is."),
        ("1,One,yes", Mark.CHANGE, "private: no → yes."),
        ("1,=One,no", Mark.CHANGE, "name: One → '=One."),
        (",Three,yes", Mark.ADD, "a new Site: name Three, private yes."),
        (",two,no", Mark.REFUSED, "Another Site has the same name already."),
        ("1,Two,no", Mark.REFUSED, "Another Site has the same name already."),
        ("9,Nine,no", Mark.REFUSED, "There is no Site with the id 9."),
        ("1,,no", Mark.REFUSED, "name is missing."),
        (",,yes", Mark.REFUSED, "name is missing."),
        ("1,One,maybe", Mark.REFUSED, "private: “maybe” is neither yes nor no."),
        ("1,One", Mark.REFUSED, "It has 2 cells; the first line has 3."),
        ("x,One,no", Mark.REFUSED, "id: “x” is no whole number."),
    ],
)
def test_each_line_is_a_step(line: str, mark: Mark, sentence: str) -> None:
    (step,) = plan(f"id,name,private\n{line}").steps
    assert (step.mark, step.sentence) == (mark, sentence)


def test_what_others_object_to_is_refused() -> None:
    (step,) = plan("id,name\n1,X", problems={2: "name: Too short."}).steps
    assert (step.mark, step.sentence) == (Mark.REFUSED, "name: Too short.")


def test_one_refused_line_stops_all_and_steps_keep_their_order() -> None:
    found = plan("id,name\n1,First\n,two\n2,Second")
    assert [step.number for step in found.steps] == [2, 3, 4]
    assert found.writes == ()


def test_a_row_is_named_once_and_new_ones_differ_from_each_other() -> None:
    found = plan("id,name\n1,First\n1,Again\n,New\n,NEW")
    assert [step.sentence for step in found.refused] == [
        "Line 2 is about the same Site.",
        "Another Site has the same name already.",
    ]


def test_a_host_stays_with_its_site() -> None:
    before = dict.fromkeys((column.name for column in HOSTS.columns), "x") | {"name": "m1"}
    line = Line(2, 7, {"site": "Elsewhere"})
    (step,) = plan_import(HOSTS, [line], existing={7: before}, problems={}).steps
    assert step.sentence == "site of “x / m1” cannot be changed in a file."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty"),
        ("id,password\n1,x", "There is no column “password”"),
        ("id,name,name\n1,x,y", "The column “name” comes twice."),
    ],
)
def test_a_file_that_is_something_else_is_refused_as_a_whole(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_table(text, SITES)


def test_a_file_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_import, "GREATEST_LINES", 2)
    with pytest.raises(ValueError, match="at most 2 lines"):
        read_table("id\n1\n2\n3", SITES)
