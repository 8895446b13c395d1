"""Fetch snapshots from another machine, as an edge that shares no disk with the main server does.

Knows HTTP, what is verified before a file takes the place of the last one, and that of several
processes on a machine one pulls. Deliberately does not answer from the file: that is `watch`.
"""

import fcntl
import http.client
import json
import logging
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from mirrorlist.file_identity import identity_of
from mirrorlist.snapshot_file import DamagedSnapshotError, open_snapshot
from mirrorlist.snapshot_writer import replace_file

logger = logging.getLogger(__name__)

# The header in which the main server says when an operator went back to an earlier snapshot.
ROLLED_BACK_AT = "Snapshot-Rolled-Back-At"
BLOCK_BYTES = 1 << 18
# The first retry comes soon, the later ones ever more seldom.
FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 900.0
WEB = ("http://", "https://")


class PullPolicy(NamedTuple):
    """Where snapshots come from, and what one attempt may cost."""

    url: str
    token: str = ""
    every_seconds: float = 60
    largest_bytes: int = 2 << 30
    longest_seconds: float = 300
    wait_seconds: float = 20


class PullError(Exception):
    """A snapshot could not be fetched or must not be used; the text says why."""


class PullState(NamedTuple):
    """How pulling went, as every process of the machine can read it."""

    problem: str = ""
    failures: int = 0
    etag: str = ""
    checked_at: float = 0
    changed_at: float = 0
    url: str = ""
    # What tells the file that was verified from any other, or from what became of it.
    file: str = ""


