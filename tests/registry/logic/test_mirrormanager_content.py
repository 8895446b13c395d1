from datetime import UTC, datetime

import pytest

from registry.logic.batches import in_batches
from registry.logic.listings import Entry
from registry.logic.mirrormanager.choices import ChoiceReason, Ledger
from registry.logic.mirrormanager.content import (
    EPOCH,
    Detail,
    Place,
    moment_of,
    note_several_categories,
    place_directories,
    read_detail,
    read_files,
    want_repositories,
)
from registry.logic.mirrormanager.rows import DirectoryRow, FileDetailRow, RepositoryRow
from tests.registry.logic.mirrormanager_rows import row

TOPS = ["pub/fedora", "pub/fedora/extras"]
PLACES = {1: Place("pub/fedora/a", "pub/fedora"), 2: Place("pub/fedora/b", "pub/fedora")}
ARCHES = {1: "x86_64"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pub/fedora/42", Place("pub/fedora/42", "pub/fedora")),
        ("/pub/fedora/42/", Place("pub/fedora/42", "pub/fedora")),
        ("pub/fedora/extras/9", Place("pub/fedora/extras/9", "pub/fedora/extras")),
        ("pub/fedora", Place("pub/fedora", "pub/fedora")),
    ],
)
def test_a_directory_goes_with_the_longest_top_directory(name, expected) -> None:
    assert place_directories([(7, name)], TOPS, Ledger()) == {7: expected}


@pytest.mark.parametrize(
    ("name", "reason"),
    [("pub/other", ChoiceReason.OUTSIDE), ("pub/fedora/../x", ChoiceReason.INVALID)],
)
def test_a_directory_below_no_top_directory_is_left_out(name, reason) -> None:
    ledger = Ledger()
    assert place_directories([(7, name)], TOPS, ledger) == {}
    assert ledger.counts == {reason: 1}


def test_a_directory_in_several_categories_is_named_with_the_one_it_goes_with() -> None:
    ledger = Ledger()
    memberships = [(1, 1), (2, 1), (9, 1), (1, 2), (1, 8)]
    note_several_categories(memberships, PLACES, {1: "pub/fedora", 2: "pub/f"}, ledger)
    assert [choice.sentence for choice in ledger.choices] == [
        "“pub/fedora/a” goes with “pub/fedora”, not with the other Categories."
    ]


@pytest.mark.parametrize("files", [None, b"", b"  ", b"[]"])
def test_no_files_are_an_empty_listing(files) -> None:
    assert read_files(row(DirectoryRow, files=files), Ledger()) == ()


def test_files_are_read_from_json_each_name_once() -> None:
    files = (
        b'[{"name": "b", "size": 2, "timestamp": 5}, {"name": "a", "size": 1, "timestamp": 4}, '
        b'{"name": "b", "size": 3, "timestamp": 6}]'
    )
    assert read_files(row(DirectoryRow, files=files), Ledger()) == (
        Entry("a", 1, 4), Entry("b", 3, 6),
    )  # fmt: skip


@pytest.mark.parametrize("files", [b"(dp0\n.", b"}q\x00.", b"\x80\x04\x95"])
def test_a_pickle_is_counted_and_never_read(files) -> None:
    ledger = Ledger()
    assert read_files(row(DirectoryRow, files=files), ledger) is None
    assert ledger.counts == {ChoiceReason.PICKLED: 1}


@pytest.mark.parametrize(
    "files",
    [
        b"nonsense", b"null", b'{"a": 1}', b"[1]", b'[{"name": "a"}]', b"[" * 100_000, b"\xff",
        b'[{"name": "a/b", "size": 1, "timestamp": 1}]',
        b'[{"name": "", "size": 1, "timestamp": 1}]',
        b'[{"name": 5, "size": 1, "timestamp": 1}]', b'[{"name": "a", "size": -1, "timestamp": 1}]',
        b'[{"name": [], "size": 1, "timestamp": 1}]',
        b'[{"name": "a", "size": Infinity, "timestamp": 1}]',
        b'[{"name": "a", "size": 1, "timestamp": 1e30}]',
        b'[{"name": "a", "size": 1e30, "timestamp": 1}]',
    ],
)  # fmt: skip
def test_files_that_are_no_list_of_files_are_counted(files) -> None:
    ledger = Ledger()
    assert read_files(row(DirectoryRow, files=files), ledger) is None
    assert ledger.counts == {ChoiceReason.BROKEN_FILES: 1}


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (None, EPOCH),
        (-5, EPOCH),
        (10**15, EPOCH),
    ],
)
def test_a_time_out_of_the_calendar_is_the_epoch(timestamp, expected) -> None:
    assert moment_of(timestamp) == expected


