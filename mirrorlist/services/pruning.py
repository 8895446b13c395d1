"""Remove snapshots that nobody goes back to, and what builds that were killed left behind.

Never removes what clients are answered from, nor a file that no build can have written: that is
`mirrorlist.logic.leftovers`.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from mirrorlist.logic.leftovers import is_leftover
from mirrorlist.models import Snapshot

logger = logging.getLogger(__name__)

ROWS_KEPT = 500

State = Snapshot.State


def prune_snapshots(current: Path, *, kept: int, now: datetime) -> None:
    """Remove the files of all but the last few snapshots, leftovers, and very old rows.

    A build that failed after its file was written counts as one of the last.
    """
    _prune_files(current, kept=kept)
    _prune_leftovers(current, now=now)
    # By number, not by time: a clock may have been set back.
    ids = list(
        Snapshot.objects.order_by("-pk").values_list("pk", flat=True)[ROWS_KEPT:][:ROWS_KEPT]
    )
    Snapshot.objects.filter(pk__in=ids, filename="").delete()


def _prune_files(current: Path, *, kept: int) -> None:
    ended = Snapshot.objects.filter(state__in=[State.REPLACED, State.FAILED]).order_by("-pk")
    live = current.resolve().name
    for row in ended.exclude(filename__in=["", live])[kept:]:
        current.with_name(row.filename).unlink(missing_ok=True)
        row.filename = ""
        row.save(update_fields=["filename"])


def _prune_leftovers(current: Path, *, now: datetime) -> None:
    """Remove old files of builds that no row names; what cannot be removed costs no build."""
    paths = list(current.parent.glob("*"))
    # Rows are read after the directory: a build names its file after it wrote it.
    rows = Snapshot.objects.exclude(filename="").values_list("filename", flat=True)
    known = {current.resolve().name, *rows}
    for path in paths:
        try:
            stat = path.lstat()
            age = now - datetime.fromtimestamp(stat.st_mtime, UTC)
            if S_ISREG(stat.st_mode) and is_leftover(path.name, age=age, known=known):
                path.unlink()
                logger.info("Removed %s, which a build that was killed left.", path)
        except FileNotFoundError:
            continue  # another process gave it its name, or removed it
        except OSError as error:
            logger.warning("%s, which a build left, cannot be removed: %s.", path, error.strerror)
