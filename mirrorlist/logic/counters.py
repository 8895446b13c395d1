"""Count what clients are answered: how often, from where, what, and who was offered first.

Every answer passes here, so they are counted hundreds at a time, and every dictionary has a
bound. Deliberately keeps no address: a hash of address and file, salted by the process, says for
some minutes that a download was counted already, and never leaves memory.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from mirrorlist.logic.answers import Facts, Told
from mirrorlist.logic.marks import Marks

# The key of everything that has no key of its own.
OTHER = ""
GREATEST_KEY = 500
BUCKETS = frozenset("1234")
# Kinds of answers that lead a client to one file: what they are about is counted as a download.
DOWNLOADS = frozenset({"redirect", "metalink", "meta4", "torrent", "magnet", "file"})


class Dimension(StrEnum):
    """By what requests are counted."""

    KIND = "kind"
    COUNTRY = "country"
    ARCH = "arch"
    REPOSITORY = "repository"
    HOST = "host"
    COUNTME = "countme"
    SYSTEM = "system"
    FILE = "file"


# How many different keys one batch may have. Files have a setting of their own.
BOUNDS = {
    Dimension.KIND: 100,
    Dimension.COUNTRY: 500,
    Dimension.ARCH: 500,
    Dimension.REPOSITORY: 10_000,
    Dimension.HOST: 20_000,
    Dimension.COUNTME: 20_000,
    Dimension.SYSTEM: 5_000,
}

Counts = dict[Dimension, dict[str, int]]


class CountersPolicy(NamedTuple):
    """How many files are told apart, and for how long the same download counts once."""

    files: int = 10_000
    same_download_seconds: float = 600


def is_key(text: str) -> bool:
    """Tell whether a text can be stored and shown: not too long, without control codes."""
    return len(text) <= GREATEST_KEY and text.isprintable()


def trim(counts: dict[str, int], *, most: int) -> None:
    """Move the least used keys to `OTHER` until at most three quarters of `most` are left.

    Of keys with the same count the oldest go first. Nothing happens below `most`.
    """
    if len(counts) < most:
        return
    keys = sorted((key for key in counts if key != OTHER), key=counts.__getitem__)
    moved = keys[: len(keys) - most * 3 // 4]
    counts[OTHER] = counts.get(OTHER, 0) + sum(counts.pop(key) for key in moved)


def merge(into: Counts, more: Mapping[Dimension, Mapping[str, int]], *, files: int) -> None:
    """Add counts to others; least used keys go to `OTHER` beyond the bounds."""
    for dimension, counts in more.items():
        mine = into.setdefault(dimension, {})
        for key, count in counts.items():
            mine[key] = mine.get(key, 0) + count
        trim(mine, most=BOUNDS.get(dimension, files))


class Counters:
    """What one worker counted since `take` was last called."""

    def __init__(self, policy: CountersPolicy) -> None:
        self._policy = policy
        self._downloads = Marks()
        self._forget_at = 0.0
        self._begin()

    def _begin(self) -> None:
        self._kinds: Counter[tuple[str, int]] = Counter()
        self._countries: Counter[str] = Counter()
        self._repositories: Counter[tuple[str, str]] = Counter()
        self._hosts: Counter[int] = Counter()
        self._countme: dict[tuple[str, str, str], int] = {}
        self._systems: dict[tuple[str, str], int] = {}
        self._files: dict[str, int] = {}

    def count(self, told: Iterable[Told]) -> None:
        """Count answers. A status of 400 or more counts as an answer and as nothing else."""
        kinds, good = [], []
        for facts, status, _ in told:
            kinds.append((facts.kind, status))
            if status < 400:
                good.append(facts)
        self._kinds.update(kinds)
        self._countries.update([facts.country for facts in good])
        self._hosts.update([facts.host_id for facts in good])
        self._repositories.update([(facts.repo, facts.arch) for facts in good if facts.repo])
        for facts in good:
            if facts.countme:
                self._count_system(facts)
            if not facts.repo and facts.kind in DOWNLOADS:
                self._count_file(facts.address, facts.path)

    def _count_system(self, facts: Facts) -> None:
        repo, bucket, system = facts.repo, facts.countme, facts.system
        if not repo or bucket not in BUCKETS:
            return
        key = (repo, facts.arch, bucket)
        self._countme[key] = self._countme.get(key, 0) + 1
        if system:
            self._systems[system, repo] = self._systems.get((system, repo), 0) + 1

    def _count_file(self, address: str, path: str) -> None:
        if self._policy.same_download_seconds and not self._downloads.is_new((address, path)):
            return
        if path not in self._files:
            path = path if is_key(path) else OTHER
            trim(self._files, most=self._policy.files)
        self._files[path] = self._files.get(path, 0) + 1

    def pass_time(self, now: float) -> None:
        """Forget downloads that were counted long ago; `now` is in seconds that never run back.

        Each is remembered for at least `same_download_seconds`, and at most twice as long.
        """
        if now >= self._forget_at:
            self._downloads.age()
            self._forget_at = now + self._policy.same_download_seconds

    def take(self) -> Counts:
        """Return what was counted, and begin anew. Dimensions without counts are left out."""
        raw = self._kinds, self._countries, self._repositories, self._hosts, self._countme
        kinds, countries, repositories, hosts, countme = raw
        files, systems = self._files, self._systems
        self._begin()
        pairs: dict[Dimension, Iterable[tuple[str, int]]] = {
            Dimension.KIND: ((f"{kind} {status}", n) for (kind, status), n in kinds.items()),
            Dimension.COUNTRY: countries.items(),
            Dimension.ARCH: ((arch, n) for (_, arch), n in repositories.items()),
            Dimension.REPOSITORY: ((repo, n) for (repo, _), n in repositories.items()),
            Dimension.HOST: ((str(host), n) for host, n in hosts.items() if host),
            Dimension.COUNTME: ((" ".join(key), n) for key, n in countme.items()),
            Dimension.SYSTEM: ((" ".join(key), n) for key, n in systems.items()),
            Dimension.FILE: files.items(),
        }
        taken = {dimension: _sum(counted) for dimension, counted in pairs.items()}
        bounded: Counts = {}
        merge(bounded, taken, files=self._policy.files)
        return {dimension: counts for dimension, counts in bounded.items() if counts}


def _sum(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, count in pairs:
        name = key if is_key(key) else OTHER
        sums[name] = sums.get(name, 0) + count
    return sums