def test_a_file_detail_keeps_its_digests_in_lower_case() -> None:
    detail = read_detail(row(FileDetailRow, sha256="A" * 64, md5=" "), Ledger())
    assert detail == Detail("repomd.xml", 5, 7, "", "", "a" * 64, "")


def test_a_digest_that_is_none_is_left_empty() -> None:
    ledger = Ledger()
    detail = read_detail(row(FileDetailRow, sha1="short", timestamp=None, size=None), ledger)
    assert detail == Detail("repomd.xml", 0, 0, "", "", "", "")
    assert ledger.choices[0].sentence == "The sha1 of “repomd.xml” is not 40 hexadecimal digits."


@pytest.mark.parametrize("filename", [None, "", "a/b", "x" * 256])
def test_a_file_detail_without_possible_name_is_left_out(filename) -> None:
    assert read_detail(row(FileDetailRow, filename=filename), Ledger()) is None


def want(*rows, held=None):
    ledger = Ledger()
    wanted = want_repositories(rows, PLACES, ARCHES, held=held or {}, ledger=ledger)
    return [(each.path, each.prefix, each.arch) for each in wanted], ledger


def test_a_repository_keeps_prefix_and_arch() -> None:
    assert want(row(RepositoryRow))[0] == [("pub/fedora/a", "fedora-42", "x86_64")]


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"prefix": None}, ("pub/fedora/a", "", "x86_64")),
        ({"arch_id": None}, ("pub/fedora/a", "fedora-42", None)),
        ({"arch_id": 9}, ("pub/fedora/a", "fedora-42", None)),
        ({"prefix": "x" * 201}, ("pub/fedora/a", "", "x86_64")),
    ],
)
def test_a_repository_may_lack_prefix_or_arch(over, expected) -> None:
    assert want(row(RepositoryRow, **over))[0] == [expected]


@pytest.mark.parametrize("directory", [None, 9])
def test_a_repository_without_directory_is_left_out(directory) -> None:
    wanted, ledger = want(row(RepositoryRow, directory_id=directory))
    assert wanted == []
    assert ledger.counts == {ChoiceReason.NO_PARENT: 1}


def test_of_two_repositories_of_one_directory_that_with_a_prefix_is_taken() -> None:
    wanted, ledger = want(row(RepositoryRow, 1, prefix=None), row(RepositoryRow, 2))
    assert wanted == [("pub/fedora/a", "fedora-42", "x86_64")]
    assert ledger.choices[0].row == "repository 1"


def test_of_two_repositories_with_one_prefix_the_earlier_keeps_it() -> None:
    wanted, ledger = want(row(RepositoryRow), row(RepositoryRow, 2, directory_id=2))
    assert wanted == [("pub/fedora/a", "fedora-42", "x86_64"), ("pub/fedora/b", "", "x86_64")]
    assert ledger.choices[0].sentence == (
        "“fedora-42” for x86_64 belongs to “pub/fedora/a” already, so the Repository "
        "“pub/fedora/b” has no prefix."
    )


@pytest.mark.parametrize(
    ("path", "prefix"), [("pub/unknown/there", ""), ("pub/fedora/a", "fedora-42")]
)
def test_a_prefix_held_here_at_a_path_that_is_not_imported_stays_there(path, prefix) -> None:
    wanted, _ = want(row(RepositoryRow), held={("fedora-42", "x86_64"): path})
    assert wanted == [("pub/fedora/a", prefix, "x86_64")]


def test_a_prefix_may_move_between_imported_repositories() -> None:
    wanted, _ = want(
        row(RepositoryRow, prefix=None),
        row(RepositoryRow, 2, directory_id=2),
        held={("fedora-42", "x86_64"): "pub/fedora/a"},
    )
    assert wanted == [("pub/fedora/b", "fedora-42", "x86_64"), ("pub/fedora/a", "", "x86_64")]


def test_batches_hold_at_most_their_size() -> None:
    assert list(in_batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(in_batches([], 2)) == []
