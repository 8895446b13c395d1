"""Fill an empty database with a large network, the same every time: for the benchmark of pages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django_q.models import Schedule
from pyroaring import BitMap

from crawler.models import CategoryCrawl, CrawlRun, MasterScan, PropagationStat
from mirrorlist.models import AccessStat
from registry.logic.listings import Entry, pack_listing
from registry.models import (
    Arch,
    Category,
    Country,
    Directory,
    DirectoryIssue,
    Event,
    EventKind,
    FileDetail,
    Host,
    HostAclIp,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostCountryExcluded,
    HostCountryServed,
    HostNetblock,
    HostNetblockSource,
    HostPeerAsn,
    Notification,
    Product,
    Repository,
    Site,
    SiteAdmin,
    Version,
)

CATEGORIES = 8
ARCHES = ("x86_64", "aarch64", "ppc64le", "s390x")
KINDS = ("releases", "updates", "updates-testing")
BATCH = 2000
# As many Repositories as a release has, for so many releases.
VERSIONS = 12
WAITING = 60
LETTERS = 20_000
LISTING = pack_listing([Entry("source.tar.gz", 1_000_000, 1_700_000_000)])


def make_world(*, hosts: int, directories: int, events: int, now: datetime) -> User:
    """Fill the database; return the owner of the first Site."""
    rng = Random(7)
    product = Product.objects.create(name="Fedora")
    categories = [
        Category.objects.create(name=f"Category {n}", product=product, top_directory=f"pub/c{n}")
        for n in range(CATEGORIES)
    ]
    ids = _directories(categories, directories, now)
    _repositories(categories, product, now)
    owner = _hosts(categories, ids, hosts, rng, now)
    _audience(Host.objects.earliest("pk"))
    _waiting(categories[0], owner)
    _events(events, now)
    _letters(now)
    _history(now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return owner


def _insert(model: Any, rows: Iterator[Any]) -> None:
    model.objects.bulk_create(rows, batch_size=BATCH)


def _directories(categories: list[Category], count: int, now: datetime) -> dict[int, list[int]]:
    def rows() -> Iterator[Directory]:
        for number in range(count):
            category = categories[number % CATEGORIES]
            path = f"{category.top_directory}/tree/{number // 1000}/packages/source-{number:06d}"
            yield _directory(category, path, number, now)

    _insert(Directory, rows())
    found: dict[int, list[int]] = {category.pk: [] for category in categories}
    for pk, category_id in Directory.objects.values_list("pk", "category"):
        found[category_id].append(pk)
    return found


def _directory(category: Category, path: str, number: int, now: datetime) -> Directory:
    return Directory(
        category=category,
        path=path,
        changed_at=now,
        scanned_at=now,
        digest=number.to_bytes(16, "big"),
        listing=LISTING,
    )


def _repositories(categories: list[Category], product: Product, now: datetime) -> None:
    arches = [Arch.objects.get_or_create(name=name)[0] for name in ARCHES]
    versions = [
        Version.objects.create(product=product, name=str(30 + number)) for number in range(VERSIONS)
    ]
    number = 10_000_000
    for category in categories[:4]:
        for version in versions:
            for arch in arches:
                for kind in KINDS:
                    number += 2
                    path = f"{category.top_directory}/{kind}/{version.name}/{arch.name}"
                    above = _directory(category, path, number, now)
                    below = _directory(category, f"{path}/repodata", number + 1, now)
                    Directory.objects.bulk_create([above, below])
                    Repository.objects.create(
                        directory=above,
                        category=category,
                        prefix=f"c{category.pk}-{kind}-f{version.name}",
                        version=version,
                        arch=arch,
                    )
                    FileDetail.objects.create(
                        directory=below,
                        filename="repomd.xml",
                        timestamp=1_700_000_000,
                        size_bytes=3000,
                        sha256=f"{number:064x}",
                        seen_at=now,
                    )


def _hosts(
    categories: list[Category], ids: dict[int, list[int]], count: int, rng: Random, now: datetime
) -> User:
    owner = User.objects.create_user("owner", "owner@example.org", "owner's password")
    codes = list(Country.objects.order_by("code").values_list("code", flat=True))
    _insert(Site, (Site(name=f"Site {number}") for number in range(count // 3 + 1)))
    sites = list(Site.objects.order_by("pk"))
    SiteAdmin.objects.create(site=sites[0], user=owner)
    _insert(
        Host,
        (
            Host(
                site=sites[number // 3],
                name=f"mirror{number}.example.org",
                country_id=rng.choice(codes),
                private=number % 12 == 11,
                bandwidth_mbps=rng.choice([100, 1000, 10_000]),
                latitude=rng.uniform(-50, 65),
                longitude=rng.uniform(-170, 170),
                stability_percent=rng.randrange(101),
                last_crawled_at=now,
            )
            for number in range(count)
        ),
    )
    _copies(categories, ids, rng, now)
    return owner


def _audience(host: Host) -> None:
    """Let one Host have rows in every table of clients, more netblocks than its page shows."""
    _insert(
        HostNetblock,
        (HostNetblock(host=host, netblock=f"198.18.{number}.0/24") for number in range(200)),
    )
    _insert(HostPeerAsn, (HostPeerAsn(host=host, asn=64512 + number) for number in range(20)))
    _insert(HostAclIp, (HostAclIp(host=host, ip=f"198.51.100.{number}") for number in range(1, 9)))
    HostNetblockSource.objects.create(host=host, name="Cloud", provider="aws")
    countries: tuple[tuple[Any, str], ...] = (
        (HostCountryAllowed, "AT CH DE FR"),
        (HostCountryExcluded, "GB IE"),
        (HostCountryServed, "LI LU"),
    )
    for model, codes in countries:
        _insert(model, (model(host=host, country_id=code) for code in codes.split()))


def _waiting(category: Category, owner: User) -> None:
    """Add things of all kinds that wait for an operator, besides the Hosts that were asked for."""
    for number in range(WAITING):
        site = Site.objects.create(name=f"New Site {number}", approval="pending", created_by=owner)
        host = Host.objects.create(
            site=site, name=f"new{number}.example.org", country_id="DE", approval="pending"
        )
        HostNetblock.objects.create(host=host, netblock=f"11.{number}.0.0/16", approval="pending")
        HostCategoryUrl.objects.create(
            host_category=HostCategory.objects.create(host=host, category=category),
            url=f"https://new{number}.example.org/pub",
            approval="pending",
        )


def _copies(
    categories: list[Category], ids: dict[int, list[int]], rng: Random, now: datetime
) -> None:
    """Let every Host carry three Categories, most of them whole, under two URLs each."""
    repositories = {
        category.pk: BitMap(
            Directory.objects.filter(category=category, pk__gt=max(ids[category.pk])).values_list(
                "pk", flat=True
            )
        )
        for category in categories
    }
    whole = {pk: BitMap(found) | repositories[pk] for pk, found in ids.items()}
    copies = []
    for host in Host.objects.order_by("pk"):
        for category in rng.sample(categories, 3):
            lost = BitMap(rng.sample(ids[category.pk], min(20, len(ids[category.pk]))))
            if rng.random() < 0.2:
                lost |= repositories[category.pk]
            up2date = whole[category.pk] - lost
            copies.append(
                HostCategory(
                    host=host,
                    category=category,
                    up2date=up2date,
                    up2date_count=len(up2date),
                    last_crawled_at=now,
                    behind=timedelta(hours=rng.choice([0, 0, 5, 40])),
                )
            )
    _insert(HostCategory, iter(copies))
    _insert(
        HostCategoryUrl,
        (
            HostCategoryUrl(
                host_category=copy,
                url=f"{scheme}://mirror{copy.host_id}.example.org/c{copy.category_id}",
                state="failing" if copy.pk % 40 == 0 else "working",
                ipv6_state="working",
                last_success_at=now,
                last_probed_at=now,
            )
            for copy in HostCategory.objects.only("pk", "host_id", "category_id")
            for scheme in ("https", "rsync")
        ),
    )
    first = HostCategory.objects.order_by("pk").first()
    if first is not None:
        _insert(
            DirectoryIssue,
            (
                DirectoryIssue(
                    host_category=first,
                    directory_id=pk,
                    state="missing",
                    reason="missing",
                    sentence="It is not there.",
                    since_at=now,
                    seen_at=now,
                )
                for pk in ids[first.category_id][:1000]
            ),
        )


def _events(count: int, now: datetime) -> None:
    hosts = list(Host.objects.order_by("pk").values_list("pk", "site"))
    kinds = (EventKind.URL_FAILED, EventKind.URL_RECOVERED, EventKind.CHANGED, EventKind.CHECKED_IN)
    _insert(
        Event,
        (
            Event(
                at=now - timedelta(minutes=count - number),
                kind=kinds[number % 4],
                sentence="It happened.",
                subject="host: mirror",
                host_id=hosts[number % len(hosts)][0],
                site_id=hosts[number % len(hosts)][1],
                routed=True,
            )
            for number in range(count)
        ),
    )


def _letters(now: datetime) -> None:
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True)[:LETTERS]
    _insert(
        Notification,
        (
            Notification(
                event_id=pk,
                channel="email",
                recipient="owner@example.org",
                topic="warned",
                state="failed" if pk % 100 == 0 else "sent",
                due_at=now,
                sent_at=now,
            )
            for pk in list(newest)
        ),
    )


def _history(now: datetime) -> None:
    """Add what crawls, scans, propagation and clients leave behind."""
    Schedule.objects.create(func="registry.tasks.nothing", schedule_type="I", minutes=1)
    for category in Category.objects.all():
        MasterScan.objects.create(
            category=category, state="finished", started_at=now, finished_at=now, lease_until_at=now
        )
    _insert(
        CrawlRun,
        (
            CrawlRun(
                host_id=pk,
                state="finished",
                started_at=now - timedelta(hours=6 * number),
                finished_at=now - timedelta(hours=6 * number),
                lease_until_at=now,
            )
            for number in range(20)
            for pk in Host.objects.values_list("pk", flat=True)
        ),
    )
    first = HostCategory.objects.order_by("pk").first()
    if first is not None:
        run = CrawlRun.objects.filter(host=first.host_id).latest("started_at")
        CategoryCrawl.objects.create(run=run, host_category=first)
    _insert(
        PropagationStat,
        (
            PropagationStat(repository_id=pk, at=now - timedelta(hours=4 * number), same_day=100)
            for number in range(20)
            for pk in Repository.objects.values_list("pk", flat=True)
        ),
    )
    prefixes = sorted(set(Repository.objects.values_list("prefix", flat=True)))
    _insert(
        AccessStat,
        (
            AccessStat(
                span="day",
                day=(now - timedelta(days=number)).date(),
                dimension="repository",
                key=prefix,
                count=1000,
            )
            for number in range(60)
            for prefix in prefixes
        ),
    )
