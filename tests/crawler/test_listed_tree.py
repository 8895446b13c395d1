"""Lines of a listing that become directories, whatever their order and however they lie."""

import re
from collections.abc import Iterator
from operator import attrgetter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.logic.rsync_listing import Group, Kind, Listed, Odd
from crawler.logic.scope import ScanScope
from crawler.master.base import Oddity, OddityReason, ScannedDirectory, SourceError
from crawler.master.listed import TARGETS_KEPT, ListedTree
from registry.logic.places import is_below

DIRECTORY, FILE, LINK, OTHER = Kind.DIRECTORY, Kind.FILE, Kind.LINK, Kind.OTHER


def line(kind: Kind, path: str, *, readable: bool = True, size: int = 1) -> Listed:
    return Listed(kind, readable, size, 100, path)


def build(*lines: Listed | Odd, **over: object) -> tuple[dict[str, ScannedDirectory], list[Oddity]]:
    scope = ScanScope("pub", **over)  # type: ignore[arg-type]
    found = list(ListedTree(scope).directories(lines))
    directories = {item.path: item for item in found if isinstance(item, ScannedDirectory)}
    odd = [item for item in found if isinstance(item, Oddity)]
    return directories, odd + [each for item in directories.values() for each in item.oddities]


def names(directory: ScannedDirectory) -> list[str]:
    return sorted(entry[0] for entry in directory.entries or ())


TREE = (
    line(DIRECTORY, ""),
    line(DIRECTORY, "a"),
    line(FILE, "a/x"),
    line(DIRECTORY, "a/b"),
    line(FILE, "a/b/y"),
    line(FILE, "a/z"),
)


@pytest.mark.parametrize("order", [TREE, TREE[::-1], TREE[3:] + TREE[:3]])
def test_the_order_of_lines_does_not_matter(order: tuple[Listed, ...]) -> None:
    directories, odd = build(*order)
    assert {path: names(each) for path, each in directories.items()} == {
        "": [],
        "a": ["x", "z"],
        "a/b": ["y"],
    }
    assert odd == []


def test_a_directory_is_shown_as_soon_as_its_lines_end() -> None:
    shown = ListedTree(ScanScope("pub")).directories(iter_tree())
    first = next(shown)
    assert isinstance(first, ScannedDirectory)
    assert (first.path, names(first), first.readable) == ("a/b", ["y"], True)


def iter_tree() -> Iterator[Listed]:
    yield from TREE
    yield line(FILE, "a/never", size=1)
    raise AssertionError("It waited for the end.")


def test_a_directory_of_which_more_turns_up_is_shown_again() -> None:
    tree = ListedTree(ScanScope("pub"))
    lines = (*TREE[:3], line(DIRECTORY, "c"), line(FILE, "c/y"), line(FILE, "a/z"))
    found = [item for item in tree.directories(lines) if item[0] == "a"]
    assert [names(item) for item in found if isinstance(item, ScannedDirectory)] == [
        ["x"],
        ["x", "z"],
    ]


def test_what_lies_in_a_closed_directory_is_shown_as_such_at_once() -> None:
    directories, _ = build(
        line(DIRECTORY, ""), line(DIRECTORY, "a", readable=False), line(FILE, "a/x"), *TREE[3:5]
    )
    assert {path: each.readable for path, each in directories.items()} == {
        "": True, "a": False, "a/b": False,
    }  # fmt: skip


def test_what_turns_out_to_lie_in_a_closed_directory_is_shown_again_as_such() -> None:
    lines = (
        line(DIRECTORY, "a/b"), line(FILE, "a/b/x"), line(DIRECTORY, "c"), line(FILE, "c/y"),
        line(DIRECTORY, "a", readable=False), line(DIRECTORY, ""),
    )  # fmt: skip
    found = list(ListedTree(ScanScope("pub")).directories(lines))
    shown = [
        (item.path, item.readable, names(item))
        for item in found
        if isinstance(item, ScannedDirectory)
    ]
    assert shown == [
        ("a/b", True, ["x"]),
        ("c", True, ["y"]),
        ("", True, []),
        ("a", False, []),
        ("a/b", False, ["x"]),
    ]
    assert [item.sentence for item in found if isinstance(item, Oddity)] == [
        "“pub/a” is not readable by others, nor is what is below."
    ]


