"""Tell whether the file at a path still is the one that was looked at before."""

import os
from pathlib import Path

Identity = tuple[int, int, int, int]


def identity_of(path: str | Path) -> Identity | None:
    """Return what changes when another file stands at a path, or None if there is none."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size
