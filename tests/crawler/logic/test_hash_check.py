from dataclasses import replace

import pytest

from crawler.logic.file_history import FileState
from crawler.logic.hash_check import HashReason, judge_hashes

FOUND = FileState("a.iso", 20, 100, md5="1" * 32, sha1="2" * 40, sha256="3" * 64, sha512="4" * 128)


@pytest.mark.parametrize(
    ("known", "reason", "good"),
    [
        (None, HashReason.RECORDED, True),
        (FOUND, HashReason.SAME, True),
        (replace(FOUND, timestamp=10), HashReason.SAME, True),
        (replace(FOUND, sha512=""), HashReason.FILLED, True),
        (replace(FOUND, size_bytes=99), HashReason.SIZE_DIFFERS, False),
        (replace(FOUND, md5="", sha1="9" * 40), HashReason.DIGEST_DIFFERS, False),
    ],
)
def test_a_file_is_as_recorded_or_it_is_said_how_it_differs(
    known: FileState | None, reason: HashReason, good: bool
) -> None:
    verdict = judge_hashes(known, FOUND)
    assert (verdict.reason, verdict.good) == (reason, good)


def test_missing_digests_are_filled_in_and_the_recorded_time_stays() -> None:
    known = replace(FOUND, timestamp=10, md5="", sha1="")
    verdict = judge_hashes(known, FOUND)
    assert verdict.state == replace(FOUND, timestamp=10)
    assert verdict.sentence == "It had no sha1, md5 yet."


def test_a_difference_names_both_digests() -> None:
    verdict = judge_hashes(replace(FOUND, sha256="f" * 64), FOUND)
    assert "sha256 begins with ffffffffffff, but it has 333333333333" in verdict.sentence
    assert verdict.state is None