def test_groups_may_return_to_a_directory() -> None:
    groups = [
        Group("a", [("x", 1, 100)]),
        Group("a/b", [("y", 1, 100)]),
        Group("a", [("z", 1, 100)]),
        Group("c", [("w", 1, 100)]),
        Group("a", [("late", 1, 100)]),
    ]
    tree = ListedTree(ScanScope("pub"))
    found = list(tree.directories([*TREE[:2], TREE[3], *groups]))
    last = {item.path: names(item) for item in found if isinstance(item, ScannedDirectory)}
    assert last == {"": [], "a": ["late", "x", "z"], "a/b": ["y"], "c": ["w"]}


LINES = [
    *(line(DIRECTORY, path) for path in ("", "a", "a/b", "a/b/c", "d", "empty")),
    *(line(FILE, path) for path in ("x", "a/x", "a/y", "a/b/x", "a/b/c/x", "a/b/c/y", "d/x")),
    line(LINK, "d/link -> ../a/x"),
    line(LINK, "a/b/link -> c/y"),
]


@settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.permutations(LINES), st.sets(st.sampled_from(["a", "a/b", "a/b/c", "d"])))
def test_in_any_order_what_is_shown_last_is_the_same(lines: list[Listed], closed: set[str]) -> None:
    lines = [each._replace(readable=each.path not in closed) for each in lines]
    directories, odd = build(*lines)
    sorted_directories, sorted_odd = build(*sorted(lines, key=attrgetter("path")))
    assert directories == sorted_directories
    assert set(odd) == set(sorted_odd)
    assert len(odd) == len(sorted_odd)
    for path, directory in directories.items():
        assert directory.readable == (not any(is_below(path, each) for each in closed))


def test_groups_of_files_are_taken_as_their_lines_are() -> None:
    files = [("keep", 1, 100), ("x.part", 1, 100), ("..", 1, 100)]
    tree = ListedTree(ScanScope("pub", excludes=(re.compile(r"\.part$"),)))
    found = list(tree.directories([Group("a", files), Group("", [])]))
    assert [names(item) for item in found if isinstance(item, ScannedDirectory)] == [[], ["keep"]]
    assert [item.sentence for item in found if isinstance(item, Oddity)] == [
        "“pub/a/..” is not a path inside the tree; it is left out."
    ]


def test_symlinks_to_many_directories_are_followed() -> None:
    files = [line(FILE, f"{number}/file", size=number) for number in range(2 * TARGETS_KEPT)]
    links = [line(LINK, f"all/{n} -> ../{n}/file") for n in range(2 * TARGETS_KEPT)]
    directories, odd = build(*files, *links)
    assert {int(name): size for name, size, _ in directories["all"].entries or ()} == {
        number: number for number in range(2 * TARGETS_KEPT)
    }
    assert odd == []


def test_directories_that_have_no_line_exist_by_their_files() -> None:
    directories, _ = build(line(FILE, "a/b/c/file"))
    assert list(directories) == ["", "a", "a/b", "a/b/c"]


def test_what_is_below_an_unreadable_directory_is_not_readable() -> None:
    directories, odd = build(
        line(DIRECTORY, "a/b"), line(DIRECTORY, "a", readable=False), line(DIRECTORY, "c")
    )
    assert {path: each.readable for path, each in directories.items()} == {
        "": True, "a": False, "a/b": False, "c": True,
    }  # fmt: skip
    assert [each.sentence for each in odd] == [
        "“pub/a” is not readable by others, nor is what is below."
    ]


def test_what_does_not_belong_to_the_category_is_left_out() -> None:
    directories, odd = build(
        line(FILE, "a/keep"),
        line(FILE, "a/tmp.part"),
        line(FILE, "other/deep/file"),
        line(DIRECTORY, "a/.~tmp~"),
        line(FILE, "a/.~tmp~/x"),
        excludes=(re.compile(r"\.part$"),),
        foreign=frozenset({"other"}),
    )
    assert {path: names(each) for path, each in directories.items()} == {"": [], "a": ["keep"]}
    assert odd == []


