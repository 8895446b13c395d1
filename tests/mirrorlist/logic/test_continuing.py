from random import Random
from typing import Any

import pytest
from pyroaring import BitMap

from mirrorlist.logic.continuing import (
    GONE,
    WHOLE,
    Basis,
    CopyRow,
    Last,
    changed_copies,
    continue_placing,
    why_anew,
)
from mirrorlist.logic.host_sets import Copy
from mirrorlist.logic.placing import (
    DirectoryRow,
    Placement,
    Rules,
    make_rules,
    nearest_exclusive,
    place_directories,
)

BASIS = Basis("f", (1, 2), frozenset({"a"}), frozenset())
COPIES = [CopyRow(1, 1, 10, 5), CopyRow(1, 2, 11, WHOLE)]
HOSTS, CATEGORIES, DIRECTORIES = 6, 3, 40


def last(**over: Any) -> Last:
    values: dict[str, Any] = {
        "basis": BASIS,
        "copies": frozenset(COPIES),
        "sets": {},
        "wasted": 0.0,
    }
    return Last(**values | over)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (last(basis=Basis("g", (1, 2), frozenset({"a"}))), "Directories changed"),
        (last(basis=Basis("f", (1,), frozenset({"a"}))), "Hosts came into service or left it"),
        (last(basis=Basis("f", (1, 2), frozenset())), "Repositories changed"),
        (
            last(basis=Basis("f", (1, 2), frozenset({"a"}), frozenset({("a", 1)}))),
            "exclusive Directories changed",
        ),
        (last(wasted=0.3), "the last file has too many gaps"),
        (last(copies=frozenset()), "2 up2date sets changed"),
        (last(), ""),
        (last(copies=frozenset(COPIES[:1])), ""),
    ],
)
def test_what_changed_says_whether_everything_is_built(before: Last | None, words: str) -> None:
    sentence = f"Everything was built anew: {words}." if words else ""
    assert why_anew(before, BASIS, COPIES, Rules()) == sentence


def test_the_first_snapshot_is_built_anew() -> None:
    sentence = "Everything was built anew, not from an earlier snapshot."
    assert why_anew(None, BASIS, COPIES, Rules()) == sentence


def test_metadata_in_another_category_is_never_continued() -> None:
    rows = [DirectoryRow(1, "a", 1), DirectoryRow(2, "a/repodata", 2)]
    rules = make_rules(rows, ["a"], {})
    assert "in another Category" in why_anew(last(), BASIS, COPIES, rules)


def test_copies_that_are_gone_are_changed_too() -> None:
    now = [CopyRow(1, 1, 10, 6), CopyRow(2, 2, 12, 0)]
    assert changed_copies(last(), now) == [now[0], CopyRow(1, 2, 11, GONE), now[1]]


@pytest.mark.parametrize(
    ("path", "nearest"),
    [("a", "a"), ("a/b", "a/b"), ("a/b/c", "a/b"), ("a/bc", "a"), ("ab", None), ("b", None)],
)
def test_the_nearest_exclusive_directory_counts(path: str, nearest: str | None) -> None:
    assert nearest_exclusive(path, ["a", "a/b"]) == nearest


def test_exclusive_directories_are_offered_by_their_hosts_only() -> None:
    rows = [DirectoryRow(1, "a", 1), DirectoryRow(2, "a/b", 1), DirectoryRow(3, "c", 1)]
    rules = make_rules(rows, [], {"a": 0b01, "a/b": 0})
    found = place_directories(rows, {1: [Copy(0, None), Copy(1, None)]}, rules)
    assert [found.host_sets[d.host_set_id] for d in found.directories] == [0b01, 0, 0b11]


def a_tree(dice: Random) -> list[DirectoryRow]:
    """Make Directories, some with metadata below, in several Categories."""
    rows = []
    for number in range(DIRECTORIES):
        category = dice.randrange(CATEGORIES)
        rows.append((f"{category}/{number}", category))
        if dice.random() < 0.5:
            rows.append((f"{category}/{number}/repodata", category))
    return [DirectoryRow(id_, *row) for id_, row in enumerate(rows, start=1)]


def a_set(rows: list[DirectoryRow], dice: Random) -> BitMap | None:
    if dice.random() < 0.1:
        return None
    share = dice.choice([0.0, 0.1, 0.5, 0.9, 1.0])
    return BitMap(row.id for row in rows if dice.random() < share)


def state_of(placement: Placement) -> Last:
    counts: dict[int, int] = {}
    for directory in placement.directories:
        counts[directory.host_set_id] = counts.get(directory.host_set_id, 0) + 1
    sets = {number: (mask, counts[number]) for number, mask in placement.host_sets.items()}
    return last(sets=sets)


@pytest.mark.parametrize("seed", range(100))
def test_continuing_equals_building_anew(seed: int) -> None:
    dice = Random(seed)
    rows = a_tree(dice)
    paths = [row.path for row in rows if dice.random() < 0.4]
    exclusives = {row.path: dice.randrange(1 << HOSTS) for row in rows if dice.random() < 0.1}
    rules = make_rules(rows, paths, exclusives)
    sets = {(c, h): a_set(rows, dice) for c in range(CATEGORIES) for h in range(HOSTS)}

    def copies(keys: Any) -> dict[int, list[Copy]]:
        found: dict[int, list[Copy]] = {}
        for category, host in keys:
            found.setdefault(category, []).append(Copy(host, sets[category, host]))
        return found

    before = place_directories(rows, copies(sets), rules)
    changed = dice.sample(sorted(sets), dice.randrange(4))
    for key in changed:
        sets[key] = a_set(rows, dice)
    after = place_directories(rows, copies(sets), rules)
    numbers = {directory.id: directory.host_set_id for directory in before.directories}
    found = continue_placing(state_of(before), numbers, rows, copies(changed), rules)
    assert found.host_sets == after.host_sets
    moved = {directory.id: directory for directory in found.directories}
    assert [moved.get(d.id, d) for d in before.directories] == list(after.directories)
    assert all(d not in before.directories for d in found.directories)
