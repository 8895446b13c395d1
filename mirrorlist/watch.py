"""Keep what answers are made from up to date with a snapshot file.

Knows when a file changed and keeps the last good one when its successor is damaged. Deliberately
knows neither Django nor how the file came to be there.
"""

import logging
import os
import threading
from pathlib import Path
from random import Random

from mirrorlist.logic.world import AnswerPolicy, Geo, World
from mirrorlist.snapshot_file import DamagedSnapshotError, SnapshotFile, open_snapshot

logger = logging.getLogger(__name__)

Identity = tuple[int, int, int, int]


class Watch:
    """The World of the newest good snapshot; shared by all threads of a process."""

    def __init__(self, path: Path, geo: Geo, policy: AnswerPolicy, *, rng: Random) -> None:
        """Remember where the snapshot is; nothing is read before `refresh`."""
        self.path = path
        self.world: World | None = None
        self.snapshot: SnapshotFile | None = None
        self.problem = "No snapshot was looked for yet."
        self._geo = geo
        self._policy = policy
        self._rng = rng
        self._seen: Identity | None = None
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Switch to the file's newest state, if it changed and is good.

        A damaged file is reported once and looked at again when it changes. Requests go on with
        the World that they began with.
        """
        if self._identity() == self._seen and self._seen is not None:
            return
        with self._lock:
            identity = self._identity()
            if identity is None:
                self._keep(f"{self.path} is missing.")
            elif identity != self._seen:
                self._load()
            self._seen = identity

    def _load(self) -> None:
        try:
            snapshot = open_snapshot(self.path)
        except DamagedSnapshotError as error:
            self._keep(str(error))
            return
        self.world = World(snapshot, self._geo, self._policy, rng=self._rng)
        self.snapshot = snapshot
        self.problem = ""
        logger.info("Answering from %s.", snapshot.path.name)

    def _keep(self, problem: str) -> None:
        if problem != self.problem:
            kept = self.snapshot.path.name if self.snapshot else "nothing"
            logger.error("%s Still answering from %s.", problem, kept)
        self.problem = problem

    def _identity(self) -> Identity | None:
        """Return what changes when another file stands at the path, or None if there is none."""
        try:
            stat = os.stat(self.path)
        except OSError:
            return None
        return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size

    def renew(self) -> None:
        """Forget where addresses were: call it after geo data changed."""
        with self._lock:
            if self.snapshot is not None:
                self.world = World(self.snapshot, self._geo, self._policy, rng=self._rng)
