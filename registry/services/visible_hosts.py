"""Load Hosts with what somebody may see of them: Categories and URLs, in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.db.models import QuerySet

from registry.logic.public_list import protocol_of
from registry.models import Directory, Host, HostCategory, HostCategoryUrl, Site
from registry.querysets import sees_everything

COUNTS = "registry-directory-counts"
COUNTS_SECONDS = 60
URL_COLUMNS = (
    "host_category",
    "host_category__host__site",
    "id",
    "url",
    "state",
    "ipv4_state",
    "ipv6_state",
    "last_success_at",
    "private",
    "approval",
    "approval_reason",
    "reason",
    "last_probed_at",
    "certificate_until_at",
)
COPY_COLUMNS = (
    "host",
    "host__site",
    "id",
    "category__name",
    "category",
    "up2date_count",
    "behind",
    "last_crawled_at",
    "always_up2date",
    "issue_count",
    "last_checked_in_at",
    "reason",
)


class Sight(NamedTuple):
    """Of which Sites somebody sees everything: of all, or of these."""

    everything: bool
    sites: frozenset[int]

    def sees(self, site_id: int | None) -> bool:
        """Tell whether the inner matters of a Site are theirs to see."""
        return self.everything or site_id in self.sites


def sight_of(user: AbstractBaseUser | AnonymousUser) -> Sight:
    """Return of which Sites somebody sees everything; one query at most."""
    if sees_everything(user):
        return Sight(everything=True, sites=frozenset())
    if user.pk is None:
        return Sight(everything=False, sites=frozenset())
    own = Site.objects.inspectable_by(user).values_list("pk", flat=True)
    return Sight(everything=False, sites=frozenset(own))


class CategoryName(NamedTuple):
    """As much of a Category as is said of a copy."""

    name: str


class SeenUrl(NamedTuple):
    """A URL that somebody may see; named as the columns are."""

    host_category_id: int
    site_id: int
    id: int
    url: str
    state: str
    ipv4_state: str
    ipv6_state: str
    last_success_at: datetime | None
    private: bool
    approval: str
    approval_reason: str
    reason: str
    last_probed_at: datetime | None
    certificate_until_at: datetime | None

    @property
    def protocol(self) -> str:
        """Return the scheme."""
        return protocol_of(self.url)


class SeenCopy(NamedTuple):
    """What a Host has of a Category that somebody may see, and the URLs of it that they may see."""

    host_id: int
    site_id: int
    id: int
    category: CategoryName
    category_id: int
    up2date_count: int
    behind: timedelta | None
    last_crawled_at: datetime | None
    always_up2date: bool
    issue_count: int
    last_checked_in_at: datetime | None
    reason: str
    seen_urls: Sequence[SeenUrl]


def visible_hosts(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Host]:
    """Return the Hosts that somebody may see; see `seen_copies` for what they carry."""
    hosts = Host.objects.readable_by(user).select_related("site", "sponsor")
    # Whether they are listed is told to those who may inspect some.
    return hosts if user.pk is None else hosts.select_related("country__embargo")


def seen_copies(
    host_ids: Collection[int], user: AbstractBaseUser | AnonymousUser
) -> dict[int, list[SeenCopy]]:
    """Return what some Hosts carry as far as somebody may see it, by the id of the Host.

    Two queries. Rows instead of objects, of which a large page would make thousands.
    """
    urls: dict[int, list[SeenUrl]] = defaultdict(list)
    rows = HostCategoryUrl.objects.readable_by(user).filter(host_category__host__in=host_ids)
    for url in rows.order_by("url").values_list(*URL_COLUMNS):
        urls[url[0]].append(SeenUrl(*url))
    copies: dict[int, list[SeenCopy]] = defaultdict(list)
    carried = HostCategory.objects.readable_by(user).filter(host__in=host_ids)
    for row in carried.order_by("category__name").values_list(*COPY_COLUMNS):
        host_id, site_id, pk, name = row[:4]
        columns = (host_id, site_id, pk, CategoryName(name), *row[4:], urls.get(pk, ()))
        copies[host_id].append(SeenCopy._make(columns))
    return copies


def directory_counts() -> dict[int, int]:
    """Return how many Directories a copy can have of each Category, as of the last minute.

    Counting takes longer than all the rest of an answer, and only scans change the numbers.
    """
    counts: dict[int, int] | None = cache.get(COUNTS)
    if counts is None:
        counts = Directory.objects.crawlable().counts()
        cache.set(COUNTS, counts, COUNTS_SECONDS)
    return counts
