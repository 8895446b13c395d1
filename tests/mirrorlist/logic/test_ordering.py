from collections import Counter
from random import Random

import pytest

from mirrorlist.logic.ordering import SECONDS_PER_REPLACEMENT, Ordering


def test_the_same_seed_draws_the_same_permutations() -> None:
    one, other = (Ordering([1, 2, 3] * 10, rng=Random(7)) for _ in range(2))
    assert [one.permutation() for _ in range(200)] == [other.permutation() for _ in range(200)]


def test_a_permutation_ranks_everybody_once() -> None:
    assert sorted(Ordering([5, 0, -1, 7], rng=Random(0)).permutation()) == [0, 1, 2, 3]


def test_nobody_is_impossible_to_order() -> None:
    assert Ordering([], rng=Random(0)).permutation() == []


@pytest.mark.parametrize("members", [range(6), (1, 3, 5)])
def test_first_positions_follow_the_weights(members) -> None:
    """Also those of a part of the Hosts, though permutations are drawn for all of them."""
    weights = [1000, 500, 250, 100, 50, 100]
    ordering = Ordering(weights, rng=Random(42), size=32)
    draws = 40_000
    first: Counter[int] = Counter()
    for _ in range(draws):
        first[min(members, key=ordering.permutation().__getitem__)] += 1
        ordering.renew()
    total = sum(weights[member] for member in members)
    expected = {member: draws * weights[member] / total for member in members}
    chi_square = sum((first[m] - expected[m]) ** 2 / expected[m] for m in members)
    assert chi_square < 20.5  # 0.1 % of honest runs are above it with 5 degrees of freedom


def test_a_pool_is_renewed_as_time_passes() -> None:
    ordering = Ordering([1] * 50, rng=Random(0), size=1)
    ordering.pass_time(100.0)
    first = ordering.permutation()
    ordering.pass_time(100.0 + SECONDS_PER_REPLACEMENT / 2)
    assert ordering.permutation() is first
    ordering.pass_time(100.0 + SECONDS_PER_REPLACEMENT)
    assert ordering.permutation() is not first


def test_a_clock_set_back_does_not_stop_the_renewal() -> None:
    ordering = Ordering([1] * 50, rng=Random(0), size=1)
    ordering.pass_time(100_000.0)
    first = ordering.permutation()
    ordering.pass_time(100.0)
    assert ordering.permutation() is not first


def test_an_even_shuffle_ignores_the_weights() -> None:
    ordering = Ordering([10_000, 1], rng=Random(3))
    first = Counter(ordering.shuffled([0, 1])[0] for _ in range(2000))
    assert 900 < first[0] < 1100
