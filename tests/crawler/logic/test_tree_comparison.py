import pytest

from crawler.logic.tree_comparison import ComparisonPolicy, Row, TreeComparison
from crawler.logic.verdicts import Reason, State, Verdict
from registry.logic.listings import Entry, digest_listing, pack_listing

URL = "rsync://mirror.example.org/pub"
DAY = "2023/02/01 00:00:0"
T = 1_675_209_600  # 2023-02-01 00:00:00 UTC
UP2DATE, STALE, MISSING = State.UP2DATE, State.STALE, State.MISSING
TREE = {
    "": (),
    "os": (Entry("a.rpm", 10, T), Entry("b.rpm", 20, T)),
    "os/repodata": (Entry("repomd.xml", 30, T + 1),),
}
TOP = f"drwxr-xr-x 4096 {DAY}0 ."
OS = f"drwxr-xr-x 4096 {DAY}0 os"
A, B = f"-rw-r--r-- 10 {DAY}0 os/a.rpm", f"-rw-r--r-- 20 {DAY}0 os/b.rpm"
REPODATA = f"drwxr-xr-x 4096 {DAY}0 os/repodata"
REPOMD = f"-rw-r--r-- 30 {DAY}1 os/repodata/repomd.xml"
ALL = [TOP, OS, A, B, REPODATA, REPOMD]


def rows() -> list[Row]:
    return [
        Row(number, path, pack_listing(entries), digest_listing(entries))
        for number, (path, entries) in enumerate(TREE.items())
    ]


def compare(lines: list[str], *, whole: bool = True) -> dict[str, Verdict]:
    comparison = TreeComparison(rows(), url=URL, policy=ComparisonPolicy())
    comparison.read(line.encode() for line in lines)
    verdicts = comparison.finish(whole=whole).verdicts
    return {path: verdicts[number] for number, path in enumerate(TREE) if number in verdicts}


def without(*lines: str, add: tuple[str, ...] = ()) -> list[str]:
    return [line for line in ALL if line not in lines] + list(add)


