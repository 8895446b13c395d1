"""In which order Hosts of the same rank are offered: by chance, weighted by bandwidth.

Knows weights and dice, not Hosts. A weighted shuffle of a few Hosts is the restriction of a
weighted shuffle of all, so permutations of all Hosts are drawn in advance and used in turn.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate, cycle
from math import log
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

# First positions of a fixed pool of this size stray by up to 8 points, hence the replacements.
POOL_SIZE = 128
SECONDS_PER_REPLACEMENT = 0.05


class Ordering:
    """A pool of weighted permutations of all Hosts, renewed one at a time."""

    def __init__(self, weights: Sequence[int], *, rng: Random, size: int = POOL_SIZE) -> None:
        """Draw the pool. A weight below 1 counts as 1, so that nobody is impossible to draw."""
        self._weights = [max(weight, 1) for weight in weights]
        self._numbers = list(range(len(weights)))
        self._rng = rng
        self._pool = [self._draw() for _ in range(size)]
        self._turn = cycle(range(size)).__next__
        self._oldest = 0
        self._replace_at = 0.0

    def permutation(self) -> Sequence[int]:
        """Return the rank of every Host, by position, for one answer."""
        return self._pool[self._turn()]

    def shuffled(self, members: Iterable[int]) -> list[int]:
        """Return some Hosts in an order in which weights do not count."""
        drawn = list(members)
        self._rng.shuffle(drawn)
        return drawn

    def first(self, members: Sequence[int]) -> int:
        """Return one of some Hosts, drawn by weight."""
        if len(members) == 1:
            return members[0]
        sums = list(accumulate(itemgetter(*members)(self._weights)))
        return members[bisect(sums, self._rng.random() * sums[-1], 0, len(sums) - 1)]

    def pass_time(self, now: float) -> None:
        """Replace the oldest permutation if it is time to; a clock set back does no harm."""
        if now >= self._replace_at or now < self._replace_at - 2 * SECONDS_PER_REPLACEMENT:
            self._replace_at = now + SECONDS_PER_REPLACEMENT
            self.renew()

    def renew(self) -> None:
        """Replace the oldest permutation by a new one."""
        self._oldest = (self._oldest + 1) % len(self._pool)
        self._pool[self._oldest] = self._draw()

    def _draw(self) -> Sequence[int]:
        """Rank by exponential times, which is the same as drawing one after the other by weight."""
        random = self._rng.random  # a third of the time that `expovariate` takes
        times = [-log(1.0 - random()) / weight for weight in self._weights]
        ranks = self._numbers.copy()
        for rank, member in zip(
            self._numbers, sorted(self._numbers, key=times.__getitem__), strict=True
        ):
            ranks[member] = rank
        return ranks
