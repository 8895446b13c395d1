"""Keep Hosts in line with what decides without a visit, and note whose country may be wrong.

Embargoes and copies that are always up2date are a matter of tables; countries of
addresses are asked for outside any transaction.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q

from crawler.logic.health import HostReason, judge_embargo, judge_vouched
from crawler.logic.places import hint_of_place
from crawler.probes.places import Places
from crawler.services.notices import turn_host
from registry.models import Country, EventKind, Host, HostCategory, HostCategoryUrl
from registry.services.events import record_event
from registry.services.standing import NEEDED, country_embargo


def apply_embargoes(*, now: datetime) -> tuple[int, int]:
    """Take Hosts under embargo out of service and bring back those whose embargo has ended.

    Back come, too, those of which a copy is always up2date now: if it is their only one, no visit
    would ever say so. Returns how many of each. One query if nothing changed. Owners are told,
    and the switches of people stay as they are.
    """
    taken, returned = Q(system_rule=HostReason.EMBARGOED), Q(country__embargo=None)
    always = HostCategory.objects.filter(host=OuterRef("pk"), always_up2date=True)
    vouched = Q(Exists(always), system_active=False)
    hosts = Host.objects.filter((taken & returned) | (~taken & ~returned) | (returned & vouched))
    out = back = 0
    for host in hosts.select_related(*NEEDED):
        embargo = country_embargo(host.country)
        verdict = judge_embargo(
            active=host.system_active,
            rule=host.system_rule,
            country=host.country.name,
            embargo=embargo,
        ) or judge_vouched(
            active=host.system_active,
            vouched=host.host_categories.filter(always_up2date=True).exists(),
        )
        if verdict is not None:
            with transaction.atomic():
                turned = turn_host(host, verdict, now=now)
            out += turned and not verdict.active
            back += turned and verdict.active
    return out, back


def check_places(*, find: Callable[[Iterable[str]], Places], now: datetime) -> int:
    """Compare the countries of Hosts with those of their addresses; return how many got a hint.

    A hint is written down once and goes when the difference does. Nobody is switched off for it.
    """
    names = {host: _names(host) for host in _hosts()}
    places = find({name for each in names.values() for name in each})
    countries = dict(Country.objects.values_list("code", "name"))
    noted = 0
    for host, own in names.items():
        found = {name: places.get(name, frozenset()) for name in own}
        hint = hint_of_place(host.country_id, found, names=countries)
        if hint is not None and hint != host.place_hint:
            noted += _store_hint(host, hint, now=now)
    return noted


@transaction.atomic
def _store_hint(host: Host, hint: str, *, now: datetime) -> bool:
    """Write a hint, unless the country changed meanwhile; return whether there is a new one."""
    same = Host.objects.filter(pk=host.pk, country=host.country_id, place_hint=host.place_hint)
    if not same.update(place_hint=hint) or not hint:
        return False
    record_event(host, EventKind.PLACE_HINT, hint, now=now)
    return True


def _hosts() -> list[Host]:
    urls = HostCategoryUrl.objects.approved().only("host_category", "url")
    copies = HostCategory.objects.only("host").prefetch_related(Prefetch("urls", urls))
    hosts = Host.objects.crawlable().select_related("site")
    return list(hosts.prefetch_related(Prefetch("host_categories", copies)))


def _names(host: Host) -> set[str]:
    urls = (url.url for copy in host.host_categories.all() for url in copy.urls.all())
    return {name for url in urls if (name := urlsplit(url).hostname)}
