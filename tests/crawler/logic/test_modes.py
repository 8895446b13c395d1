from random import Random

import pytest

from crawler.logic.modes import Known, Mode, ModePolicy, choose_rows, order_urls
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
