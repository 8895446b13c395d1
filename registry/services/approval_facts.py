"""What is known already about things that wait for an operator: loads it, and asks logic about it.

A page of the queue costs the same number of queries, however much is on it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower

from registry.logic.approval_hints import (
    Hint,
    Weight,
    judge_duplicates,
    judge_letters,
    judge_mail,
    judge_name,
    judge_origin,
)
from registry.logic.netblocks import judge_netblock, parse_netblock
from registry.logic.url_claims import name_of
from registry.logic.wording import counted
from registry.models import (
    Approvable,
    EnrolRequest,
    Host,
    HostCategoryUrl,
    HostNetblock,
    Site,
)
from registry.origins import Origins
from registry.services.netblocks import netblock_policy

NAMES_SHOWN = 5


class Finder(Protocol):
    """Tells where addresses are."""

    def __bool__(self) -> bool: ...
    def asn(self, address: str) -> int | None: ...
    def country(self, address: str) -> str | None: ...


class Fact(NamedTuple):
    """One thing that is known: a text or a moment, and what it speaks for."""

    term: str
    value: str | datetime
    weight: Weight = Weight.NONE


Facts = list[Fact]


class KnownHosts(NamedTuple):
    """What Hosts that wait are compared with."""

    sites: Mapping[str, dict[int, str]]  # Sites with a Host of this name in lower case, by id
    asns: Mapping[int, set[int]]  # the Host's own and those of its peers, by its id


def origins_from_settings() -> Origins:
    """Open the table of origins that the settings name."""
    return Origins(settings.MIRRORLIST_ASN_MMDB or str(settings.MIRRORLIST_NETBLOCKS_FILE))


def known_facts(
    waiting: Mapping[str, Sequence[Any]], *, origins: Finder
) -> dict[tuple[str, int], Facts]:
    """Return what is known of each of some things, by model name and id; three queries at most."""
    sites, hosts = waiting.get("site", ()), waiting.get("host", ())
    netblocks, urls = waiting.get("hostnetblock", ()), waiting.get("hostcategoryurl", ())
    others = _sites_of({site.created_by_id for site in sites if site.created_by_id})
    names = _urls_of({host.pk for host in hosts} | {url.host_category.host_id for url in urls})
    known = _known_hosts(
        {host.name.lower() for host in hosts}, {netblock.host_id for netblock in netblocks}
    )
    found: dict[tuple[str, int], Facts] = {}
    for site in sites:
        found["site", site.pk] = _of_site(site, others.get(site.created_by_id, []))
    for host in hosts:
        twins = known.sites[host.name.lower()]
        elsewhere = [site for key, site in twins.items() if key != host.site_id]
        found["host", host.pk] = _of_host(host, names[host.pk], elsewhere)
    for netblock in netblocks:
        found["hostnetblock", netblock.pk] = _of_netblock(
            netblock, known.asns[netblock.host_id], origins=origins
        )
    for url in urls:
        found["hostcategoryurl", url.pk] = _of_url(url, names[url.host_category.host_id])
    for request in waiting.get("enrolrequest", ()):
        found["enrolrequest", request.pk] = _of_request(request, origins=origins)
    return found


def _of_site(site: Site, others: list[Site]) -> Facts:
    facts = [Fact("organization", site.organization_url or "no home page given")]
    if site.created_by is None:
        facts.append(Fact("registered by", "unknown"))
    else:
        person = site.created_by
        facts += [
            Fact("registered by", f"{person} <{person.email or 'no address'}>"),
            _fact("mail address", judge_mail(person.email, home_page=site.organization_url)),
        ]
        known = [f"{each} ({each.approval})" for each in others if each.pk != site.pk]
        facts.append(Fact("other Sites of theirs", _first(known) or "none"))
    facts.append(Fact("privacy", "private" if site.private else "public"))
    facts.append(Fact("registered", site.created_at))
    return facts


def _of_host(host: Host, urls: list[HostCategoryUrl], elsewhere: list[str]) -> Facts:
    site = Weight.FOR if host.site.approval == "approved" else Weight.NONE
    asn = f"AS{host.asn}" if host.asn else "not given"
    facts = [
        Fact("Site", f"{host.site} ({host.site.get_approval_display()})", site),
        _fact("name", judge_letters(host.name) or judge_duplicates(host.name, elsewhere)),
        Fact("country", f"{host.country}{f' – {host.place_hint}' if host.place_hint else ''}"),
        Fact("ASN", asn),
        Fact("bandwidth", f"{host.bandwidth_mbps} Mbit/s"),
        Fact("privacy", "private" if host.counts_as_private else "public"),
    ]
    facts += [_of_probe(url) for url in urls[:NAMES_SHOWN]]
    if not urls:
        facts.append(Fact("URLs", "none yet"))
    elif len(urls) > NAMES_SHOWN:
        facts.append(Fact("URLs", f"{len(urls) - NAMES_SHOWN} more"))
    return [*facts, Fact("added", host.created_at)]


def _of_probe(url: HostCategoryUrl) -> Fact:
    weight = {"working": Weight.FOR, "failing": Weight.AGAINST}.get(url.state, Weight.NONE)
    seen = f"{url.get_state_display()}{f': {url.reason}' if url.reason else ''}"
    return Fact(str(url.host_category.category), f"{url.url} – {seen}", weight)


def _of_netblock(netblock: HostNetblock, own: set[int], *, origins: Finder) -> Facts:
    network = parse_netblock(netblock.netblock)
    first = str(network.network_address)
    verdict = judge_netblock(network, policy=netblock_policy())
    hint = judge_origin(network, origin=origins.asn(first), own=own, table=bool(origins))
    return [
        Fact("why it waits", verdict.sentence),
        Fact("addresses", f"{network.num_addresses:,}"),
        _fact("origin", hint),
        Fact("registered in", origins.country(first) or "no country"),
        Fact("Host", f"{netblock.host} in {netblock.host.country_id}"),
        Fact("Site", str(netblock.host.site)),
        Fact("network", netblock.name or "not named"),
    ]


def _of_url(url: HostCategoryUrl, urls: list[HostCategoryUrl]) -> Facts:
    host = url.host_category.host
    known = {host.name.lower()} | {
        name_of(each.url) for each in urls if each.approval == "approved" and each.pk != url.pk
    }
    return [
        Fact("why it waits", url.approval_reason),
        _fact("new name", judge_name(name_of(url.url), known=known)),
        Fact("names it has", _first(sorted(known))),
        Fact("Host", str(host)),
        Fact("Site", str(host.site)),
        Fact("Category", str(url.host_category.category)),
    ]


def _of_request(request: EnrolRequest, *, origins: Finder) -> Facts:
    told = ", ".join(f"{name}: {value}" for name, value in request.description.items())
    asn, country = origins.asn(request.source_ip), origins.country(request.source_ip)
    place = ", ".join([f"AS{asn}" if asn else "AS unknown", country or "country unknown"])
    return [
        Fact("code on its console", request.user_code),
        Fact("asked from", f"{request.source_ip} ({place})"),
        Fact("told", told or "nothing"),
        Fact("asked", request.created_at),
        Fact("forgotten", f"{request.expires_at:%Y-%m-%d %H:%M} UTC"),
    ]


def _fact(term: str, hint: Hint) -> Fact:
    return Fact(term, hint.sentence, hint.weight)


def _first(names: Sequence[str]) -> str:
    more = len(names) - NAMES_SHOWN
    shown = ", ".join(names[:NAMES_SHOWN])
    return f"{shown} and {counted(more, 'more', 'more')}" if more > 0 else shown


def _sites_of(users: set[int]) -> dict[int, list[Site]]:
    """Return the Sites that some users registered, by user; no query for no users."""
    found: dict[int, list[Site]] = defaultdict(list)
    for site in Site.objects.filter(created_by__in=users).order_by("name") if users else ():
        if site.created_by_id is not None:
            found[site.created_by_id].append(site)
    return found


def _urls_of(hosts: set[int]) -> dict[int, list[HostCategoryUrl]]:
    found: dict[int, list[HostCategoryUrl]] = defaultdict(list)
    if not hosts:
        return found
    rows = HostCategoryUrl.objects.filter(host_category__host__in=hosts)
    rows = rows.select_related("host_category__category").defer("host_category__up2date")
    for url in rows.order_by("pk"):
        found[url.host_category.host_id].append(url)
    return found


def _known_hosts(names: set[str], ids: set[int]) -> KnownHosts:
    """Return what Hosts of some names in lower case, and of some ids, are compared by."""
    known = KnownHosts(defaultdict(dict), defaultdict(set))
    if not names and not ids:
        return known
    rows = Host.objects.annotate(lower_name=Lower("name"))
    rows = rows.filter(Q(lower_name__in=names) | Q(pk__in=ids)).order_by("site__name")
    columns = ("pk", "lower_name", "site", "site__name", "asn", "peer_asns__asn")
    for pk, name, site_id, site, *asns in rows.values_list(*columns):
        known.sites[name][site_id] = site
        known.asns[pk].update(asn for asn in asns if asn)
    return known


def key_of(thing: Approvable) -> tuple[str, int]:
    """Return model name and id of something that waits, by which its facts are found."""
    return str(thing._meta.model_name), thing.pk
