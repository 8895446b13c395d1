"""Hosts of a MirrorManager database, whom they prefer, and what they carry under which URLs."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.logic.mirrormanager.choices import ChoiceReason
from registry.logic.mirrormanager.drafting import (
    Draft,
    Tables,
    admit,
    clean,
    count,
    miss_country,
    miss_parent,
    name_row,
)
from registry.logic.mirrormanager.people import moment
from registry.logic.mirrormanager.rows import (
    AclIpRow,
    CountryAllowedRow,
    CountryRow,
    HostCategoryRow,
    HostCountryRow,
    HostRow,
    NetblockRow,
    PeerAsnRow,
    UrlRow,
)
from registry.logic.netblocks import judge_netblock, parse_netblock
from registry.logic.network.records import Key
from registry.logic.network.values import quote
from registry.logic.urls import normalize_url

LEAST_BANDWIDTH, GREATEST_BANDWIDTH = 1, 1_000_000
GREATEST_ASN = 2**32 - 1
# What MirrorManager's crawler writes when it takes the owner's switch to disable a Host.
BY_THE_CRAWLER = re.compile(r"disabled \(user_active\) after \d+ consecutive crawl")
DNS_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\.?")


@dataclass(frozen=True)
class HostFacts:
    """What is known of a Host that no network file holds."""

    checked_in_at: datetime | None
    crawler_reason: str | None


def draft_hosts(draft: Draft, tables: Tables) -> Mapping[Key, HostFacts]:
    """Draft Hosts. One that the crawler switched off gets the owner's switch back on.

    It is out of service by the system's verdict instead, from which it recovers by itself.
    """
    facts: dict[Key, HostFacts] = {}
    for row in count(draft, HostRow, tables):
        site, country = draft.refer("site", row.site_id), draft.country(row.country)
        if site is None:
            miss_parent(draft, row, "Site")
            continue
        if country is None:
            consequence = f"The Host “{row.name}” is left out: give it one and import again."
            miss_country(draft, row, row.country, consequence=consequence)
            continue
        crawler_reason = _crawler_reason(draft, row)
        values = _host_values(row, by_crawler=crawler_reason is not None)
        key = _admit_host(draft, row, {**values, "site": site, "country": country})
        draft.remember("host", row.id, key)
        if key is not None:
            facts[key] = HostFacts(moment(row.last_checked_in), crawler_reason)
    return facts


def _admit_host(draft: Draft, row: HostRow, values: dict[str, Any]) -> Key | None:
    """Add a Host; the second of two whose names differ in case only gets its id behind it."""
    name = values["name"]
    if name and (values["site"], name.lower()) in draft.records.get("host", {}):
        values["name"] = f"{name} (host {row.id})"
        sentence = f"Its Site has two Hosts “{name}”; this one becomes “{values['name']}”."
        draft.choose(ChoiceReason.SAME_NAME, name_row(row), sentence)
    return admit(draft, "host", row, values)


def _crawler_reason(draft: Draft, row: HostRow) -> str | None:
    reason = clean(row.disable_reason)
    if row.user_active or reason is None or not BY_THE_CRAWLER.search(reason):
        return None
    sentence = f"“{row.name}”: {reason}. It comes back by itself once a crawl succeeds."
    draft.choose(ChoiceReason.DISABLED_BY_CRAWLER, name_row(row), sentence)
    return reason


def _host_values(row: HostRow, *, by_crawler: bool) -> dict[str, Any]:
    bandwidth = 100 if row.bandwidth_int is None else row.bandwidth_int
    return {
        "name": clean(row.name),
        "latitude": row.latitude,
        "longitude": row.longitude,
        "bandwidth_mbps": min(max(bandwidth, LEAST_BANDWIDTH), GREATEST_BANDWIDTH),
        "max_connections": row.max_connections,
        "asn": row.asn or None,
        "asn_clients": row.asn_clients,
        "private": row.private,
        "admin_active": row.admin_active,
        "user_active": row.user_active or by_crawler,
        "disable_reason": "" if by_crawler else clean(row.disable_reason) or "",
        "contact": clean(row.robot_email),
        "comment": clean(row.comment),
    }


def draft_preferences(draft: Draft, tables: Tables) -> None:
    """Draft whom Hosts prefer or refuse, and from where they pull."""
    for netblock in count(draft, NetblockRow, tables):
        host = draft.refer("host", netblock.host_id)
        if host is None:
            miss_parent(draft, netblock, "Host")
        elif _can_be_netblock(draft, netblock):
            found = {"netblock": netblock.netblock, "name": clean(netblock.name)}
            admit(draft, "host_netblock", netblock, found, parent=host)
    for peer in count(draft, PeerAsnRow, tables):
        host = draft.refer("host", peer.host_id)
        if host is None:
            miss_parent(draft, peer, "Host")
            continue
        values = {"asn": peer.asn, "name": clean(peer.name)}
        admit(draft, "host_peer_asn", peer, values, parent=host)
    for acl in count(draft, AclIpRow, tables):
        host = draft.refer("host", acl.host_id)
        if host is None:
            miss_parent(draft, acl, "Host")
        elif not _is_dns_name(draft, acl, acl.ip):
            admit(draft, "host_acl_ip", acl, {"ip": clean(acl.ip)}, parent=host)
    _draft_countries_allowed(draft, tables)


def _is_dns_name(draft: Draft, row: NetblockRow | AclIpRow, text: str | None) -> bool:
    found = clean(text)
    if found is None or not DNS_NAME.fullmatch(found):
        return False
    sentence = f"“{found}” is a DNS name, not an address. Enter its addresses here, if it matters."
    draft.choose(ChoiceReason.DNS_NAME, name_row(row), sentence)
    return True


def _can_be_netblock(draft: Draft, row: NetblockRow) -> bool:
    """Tell whether to try the netblock; note one that an owner could not claim here."""
    if _is_dns_name(draft, row, row.netblock):
        return False
    try:
        verdict = judge_netblock(parse_netblock(row.netblock or ""), policy=draft.around.policy)
    except ValueError:
        return True
    if verdict.needs_approval:
        sentence = f"{verdict.sentence} MirrorManager serves it, so it is taken over as approved."
        draft.choose(ChoiceReason.WIDE_NETBLOCK, name_row(row), sentence)
    return True


def _draft_countries_allowed(draft: Draft, tables: Tables) -> None:
    """Draft the countries allowed: those that are enforced, and those that owners entered.

    MirrorManager enforces one table, and its page edits the other; here both are enforced.
    """
    enforced: dict[int, set[Key]] = defaultdict(set)
    for allowed in count(draft, CountryAllowedRow, tables):
        country = _admit_country(draft, allowed, allowed.country)
        if country is not None and allowed.host_id is not None:
            enforced[allowed.host_id].add(country)
    codes = {row.id: row.code for row in tables.of(CountryRow)}
    for entered in count(draft, HostCountryRow, tables):
        code = codes.get(entered.country_id) if entered.country_id is not None else None
        known = draft.country(code)
        if entered.host_id is not None and known in enforced.get(entered.host_id, set()):
            draft.ledger.taken["host_country"] += 1
            continue
        country = _admit_country(draft, entered, code)
        if country is not None:
            sentence = (
                f"The owner allowed {country[0]}, but MirrorManager did not enforce it. "
                "It is enforced from now on."
            )
            draft.choose(ChoiceReason.OTHER_COUNTRY_TABLE, name_row(entered), sentence)


def _admit_country(
    draft: Draft, row: CountryAllowedRow | HostCountryRow, code: str | None
) -> Key | None:
    host, country = draft.refer("host", row.host_id), draft.country(code)
    if host is None:
        miss_parent(draft, row, "Host")
        return None
    if country is None:
        consequence = "It is left out; a Host without any allowed country serves all of them."
        miss_country(draft, row, code, consequence=consequence)
        return None
    admit(draft, "host_country_allowed", row, {"country": country}, parent=host)
    return country


def draft_carriage(draft: Draft, tables: Tables) -> None:
    """Draft HostCategories and their URLs."""
    for row in count(draft, HostCategoryRow, tables):
        host = draft.refer("host", row.host_id)
        category = draft.refer("category", row.category_id)
        if host is None or category is None:
            miss_parent(draft, row, "Host or Category")
            continue
        values = {"category": category, "always_up2date": row.always_up2date}
        key = admit(draft, "host_category", row, values, parent=host)
        draft.remember("host_category", row.id, key)
    seen: dict[str, UrlRow] = {}
    for url in count(draft, UrlRow, tables):
        parent = draft.refer("host_category", url.host_category_id)
        if parent is None:
            miss_parent(draft, url, "HostCategory")
        elif _is_free(draft, url, parent, seen):
            admit(draft, "host_category_url", url, _url_values(url), parent=parent)


def _url_values(row: UrlRow) -> dict[str, Any]:
    return {"url": clean(row.url), "private": row.private}


def _is_free(draft: Draft, row: UrlRow, parent: Key, seen: dict[str, UrlRow]) -> bool:
    """Tell whether no other HostCategory has the URL, of the import or here already."""
    try:
        url = normalize_url(row.url or "")
    except ValueError:
        return True
    first = seen.setdefault(url, row)
    if first is not row:
        sentence = f"{quote(url)} is also {name_row(first)}; that one is taken."
        draft.choose(ChoiceReason.TWICE, name_row(row), sentence)
        return False
    (((site,), host), (category,)) = parent
    holder = draft.around.urls.get(url)
    if holder is not None and holder != (site, host, category):
        sentence = f"{quote(url)} belongs to {' / '.join(holder)} here already and stays there."
        draft.choose(ChoiceReason.TAKEN, name_row(row), sentence)
        return False
    return True
