"""A small Category and the mirrors of it, as the tests of the crawl need them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from random import Random

from crawler.logic.fallback import FallbackPolicy
from crawler.logic.retry import RetryPolicy
from crawler.models import CrawlRun
from crawler.probes.http import HttpLimits
from crawler.probes.rsync import RsyncLimits
from crawler.services.crawls import crawl_hosts
from crawler.services.policies import CrawlPolicy
from registry.logic.listings import Entry
from registry.models import Category, Directory, Host, HostCategory
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror
from tests.factories import (
    CategoryFactory,
    DirectoryFactory,
    FileDetailFactory,
    HostCategoryUrlFactory,
    HostFactory,
    carry,
)

OLD, CURRENT = b"<repomd>old</repomd>", b"<repomd>current</repomd>"
PACKAGE = b"x" * 500
REPODATA, PACKAGES = "42/os/repodata", "42/os/Packages"
EVERYTHING = {"", "42", "42/os", REPODATA, PACKAGES}
WITHOUT_FILES = ("", "42", "42/os")

POLICY = CrawlPolicy(
    limits=HttpLimits(answer_seconds=1, body_seconds=1, body_bytes=10_000),
    fallback=FallbackPolicy(silent_directories=2),
    retry=RetryPolicy(tries=2, first_seconds=0.01),
    rsync=RsyncLimits(connect_seconds=1, silent_seconds=2, listing_seconds=10),
    allow_private=True,
    worker="tests:1",
)


def make_category(**extra) -> Category:
    """Make a Category with one repository of one package."""
    category = CategoryFactory.create(**extra)
    for path in WITHOUT_FILES:
        _directory(category, path, ())
    _directory(category, PACKAGES, (Entry("bash.rpm", len(PACKAGE), 1000),))
    repodata = _directory(category, REPODATA, (Entry("repomd.xml", len(CURRENT), 2000),))
    for age, content in enumerate((CURRENT, OLD)):
        seen_at = NOW - timedelta(days=1 + age)
        FileDetailFactory.create(
            directory=repodata,
            timestamp=int(seen_at.timestamp()),
            size_bytes=len(content),
            sha256=sha256(content).hexdigest(),
            seen_at=seen_at,
        )
    return category


def good_files(prefix: str = "/pub") -> dict[str, bytes]:
    """Return what a good mirror of the Category has."""
    return {
        f"{prefix}/{REPODATA}/repomd.xml": CURRENT,
        f"{prefix}/{PACKAGES}/bash.rpm": PACKAGE,
    }


def mirror_of(category: Category, *mirrors: Mirror, **extra) -> Host:
    """Make a Host that carries the Category under the URLs of these servers."""
    host = HostFactory.create(**extra)
    copy = carry(host, category, mirrors[0].url)
    for mirror in mirrors[1:]:
        HostCategoryUrlFactory.create(host_category=copy, url=mirror.url)
    return host


def crawl(
    *hosts: Host,
    policy: CrawlPolicy = POLICY,
    clock: Callable[[], datetime] | None = None,
    **extra,
) -> list[CrawlRun]:
    """Crawl at NOW; each look at the clock is a second later."""
    ticks = count()
    return crawl_hosts(
        [host.pk for host in hosts],
        clock=clock or (lambda: NOW + timedelta(seconds=next(ticks))),
        rng=Random(1),
        policy=policy,
        **extra,
    )


def paths(copy: HostCategory) -> set[str]:
    """Return the paths below the top directory that are up2date, read afresh."""
    top = copy.category.top_directory
    copy = HostCategory.objects.get(pk=copy.pk)
    found = Directory.objects.filter(id__in=list(copy.up2date)).values_list("path", flat=True)
    return {path.removeprefix(top).lstrip("/") for path in found}


def issues(copy: HostCategory) -> dict[str, tuple[str, str]]:
    """Return state and reason of what is wrong, by path below the top directory."""
    top = copy.category.top_directory
    return {
        issue.directory.path.removeprefix(top).lstrip("/"): (issue.state, issue.reason)
        for issue in copy.issues.select_related("directory")
    }


def copy_of(host: Host) -> HostCategory:
    return host.host_categories.select_related("category").get()


def _directory(category: Category, path: str, entries: Sequence[Entry]) -> Directory:
    whole = f"{category.top_directory}/{path}".rstrip("/")
    directory: Directory = DirectoryFactory.create(category=category, path=whole, entries=entries)
    return directory
