"""How far content has come of Repositories of every kind, by the file that its clients verify."""

from datetime import timedelta
from hashlib import sha256

import pytest

from crawler.models import PropagationStat
from crawler.services.propagation import measure
from registry.logic.listings import Entry
from registry.models import Category
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror
from tests.crawler.world import copy_of, crawl, mirror_of
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    FileDetailFactory,
    RepositoryFactory,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
CURRENT, OLD = b"current", b"the state before"
# Kind, path of the Repository, path of the Directory with metadata below it, and the file.
KINDS = [
    ("rpm", "42/os", "/repodata", "repomd.xml"),
    ("ostree", "ostree/repo", "", "summary"),
    ("debian", "dists/stable", "", "InRelease"),
    ("debian", "dists/stable", "", "Release"),
    ("arch", "core/os/x86_64", "", "core.db"),
    ("alpine", "v3.22/main/x86_64", "", "APKINDEX.tar.gz"),
    ("plain", "iso", "", "SHA256SUMS"),
]


@pytest.fixture
def category() -> Category:
    return CategoryFactory.create()


def publish(category: Category, kind: str, path: str, below: str, name: str) -> None:
    """Make a Repository whose metadata changed two days ago, and four days ago before that."""
    entries = (Entry(name, len(CURRENT), 1000),)
    whole = f"{category.top_directory}/{path}"
    inside = DirectoryFactory.create(category=category, path=whole + below, entries=entries)
    above = DirectoryFactory.create(category=category, path=whole) if below else inside
    by_prefix = kind in {"rpm", "ostree"}
    RepositoryFactory.create(directory=above, kind=kind, prefix="some" if by_prefix else "")
    for content, age in ((CURRENT, 2 * DAY), (OLD, 4 * DAY)):
        FileDetailFactory.create(
            directory=inside,
            filename=name,
            timestamp=int((NOW - age).timestamp()),
            size_bytes=len(content),
            sha256=sha256(content).hexdigest(),
            seen_at=NOW - age,
        )


@pytest.mark.parametrize(("kind", "path", "below", "name"), KINDS)
def test_copies_of_every_kind_are_counted(category, kind, path, below, name) -> None:
    publish(category, kind, path, below, name)
    for content in (CURRENT, OLD):
        with Mirror({f"/pub/{path}{below}/{name}": content}) as mirror:
            host = mirror_of(category, mirror)
            crawl(host)
    [stat] = measure(keep=14 * DAY, now=NOW)
    assert (stat.same_day, stat.one_day, stat.no_info) == (1, 1, 0)
    assert copy_of(host).behind == 2 * DAY
    assert PropagationStat.objects.get().repository.kind == kind


def test_the_kind_of_the_repository_decides_which_file_counts(category) -> None:
    """Checksums and a file called summary in one directory: that is no OSTree repository."""
    publish(category, "plain", "both", "", "SHA256SUMS")
    inside = category.directories.get(path=f"{category.top_directory}/both")
    FileDetailFactory.create(directory=inside, filename="summary", timestamp=1, seen_at=NOW)
    with Mirror({"/pub/both/SHA256SUMS": CURRENT}) as mirror:
        crawl(mirror_of(category, mirror))
    [stat] = measure(keep=14 * DAY, now=NOW)
    assert (stat.same_day, stat.older) == (1, 0)
