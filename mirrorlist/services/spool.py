"""Take in the batches that lie in the spool directory, put there by edges or by rsync.

Removes what was taken and puts aside what is refused, with the reason in the table of batches.
"""

import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mirrorlist.logic.statistics_batch import (
    GREATEST_BATCH_BYTES,
    SUFFIX,
    BatchError,
    BatchReason,
    unpack_batch,
)
from mirrorlist.services.statistics import StatisticsPolicy, remember_refusal, take_batch

logger = logging.getLogger(__name__)

REFUSED = "refused"
FILES_AT_ONCE = 2000


class Imported(NamedTuple):
    """What became of the files of a spool directory."""

    batches: int
    requests: int
    refused: int

    @property
    def sentence(self) -> str:
        """Say all of it."""
        return f"{self.batches} batches with {self.requests:,} requests; {self.refused} refused."


def import_spool(spool: Path, *, now: datetime, policy: StatisticsPolicy) -> Imported:
    """Take the oldest batches of a directory, `FILES_AT_ONCE` at most; none if there is none.

    A file that somebody else took meanwhile is no matter: its batch counts once.
    """
    batches = requests = refused = 0
    for path in sorted(spool.glob(f"*{SUFFIX}"))[:FILES_AT_ONCE]:
        try:
            taken = take_batch(unpack_batch(_read(path)), now=now, policy=policy)
        except FileNotFoundError:
            continue
        except BatchError as error:
            _refuse(path, error, now=now)
            refused += 1
        else:
            path.unlink(missing_ok=True)
            batches += 1
            requests += taken.requests
    return Imported(batches, requests, refused)


def _read(path: Path) -> bytes:
    """Return a file's content, but of one that is far too large only so much that it is refused."""
    with path.open("rb") as file:
        body = file.read(GREATEST_BATCH_BYTES + 1)
    if len(body) > GREATEST_BATCH_BYTES:
        raise BatchError(BatchReason.TOO_LARGE, "The file is larger than a batch may be.")
    return body


def _refuse(path: Path, error: BatchError, *, now: datetime) -> None:
    logger.error("The batch %s is refused: %s", path.name, error)
    remember_refusal(path.name.removesuffix(SUFFIX), "file", str(error), now=now)
    aside = path.parent / REFUSED
    aside.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        path.replace(aside / path.name)