GOOD = (UP2DATE, Reason.LISTING_MATCHES)
GONE = (MISSING, Reason.NOT_FOUND)
LINK = "lrwxrwxrwx 7 2023/02/01 00:00:00"
# The listing, whether it is whole, and what follows for the top, os and os/repodata.
TABLE = [
    ("a perfect copy", ALL, True, [GOOD, GOOD, GOOD]),
    ("files in another order", [TOP, OS, REPODATA, B, A, REPOMD], True, [GOOD, GOOD, GOOD]),
    ("a directory in two pieces", [TOP, OS, A, REPODATA, REPOMD, B], True, [GOOD, GOOD, GOOD]),
    ("more than the master", [*ALL, f"-rw-r--r-- 1 {DAY}0 os/c"], True, [GOOD, GOOD, GOOD]),
    (
        "more than the master, among its files",
        [TOP, OS, A, B, f"-rw-r--r-- 1 {DAY}0 os/c", REPODATA, REPOMD],
        True,
        [GOOD, GOOD, GOOD],
    ),
    ("unknown directory", [*ALL, f"-rw-r--r-- 1 {DAY}0 x/c"], True, [GOOD, GOOD, GOOD]),
    (
        "a directory and a device that nobody knows",
        [*ALL, f"drwxr-xr-x 4096 {DAY}0 x", f"crw-r--r-- 0 {DAY}0 os/null"],
        True,
        [GOOD, GOOD, GOOD],
    ),
    ("a file is missing", without(A), True, [GOOD, GONE, GOOD]),
    ("a file was not reached", without(A), False, [GOOD, None, GOOD]),
    ("all files are missing", without(A, B), True, [GOOD, GONE, GOOD]),
    ("a directory is missing", without(REPODATA, REPOMD), True, [GOOD, GOOD, GONE]),
    ("a directory was not reached", without(REPODATA, REPOMD), False, [GOOD, GOOD, None]),
    ("nothing is there", [], True, [GONE, GONE, GONE]),
    ("nothing was reached", [], False, [None, None, None]),
    ("a link instead of a file", without(A, add=(f"{LINK} os/a.rpm",)), True, [GOOD, GOOD, GOOD]),
    ("links only", without(REPOMD, add=(f"{LINK} os/repodata/repomd.xml",)), True, [GOOD] * 3),
    ("a link to a directory", [TOP, f"{LINK} os"], True, [GOOD, None, None]),
    ("files that cannot be seen yet", without(A, B), False, [GOOD, None, GOOD]),
    (
        "a closed directory",
        [TOP, OS, A, B, f"drwx------ 4096 {DAY}0 os/repodata"],
        False,
        [GOOD, GOOD, (State.UNREADABLE, Reason.FORBIDDEN)],
    ),
    (
        "another size",
        without(A, add=(f"-rw-r--r-- 11 {DAY}0 os/a.rpm",)),
        True,
        [GOOD, (STALE, Reason.SIZE_DIFFERS), GOOD],
    ),
    (
        "another size, cut off",
        without(A, B, add=(f"-rw-r--r-- 11 {DAY}0 os/a.rpm",)),
        False,
        [GOOD, (STALE, Reason.SIZE_DIFFERS), GOOD],
    ),
    (
        "older",
        without(REPOMD, add=("-rw-r--r-- 30 2023/01/31 00:00:00 os/repodata/repomd.xml",)),
        True,
        [GOOD, GOOD, (STALE, Reason.TIME_DIFFERS)],
    ),
    (
        "newer",
        without(REPOMD, add=("-rw-r--r-- 30 2024/01/31 00:00:00 os/repodata/repomd.xml",)),
        True,
        [GOOD, GOOD, GOOD],
    ),
    (
        "within the tolerance",
        without(REPOMD, add=("-rw-r--r-- 30 2023/01/31 23:59:59 os/repodata/repomd.xml",)),
        True,
        [GOOD, GOOD, GOOD],
    ),
    (
        "times that nobody kept",
        [line.replace("2023", "2001") for line in ALL],
        True,
        [GOOD, GOOD, GOOD],
    ),
    (
        "older, and then of another size",
        [
            *(TOP, OS, "-rw-r--r-- 10 2022/01/31 00:00:00 os/a.rpm", REPODATA, REPOMD),
            f"-rw-r--r-- 21 {DAY}0 os/b.rpm",
        ],
        True,
        [GOOD, (STALE, Reason.SIZE_DIFFERS), GOOD],
    ),
    (
        "older, and then short of a file",
        [TOP, OS, "-rw-r--r-- 10 2022/01/31 00:00:00 os/a.rpm", REPODATA, REPOMD],
        True,
        [GOOD, (STALE, Reason.TIME_DIFFERS), GOOD],
    ),
]


@pytest.mark.parametrize(("lines", "whole", "expected"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_what_a_listing_proves(lines, whole, expected) -> None:
    found = compare(lines, whole=whole)
    assert [found[path][:2] if path in found else None for path in TREE] == expected


def test_the_sentence_names_file_numbers_and_url() -> None:
    lines = without(
        A, B, add=(f"-rw-r--r-- 1,100 {DAY}0 os/a.rpm", f"-rw-r--r-- 2 {DAY}0 os/b.rpm")
    )
    assert compare(lines)["os"].sentence == (
        "a.rpm should have 10 bytes and has 1,100 (2 files differ). "
        "Listed by rsync://mirror.example.org/pub."
    )
    assert compare(without(A, B))["os"].sentence.startswith("a.rpm is not there (2 files lacking).")


def test_control_characters_do_not_reach_the_sentences() -> None:
    comparison = TreeComparison(rows(), url=URL, policy=ComparisonPolicy())
    comparison.read([b"\x1b]0;hello\x07", *[b"\xff\xfe nonsense"] * 20])
    compared = comparison.finish(whole=True)
    assert len(compared.odd) == 10
    assert all(line.isprintable() for line in compared.odd)
    assert compared.odd[0] == r"This is not a line of a listing. Line: \x1b]0;hello\x07"


def test_size_and_time_of_watched_files_are_kept_where_a_directory_differs() -> None:
    watch = {0: {"x"}, 1: {"a.rpm"}, 2: {"repomd.xml"}}
    comparison = TreeComparison(rows(), url=URL, policy=ComparisonPolicy(), watch=watch)
    lines = [TOP, OS, A, B.replace(" 20 ", " 21 "), REPODATA, REPOMD]
    comparison.read(line.encode() for line in lines)
    assert comparison.finish(whole=True).watched == {1: {"a.rpm": (10, T)}}