class Pull:
    """Keeps the file at `path` equal to what the URL gives, as far as that is good.

    The last good file stays whatever happens: 404, a web page, a file cut short, of another
    version, or older than the one here. An older one is taken only if the server says that an
    operator went back to it after ours was built.
    """

    def __init__(
        self, policy: PullPolicy, path: Path, *, clock: Callable[[], float] = time.time
    ) -> None:
        """Remember what to do; raises ValueError if the URL is not of the web."""
        if not policy.url.startswith(WEB):
            raise ValueError("MIRRORLIST_SNAPSHOT_URL must begin with http:// or https://.")
        self.path = path
        self.outcomes: dict[str, int] = {}
        self._policy = policy
        self._clock = clock
        self._beside = path.with_name(f".{path.name}.pulled")
        self._state_path = path.with_name(f".{path.name}.pull")
        self._lock_path = path.with_name(f".{path.name}.lock")
        self._lock: int | None = None
        self._began = False
        self._was_read = False

    def state(self) -> PullState:
        """Return how the last attempt of any process went; an empty one if there was none."""
        try:
            state = PullState(**json.loads(self._state_path.read_text()))
        except (OSError, ValueError, TypeError):
            return PullState()
        return state if state.url == self._policy.url else PullState()

    def current_problem(self) -> str:
        """Return why the last attempt failed, or an empty text."""
        return self.state().problem

    def attempt(self) -> None:
        """Fetch what is new, unless another process of this machine does it.

        What fails is noted in the state, and in the log when it is another problem than before.
        """
        if not self._is_ours():
            return
        before = self.state()
        now = self._clock()
        try:
            etag = self._fetch(before)
        except PullError as error:
            self._count("failed")
            if str(error) != before.problem:
                logger.error("%s The last good snapshot is kept.", error)
            state = before._replace(problem=str(error), failures=before.failures + 1)
        else:
            self._count("unchanged" if etag is None else "changed")
            if before.problem:
                logger.info("Snapshots can be fetched again.")
            state = PullState(
                etag=before.etag if etag is None else etag,
                checked_at=now,
                changed_at=before.changed_at if etag is None else now,
                file=before.file if etag is None else _identity(self.path),
            )
        self._write_state(state._replace(url=self._policy.url))

    def delay_seconds(self, rng: Random) -> float:
        """Return how long to wait before the next attempt; edges do not all come at once.

        Where there is no good snapshot, the first attempt comes at once.
        """
        began, self._began = self._began, True
        if not began and not _is_good(self.path):
            return 0.0
        failures = self.state().failures
        seconds = self._policy.every_seconds
        if failures:
            grown = FIRST_RETRY_SECONDS * 2 ** min(failures - 1, 20)
            seconds = min(grown, max(LONGEST_RETRY_SECONDS, seconds))
        return seconds * rng.uniform(0.8, 1.2)

    def _is_ours(self) -> bool:
        """Hold a lock as long as this process lives; another takes over after it."""
        if self._lock is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            except OSError as error:
                logger.error("%s cannot be written: %s.", self._lock_path, error.strerror)
                return False
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                return False
            self._lock = lock
        return True

    def _fetch(self, before: PullState) -> str | None:
        """Put a new snapshot in place and return its ETag, or None if nothing is new."""
        url = self._policy.url
        try:
            with self._open(before) as response:
                if "text/html" in response.headers.get("Content-Type", ""):
                    raise PullError(f"{url} answered with a web page, not with a snapshot.")
                self._save(response)
                self._judge(response.headers.get(ROLLED_BACK_AT, ""))
                replace_file(self._beside, self.path)
                return str(response.headers.get("ETag", ""))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.client.NOT_MODIFIED:
                return None
            raise PullError(f"{url} answered with status {error.code}.") from error
        except DamagedSnapshotError as error:
            raise PullError(f"What {url} gave cannot be used: {error}") from error
        except (OSError, http.client.HTTPException) as error:
            raise PullError(
                f"{url} could not be fetched: {error or type(error).__name__}."
            ) from error
        finally:
            self._beside.unlink(missing_ok=True)

    def _open(self, before: PullState) -> Any:
        # The scheme was checked, and urllib follows redirects to the web only.
        request = urllib.request.Request(self._policy.url)  # noqa: S310
        request.add_header("User-Agent", "mirrorsite-edge")
        if before.etag and self._is_as_fetched(before):
            request.add_header("If-None-Match", before.etag)
        if self._policy.token:
            # Not for wherever a redirect leads.
            request.add_unredirected_header("Authorization", f"Bearer {self._policy.token}")
        return urllib.request.urlopen(request, timeout=self._policy.wait_seconds)  # noqa: S310

    def _is_as_fetched(self, before: PullState) -> bool:
        """Tell whether the file here is the one that the ETag came with.

        Its size, times and so on are compared at every attempt; it is read as a whole once in the
        life of a process, because a disk can damage what still looks the same.
        """
        if not before.file or before.file != _identity(self.path):
            return False
        if not self._was_read:
            self._was_read = _is_good(self.path)
        return self._was_read

    def _save(self, response: Any) -> None:
        """Write the body beside, within the limits of size and time."""
        policy, size = self._policy, 0
        deadline = time.monotonic() + policy.longest_seconds
        with self._beside.open("wb") as file:
            while block := response.read1(BLOCK_BYTES):
                size += len(block)
                if size > policy.largest_bytes:
                    raise PullError(f"{policy.url} gave more than {policy.largest_bytes} bytes.")
                if time.monotonic() > deadline:
                    raise PullError(f"{policy.url} took longer than {policy.longest_seconds} s.")
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        expected = response.headers.get("Content-Length", "")
        if expected.isdecimal() and int(expected) != size:
            raise PullError(f"{policy.url} broke off after {size} of {expected} bytes.")

    def _judge(self, rolled_back_at: str) -> None:
        """Refuse what is damaged, of another version, or older than what is here."""
        fetched = _built_at(self._beside)
        try:
            ours = _built_at(self.path)
        except DamagedSnapshotError:
            return
        if fetched < ours and not (rolled_back_at.isdecimal() and int(rolled_back_at) > ours):
            raise PullError(
                f"{self._policy.url} gave a snapshot that is {ours - fetched} s older than the one "
                f"here. If that is meant, remove {self.path}."
            )

    def _count(self, outcome: str) -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def _write_state(self, state: PullState) -> None:
        beside = self._state_path.with_name(f"{self._state_path.name}.new")
        try:
            beside.write_text(json.dumps(state._asdict()))
            os.replace(beside, self._state_path)
        except OSError as error:
            logger.error("%s cannot be written: %s.", self._state_path, error.strerror)


def _identity(path: Path) -> str:
    """Return the identity of a file as the state keeps it, an empty text if there is none."""
    return " ".join(map(str, identity_of(path) or ()))


def _is_good(path: Path) -> bool:
    try:
        open_snapshot(path).close()
    except DamagedSnapshotError:
        return False
    return True


def _built_at(path: Path) -> int:
    snapshot = open_snapshot(path)
    snapshot.close()
    return snapshot.built_at
