from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.crawler import trees


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small master tree on disk, at rest since last year."""
    root = trees.grow(tmp_path / "master")
    trees.rest(root, datetime(2025, 1, 1, tzinfo=UTC))
    return root


@pytest.fixture
def clock() -> trees.Clock:
    """A clock near the real one: file systems cannot be told the time of a change."""
    return trees.Clock(datetime.now(UTC))
