"""When a file was last written. Knows nothing of what is in it."""

from datetime import UTC, datetime
from pathlib import Path


def written_at(path: str | Path) -> datetime | None:
    """Return when a file was last written; None if it is missing or cannot be looked at."""
    try:
        return datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    except OSError:
        return None
