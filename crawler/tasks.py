"""Background work of the crawler; each task has the name of the service it calls."""

from random import Random
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from crawler.logic.modes import Mode
from crawler.logic.records import RecordPolicy
from crawler.probes.places import find_places
from crawler.services import canaries, crawls, hash_chore, places, records, stability
from crawler.services.hash_chore import HashWish
from crawler.services.policies import crawl_policy
from crawler.services.propagation import measure
from crawler.services.umdl import policy_from_settings, scan_categories
from registry.models import Category


def umdl() -> str:
    """Scan the master tree of every Category whose master changed; say how it went."""
    return _scan(Category.objects.scanned(), if_changed=True)


def umdl_category(category_id: int) -> str:
    """Scan the master tree of one Category; say how it went."""
    return _scan(Category.objects.filter(pk=category_id))


def _scan(categories: QuerySet[Category], *, if_changed: bool = False) -> str:
    scans = scan_categories(
        categories, clock=timezone.now, policy=policy_from_settings(), if_changed=if_changed
    )
    return "\n".join(f"{scan.category}: {scan.reason}" for scan in scans)


def send_canaries() -> str:
    """Look whether every URL can be reached; say what turned."""
    return canaries.send_canaries(now=timezone.now(), policy=crawl_policy()).sentence


def crawl_due() -> str:
    """Hand the Hosts that are due to the crawl cluster; say how many."""
    return crawls.crawl_due(now=timezone.now(), policy=crawl_policy())


def crawl_hosts(host_ids: list[int], mode: str = Mode.FULL, *, due: bool = False) -> str:
    """Visit these Hosts, but those whom somebody else visits; if `due`, only if they still are."""
    rng = Random()  # noqa: S311 -- samples files, keeps no secret
    how, policy = Mode(mode), crawl_policy()
    runs = crawls.crawl_hosts(
        host_ids, mode=how, due=due, clock=timezone.now, rng=rng, policy=policy
    )
    return f"{len(runs)} Hosts were visited."


def hash_category(category_id: int, **wish: Any) -> str:
    """Hash files of a Category's local tree; say what came of it."""
    category = Category.objects.get(pk=category_id)
    return hash_chore.hash_category(category, HashWish(**wish), clock=timezone.now)


def propagation() -> str:
    """Measure how far the content of all Repositories has come; say of how many."""
    stats = measure(keep=settings.PROPAGATION_KEEP, now=timezone.now())
    return f"{len(stats)} Repositories were measured."


def update_stability() -> str:
    """Compute how stable each Host has been; say how many changed."""
    changed = stability.update_stability(now=timezone.now())
    return f"The stability of {changed} Hosts changed."


def prune_crawls() -> str:
    """Forget old visits; say how many."""
    policy = RecordPolicy(keep=settings.CRAWLER_KEEP)
    deleted = records.prune_crawls(now=timezone.now(), policy=policy)
    return f"{deleted} records of visits were deleted."


def apply_embargoes() -> str:
    """Take Hosts under embargo out of service, and bring back those that nothing keeps out."""
    out, back = places.apply_embargoes(now=timezone.now())
    return f"{out} Hosts were taken out of service, {back} came back."


def check_places() -> str:
    """Compare the countries of Hosts with those of their addresses; say how many differ anew."""
    noted = places.check_places(find=find_places, now=timezone.now())
    return f"{noted} Hosts got a hint that their country may be wrong."
