from datetime import UTC, datetime, timedelta

import pytest

from crawler.logic.file_history import (
    FileState,
    HistoryPolicy,
    Placement,
    ReadReason,
    Recorded,
    expired,
    place_state,
    why_read,
)
from registry.logic.listings import Entry

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def state(content: str = "a", **over: str | int) -> FileState:
    facts: dict[str, str | int] = {
        "timestamp": 17,
        "size_bytes": 3000,
        "sha256": content * 64,
        "sha1": content * 40,
    }
    return FileState("repomd.xml", **(facts | over))  # type: ignore[arg-type]


def recorded(number: int, days_ago: float, content: str = "a") -> Recorded:
    return Recorded(number, NOW - days_ago * DAY, state(content))


@pytest.mark.parametrize(
    ("ages", "kept"),
    [
        # the worked examples of MirrorManager's rule, with 4 days stale and 3 to propagate
        ([1, 6, 9], [1, 6]),
        ([3.2, 7], [3.2]),
        ([3.3, 3.8], [3.3, 3.8]),
        ([15, 40], [15]),
        ([40], [40]),
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([], []),
    ],
)
def test_old_states_go_when_hosts_had_time_to_follow(ages: list[float], kept: list[float]) -> None:
    history = [(number, NOW - age * DAY) for number, age in enumerate(ages)]
    dropped = expired(history, now=NOW, policy=HistoryPolicy())
    assert [age for number, age in enumerate(ages) if number not in dropped] == kept


@pytest.mark.parametrize(
    ("mtime_ago", "size", "changed", "expected"),
    [
        (DAY * 2, 3000, False, None),
        (DAY * 2, 3000, True, ReadReason.CHANGED),
        (DAY * 2, 2999, False, ReadReason.OTHER_SIZE),
        (DAY - timedelta(seconds=1), 3000, False, ReadReason.TOO_FRESH),
        (DAY + timedelta(seconds=1), 3000, False, ReadReason.TOO_FRESH),
        (DAY + timedelta(seconds=3), 3000, False, None),
    ],
)
def test_a_file_is_read_again_when_it_may_differ(
    mtime_ago: timedelta, size: int, changed: bool, expected: ReadReason | None
) -> None:
    entry = Entry("repomd.xml", size, int((NOW - mtime_ago).timestamp()))
    assert why_read(entry, current=recorded(1, 1), changed=changed) is expected


def test_a_file_that_was_never_read_is_read() -> None:
    entry = Entry("repomd.xml", 1, 0)
    assert why_read(entry, current=None, changed=False) is ReadReason.NEVER_READ


HISTORY = [recorded(3, 1, "c"), recorded(2, 2, "b"), recorded(1, 3, "a")]


@pytest.mark.parametrize(
    ("content", "placement", "record"),
    [
        ("c", Placement.CURRENT, 3),
        ("a", Placement.RETURNED, 1),
        ("d", Placement.NEW, None),
    ],
)
def test_a_state_is_found_in_its_history(
    content: str, placement: Placement, record: int | None
) -> None:
    placed = place_state(state(content), HISTORY, now=NOW)
    assert placed[:2] == (placement, record)


def test_the_first_state_of_a_file_is_new() -> None:
    assert place_state(state(), [], now=NOW) == (Placement.NEW, None, NOW)


def test_a_new_state_is_current_even_if_a_clock_went_backwards() -> None:
    placed = place_state(state("d"), HISTORY, now=NOW - 9 * DAY)
    assert placed.seen_at > HISTORY[0].seen_at


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (state("c", timestamp=99), True),
        (state("c", sha1=""), True),
        (state("c", size_bytes=1), False),
        (state("c", sha1="d" * 40), False),
        (state("c", sha256="", sha1=""), False),
    ],
)
def test_states_are_the_same_if_all_digests_that_both_have_agree(
    other: FileState, same: bool
) -> None:
    placed = place_state(other, HISTORY[:1], now=NOW)
    assert (placed.placement is Placement.CURRENT) is same


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (("sha1", "a" * 40), None),
        (("sha1", "b" * 40), ReadReason.OTHER_DIGEST),
        (("md5", "b" * 32), ReadReason.CHANGED),  # the state has no such digest to compare
        (None, ReadReason.CHANGED),
    ],
)
def test_a_published_digest_decides_whether_a_file_is_read(
    hint: tuple[str, str] | None, expected: ReadReason | None
) -> None:
    entry = Entry("repomd.xml", 3000, int(NOW.timestamp()))
    assert why_read(entry, current=recorded(1, 1), changed=True, hint=hint) == expected
