"""Try a URL that somebody is about to register: can it be reached, and is the right tree there?

Writes nothing. The database is read before and after the network is touched, which only happens at
vetted addresses and within a few seconds. What was seen is judged by logic.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import uvloop
from django.conf import settings

from crawler.logic.sampling import SamplingPolicy, frame_listing
from crawler.logic.tree_guess import Sample, spread
from crawler.logic.trial import Seen, judge_asn, judge_place, judge_trial
from crawler.probes.places import country_of_address
from crawler.services.policies import CrawlPolicy
from crawler.services.trial_looks import GUESSED_WITH, Samples, look
from registry.logic.findings import Finding, Tone
from registry.logic.listings import unpack_listing
from registry.logic.places import relative_to
from registry.logic.urls import normalize_url
from registry.models import Category, Country, Directory, HostCategoryUrl, Site
from registry.networks import asns_of_addresses

SAMPLES = 100
OTHER_CATEGORIES = 12


class Trial(NamedTuple):
    """What is told of a URL, and what can be filled in: countries and systems of its addresses."""

    url: str
    findings: list[Finding]
    countries: Sequence[str] = ()
    asns: Sequence[int] = ()

    @property
    def works(self) -> bool:
        """Tell whether nothing is certainly wrong."""
        return all(each.tone is not Tone.BAD for each in self.findings)


class Wish(NamedTuple):
    """What was typed: the URL, and beside it what it is compared with; None is not chosen yet."""

    url: str
    category: Category | None = None
    country: str = ""
    asn: int | None = None
    sites: Sequence[Site] = ()


def try_url(wish: Wish, *, clock: Callable[[], datetime], policy: CrawlPolicy) -> Trial:
    """Try one URL and return a row for each question; takes twelve seconds at most.

    `wish.sites` are those of whoever asks: only they learn which of their Hosts has the URL.
    Private addresses are visited only if the settings say so, whatever Host it is meant for.
    """
    return try_urls([wish], clock=clock, policy=policy)[0]


def try_urls(
    wishes: Sequence[Wish], *, clock: Callable[[], datetime], policy: CrawlPolicy
) -> list[Trial]:
    """Try several URLs at the same time, which takes no longer than one."""
    told = [_refusal(wish) for wish in wishes]
    looks = [
        _prepare(wish, policy)
        for wish, refusal in zip(wishes, told, strict=True)
        if refusal is None
    ]
    seen = iter(_look_at_all(looks))
    return [
        refusal or _tell(wish, next(seen), now=clock(), policy=policy)
        for wish, refusal in zip(wishes, told, strict=True)
    ]


def _refusal(wish: Wish) -> Trial | None:
    """Return what is told of a URL that nobody need look at."""
    try:
        url = normalize_url(wish.url)
    except ValueError as error:
        return Trial(wish.url, [Finding("URL", Tone.BAD, str(error))])
    taken = _taken(url, wish.sites)
    return Trial(url, [taken]) if taken else None


def _prepare(wish: Wish, policy: CrawlPolicy) -> Coroutine[Any, Any, Seen]:
    chosen = _samples_of(wish.category, most=SAMPLES) if wish.category else None
    return look(normalize_url(wish.url), chosen, _other_samples(wish.category), policy=policy)


def _look_at_all(looks: Sequence[Coroutine[Any, Any, Seen]]) -> list[Seen]:
    async def together() -> list[Seen]:
        return list(await asyncio.gather(*looks))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(together()) if looks else []


def _tell(wish: Wish, seen: Seen, *, now: datetime, policy: CrawlPolicy) -> Trial:
    codes = [code for each in seen.addresses if (code := country_of_address(each))]
    known = Country.objects.filter(code__in={*codes, wish.country}).values_list("code", "name")
    names = dict(known)
    countries = [code for code in dict.fromkeys(codes) if code in names]
    file = settings.MIRRORLIST_ASN_MMDB or settings.MIRRORLIST_NETBLOCKS_FILE
    asns = asns_of_addresses(seen.addresses, file=str(file))
    findings = judge_trial(
        seen, names=[names[code] for code in countries], now=now, policy=policy.certificates
    )
    beside = (judge_place(wish.country, countries, names=names), judge_asn(wish.asn, asns))
    findings += [each for each in beside if each is not None]
    return Trial(seen.url, findings, countries, asns)


def _taken(url: str, sites: Sequence[Site]) -> Finding | None:
    """Say that a URL is registered already; whose it is, only its own people learn."""
    row = HostCategoryUrl.objects.filter(url=url).select_related("host_category__host").first()
    if row is None:
        return None
    if row.host_category.host.site_id in {site.pk for site in sites}:
        sentence = f"{url} is a URL of your Host “{row.host_category.host}” already."
        return Finding("URL", Tone.BAD, sentence, "Change that Host instead of adding one.")
    sentence = f"{url} is registered already."
    return Finding("URL", Tone.BAD, sentence, "If it is yours, ask an operator.")


def _samples_of(category: Category, *, most: int) -> Samples:
    rows = Directory.objects.crawlable().filter(category=category, file_count__gt=0)
    ids = spread(list(rows.order_by("path").values_list("pk", flat=True)), most=most)
    found = rows.filter(pk__in=ids).order_by("path").values_list("path", "listing")
    files = [_sample(path, bytes(listing), category) for path, listing in found]
    return Samples(category.name, category.top_directory, [each for each in files if each])


def _sample(path: str, listing: bytes, category: Category) -> Sample | None:
    frame = frame_listing(unpack_listing(listing), policy=SamplingPolicy())
    entry = next(iter((*frame.metadata, *frame.newest)), None)
    below = relative_to(path, category.top_directory)
    return Sample(below, entry.name, entry.size) if entry is not None else None


def _other_samples(chosen: Category | None) -> list[Samples]:
    """Return a few files of each other Category that people may choose."""
    others = Category.objects.filter(admin_only=False, publiclist=True).order_by("name")
    if chosen is not None:
        others = others.exclude(pk=chosen.pk)
    found = [_samples_of(each, most=GUESSED_WITH) for each in others[:OTHER_CATEGORIES]]
    return [each for each in found if each.files]