@pytest.mark.parametrize(
    ("path", "target", "reason"),
    [
        ("a/l", "x", None),
        ("a/b/l", "../x", None),
        ("a/l", "b/../x", None),
        ("l", "again", None),
        ("l", "nowhere", OddityReason.DANGLING_LINK),
        ("l", "loop", OddityReason.DANGLING_LINK),
        ("l", "a/b", OddityReason.LINKED_DIRECTORY),
        ("a/l", "..", OddityReason.LINKED_DIRECTORY),
        ("a/l", "../../a/x", OddityReason.LINK_OUTSIDE),
        ("l", "/a/x", OddityReason.LINK_OUTSIDE),
        ("l", "out", OddityReason.LINK_OUTSIDE),
        ("l", None, OddityReason.DANGLING_LINK),
    ],
)
def test_a_symlink_counts_as_its_target_or_is_left_out(
    path: str, target: str | None, reason: OddityReason | None
) -> None:
    directories, odd = build(
        *TREE,
        line(LINK, "again -> a/hop"),
        line(LINK, "a/hop -> x"),
        line(LINK, "loop -> loop"),
        line(LINK, "out -> ../secret"),
        line(LINK, path if target is None else f"{path} -> {target}"),
    )
    above, _, name = path.rpartition("/")
    assert (name in names(directories[above])) == (reason is None)
    assert reason in {None, *(each.reason for each in odd if f"pub/{path}”" in each.sentence)}


@pytest.mark.parametrize("path", ["..", "../etc/passwd", "a/../../b", "a//b", "a/./b", "/etc/x"])
@pytest.mark.parametrize("kind", [FILE, DIRECTORY])
def test_a_path_that_is_none_is_left_out(path: str, kind: Kind) -> None:
    directories, odd = build(*TREE, line(kind, path))
    assert sorted(directories) == ["", "a", "a/b"]
    assert all(names(each) in ([], ["x", "z"], ["y"]) for each in directories.values())
    assert {each.reason for each in odd} == {OddityReason.BAD_LINE}


def test_files_that_others_may_not_read_and_devices_are_left_out() -> None:
    directories, odd = build(line(FILE, "secret", readable=False), line(OTHER, "pipe"))
    assert names(directories[""]) == []
    assert [each.reason for each in odd] == [
        OddityReason.FILE_UNREADABLE,
        OddityReason.SPECIAL_FILE,
    ]


def test_a_file_that_is_listed_twice_counts_once() -> None:
    directories, odd = build(line(FILE, "a/x", size=1), line(FILE, "a/x", size=2))
    assert directories["a"].entries == (("x", 2, 100),)
    assert [each.sentence for each in odd] == [
        "“pub/a” has a file listed twice; the last line counts."
    ]


def test_a_line_that_could_not_be_read_is_told() -> None:
    _, odd = build(*TREE, Odd(b"\xff\n", "The name is not UTF-8."))
    assert [each.sentence for each in odd] == [r"“\xff\n” is left out: The name is not UTF-8."]


def test_an_empty_listing_is_refused() -> None:
    with pytest.raises(SourceError, match="The listing is empty"):
        build()


def test_an_incomplete_listing_leaves_what_it_does_not_show_as_known() -> None:
    tree = ListedTree(ScanScope("pub"), complete=lambda: False)
    found = list(tree.directories((*TREE, line(DIRECTORY, "closed"))))
    unlisted = [
        item.path for item in found if isinstance(item, ScannedDirectory) and not item.listed
    ]
    assert unlisted == ["", "closed"]


def test_three_hundred_levels_are_no_problem() -> None:
    deep = "/".join(["d"] * 300)
    directories, odd = build(line(FILE, f"{deep}/file"), line(DIRECTORY, deep))
    assert len(directories) == 301
    assert names(directories[deep]) == ["file"]
    assert odd == []
