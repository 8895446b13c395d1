from random import Random

import pytest

from crawler.logic.sampling import (
    SamplingPolicy,
    allow_per_directory,
    draw_files,
    frame_listing,
)
from registry.logic.listings import Entry

POLICY = SamplingPolicy(metadata=3, newest=2, at_random=1, files_per_host=30)
PACKAGES = [Entry(f"p{n}.rpm", 100 + n, 1000 + n) for n in range(10)]


def names(entries) -> list[str]:
    return [entry.name for entry in entries]


def test_the_newest_files_come_first_and_of_equals_the_first_name() -> None:
    same = [Entry("b", 1, 5), Entry("a", 1, 5), Entry("c", 1, 4)]
    frame = frame_listing(same, policy=POLICY)
    assert names(frame.newest) == ["a", "b"]
    assert names(frame.rest) == ["c"]


def test_known_metadata_is_told_from_packages() -> None:
    frame = frame_listing([*PACKAGES, Entry("Release", 9, 0)], policy=POLICY)
    assert names(frame.metadata) == ["Release"]
    assert len(frame.newest) + len(frame.rest) == len(PACKAGES)


def test_all_files_beside_repomd_are_metadata_and_it_comes_first() -> None:
    repodata = [Entry("repomd.xml", 3, 1), *(Entry(f"{n}-primary.xml", 3, n) for n in range(5))]
    frame = frame_listing(repodata, policy=POLICY)
    assert names(frame.metadata) == ["repomd.xml", "4-primary.xml", "3-primary.xml"]
    assert not frame.newest
    assert not frame.rest


def test_a_directory_without_files_is_empty() -> None:
    assert frame_listing([], policy=POLICY).empty
    assert not frame_listing(PACKAGES, policy=POLICY).empty


@pytest.mark.parametrize(
    ("directories", "allowed"), [(0, 3), (1, 3), (10, 3), (15, 2), (30, 1), (31, 1), (9999, 1)]
)
def test_the_budget_of_a_host_is_shared_but_never_nothing(directories, allowed) -> None:
    assert allow_per_directory(directories, policy=POLICY) == allowed


@pytest.mark.parametrize(
    ("listing", "allowed", "count"),
    [(PACKAGES, 3, 3), (PACKAGES, 2, 2), (PACKAGES, 1, 1), (PACKAGES[:2], 3, 2), ([], 3, 0)],
)
def test_the_newest_fill_the_allowance_before_chance_does(listing, allowed, count) -> None:
    frame = frame_listing(listing, policy=POLICY)
    drawn = draw_files(frame, allowed=allowed, policy=POLICY, rng=Random(1))
    assert len(drawn) == count
    assert drawn[: min(count, 2)] == list(frame.newest[: min(count, 2)])


def test_metadata_is_asked_for_whatever_is_allowed() -> None:
    frame = frame_listing([*PACKAGES, Entry("InRelease", 9, 0)], policy=POLICY)
    drawn = draw_files(frame, allowed=1, policy=POLICY, rng=Random(1))
    assert names(drawn) == ["InRelease", "p9.rpm"]


def test_the_same_seed_draws_the_same_files_and_others_draw_others() -> None:
    frame = frame_listing(PACKAGES, policy=POLICY)

    def draw(seed: int) -> str:
        return draw_files(frame, allowed=3, policy=POLICY, rng=Random(seed))[2].name

    assert draw(7) == draw(7)
    assert len({draw(seed) for seed in range(50)}) == len(frame.rest)
