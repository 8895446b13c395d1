"""The worked example of docs/how-it-works/recognition.md, row by row."""

from pathlib import Path

import pytest

from registry.logic.places import join_path
from registry.logic.recognition import recognize
from registry.logic.repository_kinds import NAMING, format_of_path
from registry.logic.rulebook import MappingRule, compile_rulebook

PAGE = Path(__file__).parents[3] / "docs/how-it-works/recognition.md"
ARCHES = ("aarch64", "i386", "source", "x86_64")
VERSIONS = {"Linux": ("41", "42", "development"), "EPEL": ("9",)}


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table whose first heading this is."""
    lines = PAGE.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return found


RULES = [
    MappingRule(pattern, prefix, version_prefix, int(position), category or None)
    for position, category, pattern, prefix, version_prefix in rows("Position")
]
ALIASES = dict(rows("Text before the version"))
EXAMPLES = rows("Category")


@pytest.mark.parametrize("example", EXAMPLES, ids=[row[2] for row in EXAMPLES])
def test_the_page_tells_the_truth(example: list[str]) -> None:
    category, top, path, *expected = example
    rulebook = compile_rulebook(
        RULES,
        category=category,
        aliases=ALIASES,
        versions=VERSIONS.get(category, ()),
        arches=ARCHES,
    )
    format_, place = format_of_path(path)
    whole = join_path(top, place)
    found = recognize(place, full_path=whole, rulebook=rulebook, format_=format_)
    assert not rulebook.refused
    assert [found.prefix, found.version or "", found.arch or "", found.reason.value] == expected


def test_the_page_has_examples_of_every_rule() -> None:
    assert len(EXAMPLES) > 20
    assert {row[6] for row in EXAMPLES} == {
        "recognized",
        "no_rule",
        "no_arch",
        "no_version",
        "left_out",
        "by_path",
    }


def test_the_page_has_the_table_of_kinds() -> None:
    assert {row[0]: row[5] for row in rows("Kind")} == {
        format_.value: "path" if naming.by_path else "prefix" for format_, naming in NAMING.items()
    }
