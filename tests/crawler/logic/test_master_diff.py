from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.logic.master_diff import (
    ChangeReason,
    Diff,
    DiffPolicy,
    Known,
    LossReason,
    PastScan,
    Seen,
    Totals,
    believed_times,
    diff_tree,
    fits_index,
    judge_loss,
    last_complete,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
POLICY = DiffPolicy()


def known(**over: Any) -> Known:
    facts: dict[str, Any] = {
        "id": 1,
        "digest": b"a" * 16,
        "readable": True,
        "changed_at": LONG_AGO,
        "file_count": 3,
        "size_bytes": 300,
    }
    return Known(**(facts | over))


def seen(**over: Any) -> Seen:
    facts: dict[str, Any] = {"digest": b"a" * 16, "readable": True, "changed_at": LONG_AGO}
    return Seen(**(facts | over))


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        ({}, {}, ()),
        ({}, {"digest": None}, ()),
        ({}, {"digest": None, "listed": False, "changed_at": NOW}, ()),
        ({}, {"digest": b"b" * 16}, (ChangeReason.FILES,)),
        ({}, {"digest": b"b" * 16, "changed_at": NOW}, (ChangeReason.FILES,)),
        ({}, {"changed_at": NOW}, (ChangeReason.TOUCHED,)),
        ({}, {"readable": False}, (ChangeReason.CLOSED,)),
        ({}, {"readable": False, "digest": None}, (ChangeReason.CLOSED,)),
        ({"readable": False}, {}, (ChangeReason.OPENED,)),
        (
            {"readable": False},
            {"digest": b"b" * 16},
            (ChangeReason.FILES, ChangeReason.OPENED),
        ),
    ],
)
def test_a_directory_is_changed_for_a_reason(
    before: dict[str, Any], after: dict[str, Any], reasons: tuple[ChangeReason, ...]
) -> None:
    found = diff_tree({"pub": known(**before)}, {"pub": seen(**after)}, now=NOW, policy=POLICY)
    assert [change.reasons for change in found.changed] == ([reasons] if reasons else [])
    assert (found.added, found.vanished, found.hidden) == ((), (), ())


def test_what_was_not_known_is_added_and_what_was_not_seen_vanished() -> None:
    found = diff_tree(
        {"pub": known(), "pub/b": known()}, {"pub": seen(), "pub/c": seen()}, now=NOW, policy=POLICY
    )
    assert [change.path for change in found.added] == ["pub/c"]
    assert found.added[0].sentence == "It is new."
    assert found.vanished == ("pub/b",)
    assert found.changed == ()


def test_what_lies_below_an_unlisted_directory_is_kept() -> None:
    before = {path: known() for path in ("pub", "pub/a", "pub/a/b", "pub/ab")}
    found = diff_tree(
        before, {"pub": seen(), "pub/a": seen(digest=None, listed=False)}, now=NOW, policy=POLICY
    )
    assert found.hidden == ("pub/a/b",)
    assert found.vanished == ("pub/ab",)
    assert found.changed == ()


def test_what_lies_below_a_closed_directory_is_closed_with_it() -> None:
    before = {"pub": known(), "pub/a": known(), "pub/b": known(readable=False)}
    found = diff_tree(
        before, {"pub": seen(digest=None, listed=False, readable=False)}, now=NOW, policy=POLICY
    )
    assert [change.path for change in found.changed] == ["pub", "pub/a"]
    assert {change.reasons for change in found.changed} == {(ChangeReason.CLOSED,)}
    assert found.unreadable == ("pub",)


@pytest.mark.parametrize(
    ("over", "believed"),
    [
        ({}, True),
        ({"digest": b""}, False),
        ({"changed_at": NOW - timedelta(days=1)}, False),
        ({"changed_at": NOW - timedelta(days=1, seconds=1)}, True),
        ({"changed_at": NOW + timedelta(days=1)}, False),
    ],
)
def test_a_change_time_is_believed_when_it_had_settled(
    over: dict[str, Any], believed: bool
) -> None:
    times = believed_times(
        {"pub/x": known(**over)}, complete_at=NOW, always_read="repodata", policy=POLICY
    )
    assert ("pub/x" in times) is believed


def test_no_change_time_is_believed_before_the_first_complete_scan() -> None:
    rows = {"pub/x": known()}
    assert believed_times(rows, complete_at=None, always_read="x", policy=POLICY) == {}


