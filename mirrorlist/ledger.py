"""What was answered, passed on in batches: to the counters of metrics, to logs and statistics.

Whoever answers only notes a few facts; what becomes of them is worked out for hundreds at once,
which costs a fraction of doing it one by one.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from mirrorlist.counters import Counts
from mirrorlist.counting import Counting, CountingConfig
from mirrorlist.logic.answers import Told
from mirrorlist.metrics import sample
from mirrorlist.upkeep import run

# Few enough that nobody waits for a batch, which takes some hundred microseconds.
BATCH = 200

Observer = Callable[[Sequence[Told]], None]


class Ledger:
    """Tells `observers` what was answered, and keeps the sums that metrics show.

    Any thread may note and pass on; observers are called by one at a time.
    """

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self.observers = list(observers)
        self._told: list[Told] = []
        self._decided: Counter[tuple[str, int, str, str]] = Counter()
        self._others: Counter[tuple[str, int]] = Counter()
        self._counting: Counting | None = None
        self._lock = threading.Lock()

    def note(self, told: Told) -> None:
        """Note an answer that was decided."""
        noted = self._told
        noted.append(told)
        if len(noted) >= BATCH:
            self.pass_on()

    def note_other(self, label: str, status: int) -> None:
        """Note an answer about which there is no more to know."""
        self._others[label, status] += 1

    def pass_on(self) -> None:
        """Tell the observers what they were not told yet."""
        with self._lock:
            told = self._told[:]
            del self._told[: len(told)]  # no new list: another thread may be appending
            self._decided.update(
                [(facts.kind, status, facts.stage, facts.source) for facts, status, _ in told]
            )
            for observe in self.observers if told else ():
                run(partial(observe, told))

    def count(self, config: CountingConfig | None, *, now: float) -> None:
        """Keep statistics from now on, in the thread that answers; None keeps none."""
        if config:
            self._counting = Counting(config, now=now)
            self.observers.append(self._counting.observe)

    def tick(self, now: float) -> None:
        """Let time pass for statistics."""
        self.pass_on()
        if self._counting:
            self._counting.tick(now)

    def close(self) -> None:
        """Write the statistics since the last batch."""
        self.pass_on()
        if self._counting:
            self._counting.close()

    def counts(self) -> Counts:
        """Return the sums, by the names that metrics have."""
        self.pass_on()
        counts: Counts = {}
        decided = list(self._decided.items())
        others = [((label, status, "", ""), n) for (label, status), n in self._others.items()]
        for (kind, status, stage, source), count in decided + others:
            names = [sample("requests_total", kind=kind, status=status)]
            if stage:
                names.append(sample("answers_total", stage=stage))
            if source:
                names.append(sample("countries_total", source=source))
            for name in names:
                counts[name] = counts.get(name, 0) + count
        return counts
