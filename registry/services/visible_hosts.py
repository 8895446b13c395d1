"""Load Hosts with what somebody may see of them: Categories and URLs, in a few queries."""

from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.db.models import Prefetch, QuerySet

from registry.models import Directory, Host, HostCategory, HostCategoryUrl, Site
from registry.querysets import sees_everything

COUNTS = "registry-directory-counts"
COUNTS_SECONDS = 60


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


def visible_hosts(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Host]:
    """Return the Hosts that somebody may see, with their visible Categories and URLs.

    Three queries, however many there are.
    """
    urls = HostCategoryUrl.objects.readable_by(user).order_by("url")
    copies = (
        HostCategory.objects.readable_by(user)
        .select_related("category")
        .defer("up2date")
        .order_by("category__name")
        .prefetch_related(Prefetch("urls", queryset=urls, to_attr="seen_urls"))
    )
    return (
        Host.objects.readable_by(user)
        .select_related("site", "country__embargo", "sponsor")
        .prefetch_related(Prefetch("host_categories", queryset=copies, to_attr="seen_copies"))
    )


def directory_counts() -> dict[int, int]:
    """Return how many Directories a copy can have of each Category, as of the last minute.

    Counting takes longer than all the rest of an answer, and only scans change the numbers.
    """
    counts: dict[int, int] | None = cache.get(COUNTS)
    if counts is None:
        counts = Directory.objects.crawlable().counts()
        cache.set(COUNTS, counts, COUNTS_SECONDS)
    return counts
