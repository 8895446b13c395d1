"""Keep what answers are made from up to date with a snapshot file.

Knows when a file changed and keeps the last good one when its successor is damaged. Deliberately
knows neither Django nor how the file came to be there.
"""

import logging
import sqlite3
import threading
import time
from pathlib import Path
from random import Random

from mirrorlist.file_identity import Identity, identity_of
from mirrorlist.logic.world import AnswerPolicy, Geo, World
from mirrorlist.snapshot_file import DamagedSnapshotError, SnapshotFile, open_snapshot

logger = logging.getLogger(__name__)

# What was asked last is worked out for a new snapshot before it answers, with rests that leave the
# processor to clients.
QUESTIONS_PREPARED = 4_000
BUSY_SECONDS = 0.0002
PLANS_FORGOTTEN_AT_ONCE = 100
REST_SECONDS = 0.001


class Watch:
    """The World of the newest good snapshot; shared by all threads of a process."""

    def __init__(self, path: Path, geo: Geo, policy: AnswerPolicy, *, rng: Random) -> None:
        """Remember where the snapshot is; nothing is read before `refresh`."""
        self.path = path
        self.world: World | None = None
        self.snapshot: SnapshotFile | None = None
        self.problem = "No snapshot was looked for yet."
        self.reloads = 0
        self.failures = 0
        self.load_seconds = 0.0
        self._geo = geo
        self._policy = policy
        self._rng = rng
        self._seen: Identity | None = None
        self._lock = threading.Lock()

    def refresh(self) -> bool:
        """Switch to the file's newest state, if it changed and is good; tell whether it did.

        A damaged file is reported once and looked at again when it changes. Requests go on with
        the World that they began with.
        """
        if identity_of(self.path) == self._seen and self._seen is not None:
            return False
        with self._lock:
            identity, before = identity_of(self.path), self.world
            if identity is None:
                self._keep(f"{self.path} is missing.")
            elif identity != self._seen:
                self._load()
            self._seen = identity
            return self.world is not before

    def _load(self) -> None:
        began = time.perf_counter()
        try:
            snapshot = open_snapshot(self.path)
            world = self._prepared(snapshot)
        except (DamagedSnapshotError, sqlite3.Error) as error:
            self._keep(str(error))
            return
        self.snapshot = snapshot
        self._switch(world)
        self.problem = ""
        self.reloads += 1
        self.load_seconds = time.perf_counter() - began
        logger.info("Answering from %s.", snapshot.path.name)

    def _switch(self, world: World) -> None:
        before, self.world = self.world, world
        while before is not None and before.forget(PLANS_FORGOTTEN_AT_ONCE):
            time.sleep(REST_SECONDS)

    def _prepared(self, snapshot: SnapshotFile) -> World:
        """Return a World that knows already what is asked most."""
        before = self.world
        world = World(snapshot, self._geo, self._policy, rng=self._rng, before=before)
        if before is not None:
            rested = time.perf_counter()
            for _ in world.prepare(before, most=QUESTIONS_PREPARED):
                if time.perf_counter() - rested > BUSY_SECONDS:
                    time.sleep(REST_SECONDS)
                    rested = time.perf_counter()
        return world

    def _keep(self, problem: str) -> None:
        if problem != self.problem:
            self.failures += 1
            kept = self.snapshot.path.name if self.snapshot else "nothing"
            logger.error("%s Still answering from %s.", problem, kept)
        self.problem = problem

    def renew(self) -> None:
        """Forget where addresses were: call it after geo data changed."""
        with self._lock:
            if self.snapshot is not None:
                self._switch(
                    World(self.snapshot, self._geo, self._policy, rng=self._rng, before=self.world)
                )
