"""Count the answers of one worker of an edge, and write what was counted into a spool directory.

Knows files, a thread and the clock; what is counted is `mirrorlist.logic.counters`. Deliberately
knows neither Django nor who takes the batches from there.
"""

import logging
import os
import platform
import queue
import re
import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from mirrorlist.logic.counters import Counters, CountersPolicy, Counts, Dimension, merge
from mirrorlist.logic.statistics_batch import EDGE, SUFFIX, Batch, pack_batch
from mirrorlist.ship import Destination, keep_shipping

logger = logging.getLogger(__name__)

# Without a place to write to, so many days are kept in memory; older ones are given up.
DAYS_KEPT = 8
LEFTOVER_SECONDS = 3600


class CountingConfig(NamedTuple):
    """Where batches go, how often, and under which name; what is counted of files."""

    spool: Path
    edge: str
    seconds: float = 60
    policy: CountersPolicy = CountersPolicy()
    greatest_spool_bytes: int = 256 * 2**20
    destination: Destination | None = None


def read_counting_config(environment: Mapping[str, str]) -> CountingConfig | None:
    """Read the configuration from variables with the names of the settings.

    None means that nothing is to be counted: `MIRRORLIST_STATISTICS_SECONDS` is 0. Raises
    ValueError with the name of a variable that cannot be used.
    """
    seconds = _number(environment, "MIRRORLIST_STATISTICS_SECONDS", 60)
    if not seconds:
        return None
    default = Path(environment.get("STATE_DIR") or "var") / "statistics"
    edge = environment.get("MIRRORLIST_EDGE_NAME") or _name_of_machine()
    if not EDGE.fullmatch(edge):
        raise ValueError(f"MIRRORLIST_EDGE_NAME must be letters, digits, dots, not “{edge}”.")
    spool = Path(environment.get("MIRRORLIST_STATISTICS_DIR") or default)
    return CountingConfig(
        spool=spool,
        edge=edge,
        seconds=seconds,
        policy=CountersPolicy(
            files=max(_number(environment, "MIRRORLIST_STATISTICS_FILES", 10_000), 1),
            same_download_seconds=_number(environment, "MIRRORLIST_SAME_DOWNLOAD_SECONDS", 600),
        ),
        destination=_destination(environment, spool),
    )


def _destination(environment: Mapping[str, str], spool: Path) -> Destination | None:
    url = environment.get("MIRRORLIST_STATISTICS_URL", "")
    token_file = environment.get("MIRRORLIST_STATISTICS_TOKEN_FILE", "")
    if bool(url) != bool(token_file):
        raise ValueError(
            "MIRRORLIST_STATISTICS_URL and MIRRORLIST_STATISTICS_TOKEN_FILE belong together."
        )
    return Destination(spool, url, Path(token_file)) if url else None


def _name_of_machine() -> str:
    name = re.sub(r"[^A-Za-z0-9.-]", "-", platform.node()).strip(".-")[:100]
    return name or "edge"


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"{name} must be a number, not “{text}”.")
    return int(text)


class Counting:
    """Counts in the thread that answers, and writes in another one.

    `observe(told)` is called with all answers, in batches, `tick(now)` about once a second by the
    same thread, `close()` at the end. A worker that dies without `close` loses what
    was counted in the last `seconds`.
    """

    def __init__(self, config: CountingConfig, *, now: float) -> None:
        """Begin at `now`, in Unix seconds. Threads start with the first tick, after any fork."""
        counters = Counters(config.policy)
        self.observe = counters.count
        self._counters = counters
        self._config = config
        self._day = _day_of(now)
        self._hand_over_at = now + config.seconds
        self._taken: queue.SimpleQueue[tuple[date, Counts] | None] = queue.SimpleQueue()
        self._spool = Spool(config, start=f"{int(now):x}-{secrets.token_hex(6)}")
        self._writer: threading.Thread | None = None

    def tick(self, now: float) -> None:
        """Hand over what was counted when it is time, or when a day ended. Never blocks.

        A clock that is set back moves counting back to the earlier day, and delays nothing.
        """
        if self._writer is None:
            self._start()
        self._counters.pass_time(time.monotonic())
        day = _day_of(now)
        if day != self._day or not 0 <= self._hand_over_at - now <= self._config.seconds:
            self._taken.put((self._day, self._counters.take()))
            self._day = day
            self._hand_over_at = now + self._config.seconds

    def close(self) -> None:
        """Write what is left; waits a few seconds for a slow disk."""
        self._taken.put((self._day, self._counters.take()))
        self._taken.put(None)
        if self._writer is None:
            self._write()
        else:
            self._writer.join(timeout=5)

    def _start(self) -> None:
        self._writer = threading.Thread(target=self._write, name="statistics", daemon=True)
        self._writer.start()
        if self._config.destination:
            threading.Thread(
                target=keep_shipping,
                args=[self._config.destination],
                kwargs={"seconds": self._config.seconds},
                name="shipping",
                daemon=True,
            ).start()

    def _write(self) -> None:
        while (taken := self._taken.get()) is not None:
            self._spool.add(*taken)
            self._spool.write()


class Spool:
    """A directory of batches, and the counts that could not be written there yet."""

    def __init__(self, config: CountingConfig, *, start: str) -> None:
        self.problem = ""
        self.waiting: dict[date, Counts] = {}
        self._config = config
        self._start = start
        self._sequence = 0

    def add(self, day: date, counts: Counts) -> None:
        """Keep counts until they are written; beyond `DAYS_KEPT` days the oldest are given up."""
        if not counts:
            return
        merge(self.waiting.setdefault(day, {}), counts, files=self._config.policy.files)
        while len(self.waiting) > DAYS_KEPT:
            oldest = min(self.waiting)
            lost = sum(self.waiting.pop(oldest).get(Dimension.KIND, {}).values())
            logger.error("%d requests of %s could not be written and are lost.", lost, oldest)

    def write(self) -> None:
        """Write one batch a day; on failure keep the counts and say so, once.

        A batch is there whole or not at all: it is written under another name and made durable
        before it gets its own.
        """
        try:
            self._prepare()
            for day in sorted(self.waiting):
                batch = Batch(
                    self._config.edge, self._start, self._sequence, {day: self.waiting[day]}
                )
                write_durably(self._config.spool / f"{batch.name}{SUFFIX}", pack_batch(batch))
                self._sequence += 1
                del self.waiting[day]
        except OSError as error:
            self._say(f"Statistics cannot be written to {self._config.spool}: {error}.")
        else:
            self._say("")

    def _prepare(self) -> None:
        spool = self._config.spool
        spool.mkdir(parents=True, exist_ok=True)
        if not self._sequence:
            _remove_leftovers(spool)
        used = sum(path.stat().st_size for path in spool.glob(f"*{SUFFIX}"))
        if used > self._config.greatest_spool_bytes:
            raise OSError(f"{used:,} bytes wait there and nobody takes them")

    def _say(self, problem: str) -> None:
        if bool(problem) != bool(self.problem):
            if problem:
                logger.error("%s They are kept in memory.", problem)
            else:
                logger.info("Statistics are written to %s again.", self._config.spool)
        self.problem = problem


def write_durably(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, even if the machine stops meanwhile."""
    beside = path.with_name(f".{path.name}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def _remove_leftovers(spool: Path) -> None:
    """Remove what workers that were killed while writing left behind."""
    for path in spool.glob(f".*{SUFFIX}.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                path.unlink()


def _day_of(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()
