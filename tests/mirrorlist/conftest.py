"""A small network in the database, and a directory of its own for its snapshots."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyroaring import BitMap

from mirrorlist.services.snapshots import SnapshotPolicy, snapshot_policy
from registry.models import Category, Country, Directory, Repository
from tests import factories


@pytest.fixture
def policy(tmp_path: Path, settings) -> SnapshotPolicy:
    """Snapshots in a directory of this test; answers from built-in geo data."""
    settings.MIRRORLIST_SNAPSHOT_DIR = tmp_path / "snapshots"
    return snapshot_policy()


class Network(SimpleNamespace):
    """A Category with one Repository, and a way to add Hosts that carry it."""

    category: Category
    os: Directory
    repodata: Directory
    repository: Repository

    def host(self, name: str, country: str = "DE", *, has=(), url: str = "", **host):
        """Add a Host that has some Directories up2date, all by default."""
        carrier = factories.HostFactory.create(
            name=name, country=Country.objects.get(code=country), **host
        )
        up2date = BitMap([d.pk for d in has or (self.os, self.repodata)])
        factories.carry(carrier, self.category, url or f"https://{name}/fedora", up2date=up2date)
        return carrier


@pytest.fixture
def network(db: None) -> Network:
    """Fedora 42 for x86_64, which nobody carries yet."""
    category = factories.CategoryFactory.create(name="Fedora Linux", top_directory="pub/fedora")
    os = factories.DirectoryFactory.create(category=category, path="pub/fedora/42/os")
    repodata = factories.DirectoryFactory.create(
        category=category, path="pub/fedora/42/os/repodata"
    )
    factories.FileDetailFactory.create(directory=repodata, sha256="f" * 64)
    repository = factories.RepositoryFactory.create(directory=os, prefix="fedora-42")
    return Network(category=category, os=os, repodata=repodata, repository=repository)


@pytest.fixture
def minute(now: datetime):
    """Return the n-th minute of the test."""
    return lambda number: now.replace(minute=number)
