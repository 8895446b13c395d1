"""The demo world in the database: content, Sites, Hosts, places, and a queue of approvals.

May be built again at any time: what is missing is added, what an operator changed stays, and only
the addresses of this machine (ports, directories) are brought up to date.
"""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from django.contrib.auth.models import User
from django.db import transaction

from mirrorsite.demo.disk import DemoDisk
from mirrorsite.demo.mirrors import ADDRESS
from mirrorsite.demo.people import (
    CATEGORIES,
    CLIENT_NETBLOCKS,
    HOSTS,
    SITES,
    DemoCategory,
    DemoHost,
)
from mirrorsite.demo.tree import directories_of
from registry.models import (
    Approval,
    Category,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostNetblock,
    NetblockCountry,
    Product,
    Site,
    Version,
)
from registry.services.check_ins import CheckInOutcome, record_check_in
from registry.services.rule_sets import add_rule_set

OPERATOR = "operator"


@dataclass(frozen=True)
class WorldCounts:
    """What there is after building."""

    categories: int
    sites: int
    hosts: int


def build_world(disk: DemoDisk, ports: dict[str, int], *, now: datetime) -> WorldCounts:
    """Make sure that the demo world is in the database; `ports` are those of the mirrors."""
    with transaction.atomic():
        for category in CATEGORIES:
            _add_category(category, disk, now=now)
        for site in SITES:
            Site.objects.get_or_create(
                name=site.name,
                defaults={
                    "organization_url": site.url,
                    "approval": _approval(pending=site.pending),
                },
            )
        for host in HOSTS:
            _add_host(host, ports)
        for netblock, country in CLIENT_NETBLOCKS:
            NetblockCountry.objects.get_or_create(
                netblock=netblock, defaults={"country_id": country}
            )
        return WorldCounts(Category.objects.count(), Site.objects.count(), Host.objects.count())


def create_operator() -> str | None:
    """Create the operator account if no superuser exists; return its password, which nobody kept.

    None means that there is somebody already.
    """
    if User.objects.filter(is_superuser=True).exists():
        return None
    password = token_urlsafe(12)
    User.objects.create_superuser(OPERATOR, "", password)
    return password


def check_in_private_hosts(disk: DemoDisk, *, now: datetime) -> list[CheckInOutcome]:
    """Let the demo's private Hosts copy the master and report what they have."""
    outcomes = []
    for demo_host in (host for host in HOSTS if host.private):
        disk.follow(demo_host.mirror)
        tree = disk.mirror(demo_host.mirror)
        reported = {
            category.name: directories_of(tree, category.top_directory)
            for category in CATEGORIES
            if category.name in demo_host.categories
        }
        host = Host.objects.get(name=demo_host.name)
        outcomes.append(record_check_in(host, reported, now=now))
    return outcomes


def _approval(*, pending: bool) -> str:
    return Approval.PENDING if pending else Approval.APPROVED


def _add_category(demo: DemoCategory, disk: DemoDisk, *, now: datetime) -> None:
    product, _ = Product.objects.get_or_create(name=demo.product)
    for version in demo.versions:
        Version.objects.get_or_create(product=product, name=version)
    category, _ = Category.objects.get_or_create(
        name=demo.name, defaults={"product": product, "top_directory": demo.top_directory}
    )
    Category.objects.filter(pk=category.pk).update(
        source_location=str(disk.master / demo.top_directory)
    )
    if not category.mappings.exists():
        add_rule_set(demo.rules, categories=[demo.name], now=now)


def _add_host(demo: DemoHost, ports: dict[str, int]) -> None:
    host, _ = Host.objects.get_or_create(
        site=Site.objects.get(name=demo.site),
        name=demo.name,
        defaults={
            "country_id": demo.country,
            "latitude": demo.latitude,
            "longitude": demo.longitude,
            "bandwidth_mbps": demo.bandwidth_mbps,
            "asn": demo.asn,
            "comment": demo.comment,
            "private": demo.private,
            "approval": _approval(pending=not demo.mirror),
        },
    )
    for netblock, name in demo.netblocks:
        HostNetblock.objects.get_or_create(host=host, netblock=netblock, defaults={"name": name})
    for category in CATEGORIES:
        if category.name in demo.categories:
            _add_url(host, category, ports[demo.mirror])


def _add_url(host: Host, demo: DemoCategory, port: int) -> None:
    carried, _ = HostCategory.objects.get_or_create(
        host=host, category=Category.objects.get(name=demo.name)
    )
    url = f"http://{ADDRESS}:{port}/{demo.top_directory}"
    HostCategoryUrl.objects.filter(url=url).exclude(host_category=carried).delete()
    ours = carried.urls.filter(url__startswith=f"http://{ADDRESS}:")
    if not ours.update(url=url):
        HostCategoryUrl.objects.create(host_category=carried, url=url)
