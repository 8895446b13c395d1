import pytest

from crawler.logic.checksum_files import Digest
from crawler.logic.file_digests import merge_digests, name_some
from crawler.logic.file_history import FileState
from registry.logic.listings import Entry

ENTRIES = {name: Entry(name, 100, 1_700_000_000) for name in ("a.iso", "b.iso", "SUMS")}
SHA, OTHER, MD5 = "ab" * 32, "cd" * 32, "ef" * 16


def digest(name: str = "a.iso", algorithm: str = "sha256", value: str = SHA) -> Digest:
    return Digest(name, algorithm, value)


def test_digests_of_several_checksum_files_become_one_state_with_facts_of_the_listing() -> None:
    found = [digest(), digest(algorithm="md5", value=MD5), digest()]
    merged = merge_digests(found, entries=ENTRIES, leave_out=())
    assert merged.states == (FileState("a.iso", 1_700_000_000, 100, md5=MD5, sha256=SHA),)
    assert not merged.absent
    assert not merged.disputed


def test_a_file_with_two_digests_of_a_kind_is_disputed_and_gets_no_state() -> None:
    found = [digest(), digest(value=OTHER), digest("b.iso")]
    merged = merge_digests(found, entries=ENTRIES, leave_out=())
    assert [state.filename for state in merged.states] == ["b.iso"]
    assert merged.disputed == ("a.iso",)


def test_a_named_file_that_is_not_there_is_absent() -> None:
    merged = merge_digests([digest("c.iso")], entries=ENTRIES, leave_out=())
    assert merged == ((), ("c.iso",), ())


def test_names_that_others_know_better_are_left_out() -> None:
    merged = merge_digests([digest("SUMS")], entries=ENTRIES, leave_out={"SUMS"})
    assert merged == ((), (), ())


@pytest.mark.parametrize(
    ("names", "sentence"),
    [("ab", "a, b"), ("abc", "a, b, c"), ("abcd", "a, b, c, …")],
)
def test_some_names_stand_for_many(names: str, sentence: str) -> None:
    assert name_some(list(names)) == sentence
