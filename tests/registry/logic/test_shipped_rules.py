"""Every shipped rule set against tests/data/recognition.json: path → prefix, version, arch, kind.

A table is named after its set; what follows an @ tells trees apart that use the same rules.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from registry.logic.network.reading import read_document
from registry.logic.places import join_path
from registry.logic.recognition import recognize
from registry.logic.rulebook import MappingRule, Rulebook, compile_rulebook
from registry.reference import ARCHES
from registry.reference.rule_sets import RULE_SETS

TABLES = json.loads((Path(__file__).parents[2] / "data/recognition.json").read_text())
ROWS = [(name, table["top"], *row) for name, table in TABLES.items() for row in table["rows"]]


def shipped(name: str) -> Rulebook:
    rule_set = next(each for each in RULE_SETS if each.name == name)
    document = read_document(rule_set.read())
    return compile_rulebook(
        [MappingRule(**rule) for rule in map(without_comment, document["repository_mappings"])],
        category="",
        aliases={
            row["from_text"]: row["to_text"] for row in document.get("repository_aliases", ())
        },
        versions=(),
        arches=ARCHES,
    )


def without_comment(rule: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != "comment"}


RULEBOOKS = {rule_set.name: shipped(rule_set.name) for rule_set in RULE_SETS}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}:{row[2]}" for row in ROWS])
def test_a_shipped_set_gives_the_names_that_clients_know(row: tuple[str, ...]) -> None:
    name, top, path, *expected = row
    rulebook = RULEBOOKS[name.partition("@")[0]]
    found = recognize(path, full_path=join_path(top, path), rulebook=rulebook)
    assert [found.prefix, found.version, found.arch, found.kind.value] == expected, found.sentence


def test_every_set_has_its_table_and_no_rule_is_refused() -> None:
    assert {name.partition("@")[0] for name in TABLES} == set(RULEBOOKS)
    assert not [sentence for book in RULEBOOKS.values() for sentence in book.refused]
    assert len(ROWS) >= 150


def test_every_rule_of_every_set_has_a_row() -> None:
    used = set()
    for name, top, path, *_ in ROWS:
        book = RULEBOOKS[name.partition("@")[0]]
        rule = recognize(path, full_path=join_path(top, path), rulebook=book).rule
        used.add((name.partition("@")[0], rule.pattern if rule else ""))
    rules = {(name, rule.rule.pattern) for name, book in RULEBOOKS.items() for rule in book.rules}
    assert rules - used == set()


def test_no_two_paths_of_one_tree_want_the_same_name() -> None:
    wanted = [(name, prefix, arch) for name, _, _, prefix, _, arch, _ in ROWS if prefix]
    assert len(wanted) == len(set(wanted))