def test_metadata_is_always_read() -> None:
    rows = {"pub/os/repodata": known(), "repodata": known(), "pub/norepodata": known()}
    times = believed_times(rows, complete_at=NOW, always_read="repodata", policy=POLICY)
    assert set(times) == {"pub/norepodata"}
    besides = {"pub/norepodata"}
    assert not believed_times(
        rows, complete_at=NOW, always_read="repodata", policy=POLICY, besides=besides
    )


@pytest.mark.parametrize(
    ("scans", "expected"),
    [
        ([], None),
        ([PastScan(NOW, 7, 0), PastScan(LONG_AGO, 7, 0)], NOW),
        ([PastScan(NOW, 7, 3), PastScan(LONG_AGO, 7, 0)], LONG_AGO),
        ([PastScan(NOW, 7, 3)], None),
        ([PastScan(NOW, 8, 0), PastScan(LONG_AGO, 7, 0)], None),
        ([PastScan(NOW, 7, 1), PastScan(LONG_AGO, 8, 0), PastScan(LONG_AGO, 7, 0)], None),
    ],
)
def test_a_scan_is_complete_if_it_listed_everything_of_the_same_scope(
    scans: list[PastScan], expected: datetime | None
) -> None:
    assert last_complete(scans, scope=7) == expected


@pytest.mark.parametrize(
    ("before", "after", "lost", "expected"),
    [
        (Totals(10, 90), Totals(10, 90), 0, LossReason.SAFE),
        (Totals(10, 90), Totals(5, 40), 5, LossReason.SAFE),
        (Totals(10, 90), Totals(4, 40), 6, LossReason.TOO_MUCH),
        (Totals(10, 90), Totals(1, 0), 9, LossReason.EMPTY),
        (Totals(1, 90), Totals(1, 0), 0, LossReason.EMPTY),
        (Totals(1, 0), Totals(1, 0), 0, LossReason.SAFE),
        (Totals(0, 0), Totals(1, 0), 0, LossReason.SAFE),
        (Totals(2, 0), Totals(1, 3), 1, LossReason.SAFE),
    ],
)
def test_a_scan_that_loses_too_much_is_refused_unless_forced(
    before: Totals, after: Totals, lost: int, expected: LossReason
) -> None:
    result = Diff((), (), tuple(map(str, range(lost))), (), (), ())
    verdict = judge_loss(result, known=before, seen=after, policy=POLICY, force=False)
    assert verdict.reason is expected
    assert verdict.refused is (expected in {LossReason.EMPTY, LossReason.TOO_MUCH})
    forced = judge_loss(result, known=before, seen=after, policy=POLICY, force=True)
    assert not forced.refused
    assert (forced.reason is LossReason.FORCED) is verdict.refused


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("pub/linux", True),
        ("ä" * 1200, True),
        ("/".join(f"level{number:03}" for number in range(400)), True),
        ("".join(chr(33 + number * 7919 % 94) for number in range(2400)), True),
        ("".join(chr(0x4E00 + number * 7919 % 20000) for number in range(1500)), False),
    ],
)
def test_a_path_fits_if_every_database_can_index_it(path: str, fits: bool) -> None:
    assert fits_index(path) is fits


@pytest.mark.parametrize(
    ("gone_for", "vanished", "dropped", "awaited"),
    [
        (None, ("gone",), (), ("gone",)),
        (timedelta(hours=23), (), (), ()),
        (timedelta(days=1), (), ("gone",), ()),
    ],
)
def test_what_is_gone_is_dropped_when_its_grace_is_over(
    gone_for: timedelta | None,
    vanished: tuple[str, ...],
    dropped: tuple[str, ...],
    awaited: tuple[str, ...],
) -> None:
    since = None if gone_for is None else NOW - gone_for
    policy = DiffPolicy(grace=timedelta(days=1))
    result = diff_tree({"gone": known(vanished_at=since)}, {}, now=NOW, policy=policy)
    assert (result.vanished, result.dropped, result.awaited) == (vanished, dropped, awaited)


def test_what_is_back_is_a_change_although_its_files_are_the_same() -> None:
    before = {"back": known(vanished_at=LONG_AGO)}
    result = diff_tree(before, {"back": seen()}, now=NOW, policy=POLICY)
    assert [change.sentence for change in result.changed] == ["It is back."]


def test_what_moved_is_dropped_at_once_and_not_lost() -> None:
    policy = DiffPolicy(grace=timedelta(days=1))
    result = diff_tree({"old": known()}, {"new": seen()}, now=NOW, policy=policy)
    assert (result.vanished, result.dropped, result.awaited) == (("old",), ("old",), ())
    totals = Totals(1, 3)
    verdict = judge_loss(result, known=totals, seen=totals, policy=policy, force=False)
    assert verdict.reason is LossReason.SAFE
