"""Fixtures of the import from MirrorManager."""

import pytest

from tests.mirrorsite.mirrormanager_database import Database, copy_of, server, url_of

__all__ = ["server"]


@pytest.fixture
def network(server: str) -> Database:
    """A MirrorManager database with a small network and every oddity."""
    return copy_of(server, "network")


@pytest.fixture
def untouched(server: str) -> Database:
    """The same, for tests that only read it: that spares a copy."""
    return Database(url_of(server, "network"))


@pytest.fixture
def bare(server: str) -> Database:
    """A MirrorManager database without rows."""
    return copy_of(server, "bare")
