"""First positions follow the weights: of a mirrorlist, and of a redirect, which draws only one.

The thresholds are those that one honest run in a thousand exceeds; the seeds are fixed.
"""

from collections import Counter
from random import Random

import pytest

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.ordering import SECONDS_PER_REPLACEMENT, Ordering
from tests.mirrorlist.memory import DE, NOW, US, a_host, a_world, ask, listed, network

QUERY = "repo=fedora-42&arch=x86_64"
WEIGHTS = {"de1": 10_000, "de2": 5000, "de3": 1000, "de4": 1000, "de5": 100, "de6": 1}
HOSTS = [a_host(n, "DE", weight=weight) for n, weight in enumerate(WEIGHTS.values(), start=1)]
OTHERS = [a_host(7, "FR", weight=10_000), a_host(8, "US", weight=10_000)]
DRAWS = 20_000
GREATEST_CHI_SQUARE = 20.5  # 5 degrees of freedom


def first_of_list(world, turn: int, ip: str) -> str:
    # Time enough to renew a permutation: pools are not what is tested.
    now = NOW + turn * SECONDS_PER_REPLACEMENT * 2
    return listed(ask(world, QUERY, ip=ip, now=now))[0]


def first_of_redirect(world, turn: int, ip: str) -> str:
    location = dict(ask(world, f"{QUERY}&redirect=1", ip=ip).headers)["Location"]
    return location.removeprefix("https://").split(".")[0]


@pytest.mark.parametrize("first", [first_of_list, first_of_redirect])
@pytest.mark.parametrize("netblock", ["198.51.100.0/24", "192.0.2.0/28"])
def test_first_positions_follow_the_weights(first, netblock: str) -> None:
    snapshot = network([*HOSTS, *OTHERS], netblocks=Ranges([(netblock, 7)]))
    world = a_world(snapshot, seed=4, minimum_hosts=1)
    found = Counter(first(world, turn, DE) for turn in range(DRAWS))
    if netblock.startswith("192"):
        assert found == {"us8": DRAWS}, "a preferred Host comes first, whatever the weights"
        return
    total = sum(WEIGHTS.values())
    expected = {name: DRAWS * weight / total for name, weight in WEIGHTS.items()}
    assert set(found) <= set(expected)
    chi_square = sum((found[name] - n) ** 2 / n for name, n in expected.items())
    assert chi_square < GREATEST_CHI_SQUARE


def test_a_pool_of_permutations_keeps_near_the_weights() -> None:
    """Without renewal it strays, so the limit is wide: that of docs/how-it-works/selection.md."""
    world = a_world(network(HOSTS), seed=4)
    found = Counter(listed(ask(world, QUERY))[0] for _ in range(2000))
    total = sum(WEIGHTS.values())
    assert all(abs(found[n] / 2000 - w / total) < 0.1 for n, w in WEIGHTS.items())


def test_a_draw_is_always_one_of_the_members() -> None:
    ordering = Ordering([10, 0, 1_000_000, 10], rng=Random(1))
    assert {ordering.first((2,)) for _ in range(50)} == {2}
    assert {ordering.first((0, 3)) for _ in range(500)} == {0, 3}

    class Highest(Random):
        def random(self) -> float:
            return 1 - 2**-53

    assert Ordering([3, 2**60], rng=Highest()).first((0, 1)) == 1


def test_the_same_seed_gives_the_same_redirects() -> None:
    one, other = (a_world(network([*HOSTS, *OTHERS]), seed=9) for _ in range(2))
    for turn in range(50):
        assert first_of_redirect(one, turn, US) == first_of_redirect(other, turn, US)


def test_a_redirect_goes_to_nobody_where_there_is_nobody() -> None:
    world = a_world(network(HOSTS, behind=range(6)))
    assert ask(world, f"{QUERY}&redirect=1").status == 404
