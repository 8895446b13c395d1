from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from crawler.logic.modes import (
    Known,
    Mode,
    ModePolicy,
    changed_since,
    choose_rows,
    count_as_crawled_at,
    order_urls,
)
from crawler.logic.tree_comparison import Row

ROWS = [Row(number, f"d{number}", b"", scanned_at=number) for number in range(10)]
POLICY = ModePolicy(spot_checks=2)


def chosen(mode: Mode, known: Known, policy: ModePolicy = POLICY) -> list[int]:
    rows = choose_rows(ROWS, mode=mode, known=known, metadata={3, 5}, policy=policy, rng=Random(1))
    return [row.id for row in rows]


def test_a_full_visit_looks_at_everything() -> None:
    assert chosen(Mode.FULL, Known(set(range(10)), 100)) == list(range(10))


def test_metadata_is_what_has_digests() -> None:
    assert chosen(Mode.REPODATA, Known(set(), None)) == [3, 5]


def test_changes_are_what_the_master_wrote_since_and_what_is_not_up2date() -> None:
    known = Known(set(range(10)) - {2}, 8)
    assert chosen(Mode.CHANGES, known, ModePolicy(spot_checks=0)) == [2, 8, 9]


def test_a_few_others_are_looked_at_as_well() -> None:
    found = chosen(Mode.CHANGES, Known(set(range(10)), 8))
    assert len(found) == 4
    assert found == sorted(found)
    assert {8, 9} < set(found)


def test_all_others_if_there_are_few() -> None:
    assert chosen(Mode.CHANGES, Known({0, 1}, 0), ModePolicy(spot_checks=20)) == list(range(10))


def test_what_was_never_crawled_is_looked_at_as_a_whole() -> None:
    assert chosen(Mode.CHANGES, Known(set(range(10)), None)) == list(range(10))


LOADED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "counts"), [(0, 0), (29, 29), (30, 30), (31, 30), (600, 30)])
def test_a_visit_counts_as_made_soon_after_its_tree_was_loaded(minutes, counts) -> None:
    ended_at = LOADED + timedelta(minutes=minutes)
    found = count_as_crawled_at(ended_at, loaded_at=LOADED, policy=POLICY)
    assert found == LOADED + timedelta(minutes=counts)
    since = changed_since(found, policy=POLICY)
    assert since is not None
    assert since <= (LOADED - timedelta(minutes=30)).timestamp()


def test_before_the_first_visit_everything_is_a_change() -> None:
    assert changed_since(None, policy=POLICY) is None


URLS = {1: "http://a", 2: "rsync://a", 3: "https://a", 4: "ftp://a", 5: "http://b"}


@pytest.mark.parametrize(
    ("preference", "mode", "order"),
    [
        (("rsync", "https", "http", "ftp"), Mode.FULL, [2, 3, 1, 5, 4]),
        (("rsync", "https", "http", "ftp"), Mode.CHANGES, [3, 1, 5, 4]),
        (("http",), Mode.FULL, [1, 5]),
        (("rsync",), Mode.REPODATA, [2]),
    ],
)
def test_urls_are_asked_by_what_the_category_prefers(preference, mode, order) -> None:
    assert list(order_urls(URLS, preference=preference, mode=mode)) == order
