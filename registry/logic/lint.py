"""What is odd about how a Host is set up: rules that its people can do something about.

Knows only what is written down of a Host, and the addresses of its name if somebody looked. What a
crawl finds wrong with its copies is told elsewhere; nothing here takes a Host out of service.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from registry.logic.findings import Finding, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

# MirrorManager 1 complained about check-ins after a day.
CHECK_IN_WITHIN = timedelta(hours=24)
CERTIFICATE_WITHIN = timedelta(days=14)
# Faster than a single server is today, slower than a mirror can be.
ODD_BANDWIDTH_MBPS = (10, 400_000)


class Rule(StrEnum):
    """What a hint is about."""

    NO_ADDRESS = "no_address"
    ONLY_IPV4 = "only_ipv4"
    CERTIFICATE = "certificate"
    NO_HTTPS = "no_https"
    BANDWIDTH = "bandwidth"
    COUNTRY = "country"
    CLIENTS_WITHOUT_ASN = "clients_without_asn"
    OTHER_ASN = "other_asn"
    NO_CATEGORY = "no_category"
    NO_URL = "no_url"
    NO_RSYNC = "no_rsync"
    NOTHING_UP2DATE = "nothing_up2date"
    NO_CHECK_IN = "no_check_in"
    NO_CLIENTS = "no_clients"
    NOBODY = "nobody"


class UrlFacts(NamedTuple):
    """One URL: its address, what canaries found by family, and the end of its certificate."""

    url: str
    ipv4: str = "unknown"
    ipv6: str = "unknown"
    certificate_until: datetime | None = None


class CopyFacts(NamedTuple):
    """One Category on the Host."""

    category: str
    urls: Sequence[UrlFacts] = ()
    up2date: int = 0
    always_up2date: bool = False
    looked_at: bool = False


class HostFacts(NamedTuple):
    """A Host as it is set up. `addresses` and `asns_seen` are None if nobody looked them up."""

    name: str
    site: str = ""
    private: bool = False
    bandwidth_mbps: int = 1000
    place_hint: str = ""
    asn: int | None = None
    asn_clients: bool = False
    networks: int = 0
    copies: Sequence[CopyFacts] = ()
    last_checked_in_at: datetime | None = None
    admins: int = 1
    contact: str = ""
    addresses: Sequence[str] | None = None
    asns_seen: Sequence[int] | None = None

    @property
    def urls(self) -> list[UrlFacts]:
        """Return the URLs of all its Categories."""
        return [url for copy in self.copies for url in copy.urls]


class Hint(NamedTuple):
    """One rule that applies, and the row about it."""

    rule: Rule
    finding: Finding


Said = tuple[str, str] | None


def lint_host(host: HostFacts, *, now: datetime) -> list[Hint]:
    """Return what is odd about a Host, what keeps clients away first."""
    hints = []
    for rule, tone, subject, judge in RULES:
        if said := judge(host, now):
            hints.append(Hint(rule, Finding(subject, tone, *said)))
    return sorted(hints, key=lambda hint: hint.finding.tone is not Tone.BAD)


def _no_address(host: HostFacts, _now: datetime) -> Said:
    if host.addresses is not None:
        gone = not host.addresses
    else:
        found = [{url.ipv4, url.ipv6} for url in host.urls]
        gone = bool(found) and all(states == {"absent"} for states in found)
    if not gone or (host.private and host.addresses is None):
        return None
    return f"{host.name} is not in DNS.", "Add it, or correct the name of the Host."


def _only_ipv4(host: HostFacts, _now: datetime) -> Said:
    if not any(url.ipv4 == "working" for url in host.urls):
        return None
    if any(url.ipv6 != "absent" for url in host.urls):
        return None
    return (
        "It has no IPv6 address.",
        "Clients that have only IPv6 never get it. Add one if you can.",
    )


def _certificate(host: HostFacts, now: datetime) -> Said:
    for url in host.urls:
        until = url.certificate_until
        if url.url.startswith("https:") and until and until - now < CERTIFICATE_WITHIN:
            ends = "ended" if until <= now else "ends"
            sentence = f"The certificate of {url.url} {ends} on {until:%Y-%m-%d}."
            return sentence, "Let it be renewed; clients refuse one that has ended."
    return None


def _no_https(host: HostFacts, _now: datetime) -> Said:
    if not host.urls or any(url.url.startswith("https:") for url in host.urls):
        return None
    return "It has no https URL.", "Many clients ask for https only. Add one."


def _bandwidth(host: HostFacts, _now: datetime) -> Said:
    least, most = ODD_BANDWIDTH_MBPS
    if least <= host.bandwidth_mbps <= most:
        return None
    sentence = f"Its bandwidth is {host.bandwidth_mbps:,} Mbit/s."
    return sentence, "The share of clients follows it. Write megabits per second."


def _country(host: HostFacts, _now: datetime) -> Said:
    return (host.place_hint, "") if host.place_hint else None


def _clients_without_asn(host: HostFacts, _now: datetime) -> Said:
    if not host.asn_clients or host.asn is not None:
        return None
    sentence = "Clients of its autonomous system are to get it first, but it has no ASN."
    return sentence, "Write the number of its autonomous system, or switch that off."


def _other_asn(host: HostFacts, _now: datetime) -> Said:
    if host.asn is None or not host.asns_seen or host.asn in host.asns_seen:
        return None
    seen = ", ".join(f"AS{number}" for number in host.asns_seen)
    return f"Its ASN is {host.asn}, but its addresses are in {seen}.", "Correct its ASN."


def _no_category(host: HostFacts, _now: datetime) -> Said:
    return None if host.copies else ("It carries no Category.", "Add what you mirror.")


def _no_url(host: HostFacts, _now: datetime) -> Said:
    bare = [copy.category for copy in host.copies if not copy.urls]
    if not bare:
        return None
    return f"There is no URL for {_list(bare)}.", "Add one, or remove the Category."


def _no_rsync(host: HostFacts, _now: datetime) -> Said:
    if host.private:
        return None
    slow = [
        copy.category
        for copy in host.copies
        if copy.urls and not any(url.url.startswith("rsync:") for url in copy.urls)
    ]
    if not slow or any(copy.always_up2date for copy in host.copies):
        return None
    sentence = f"There is no rsync URL for {_list(slow)}."
    return sentence, "With one a visit sees everything at once, and asks your server far less."


def _nothing_up2date(host: HostFacts, _now: datetime) -> Said:
    empty = [
        copy.category
        for copy in host.copies
        if copy.looked_at and not copy.up2date and not copy.always_up2date
    ]
    if not empty:
        return None
    sentence = f"Nothing of {_list(empty)} is up2date, so no client is sent there."
    return sentence, "Look at the directories with something wrong, and at your sync."


def _no_check_in(host: HostFacts, now: datetime) -> Said:
    if not host.private or not host.copies:
        return None
    advice = "Let it check in after each sync; see “Check-in”."
    if host.last_checked_in_at is None:
        return "It is private and has never checked in.", advice
    if now - host.last_checked_in_at <= CHECK_IN_WITHIN:
        return None
    return f"It last checked in on {host.last_checked_in_at:%Y-%m-%d %H:%M} UTC.", advice


def _no_clients(host: HostFacts, _now: datetime) -> Said:
    if not host.private or host.networks or (host.asn is not None and host.asn_clients):
        return None
    sentence = "It is private and has neither a netblock nor an ASN, so no client is sent to it."
    return sentence, "Add the networks of your clients."


def _nobody(host: HostFacts, _now: datetime) -> Said:
    if host.admins or host.contact:
        return None
    return f"“{host.site}” has no SiteAdmin, and the Host no contact.", "Somebody should be told."


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


# One test row each: tests/registry/logic/test_lint.py.
RULES: tuple[tuple[Rule, Tone, str, Callable[[HostFacts, datetime], Said]], ...] = (
    (Rule.NO_ADDRESS, Tone.BAD, "DNS", _no_address),
    (Rule.ONLY_IPV4, Tone.HINT, "IPv6", _only_ipv4),
    (Rule.CERTIFICATE, Tone.HINT, "TLS", _certificate),
    (Rule.NO_HTTPS, Tone.HINT, "https", _no_https),
    (Rule.BANDWIDTH, Tone.HINT, "Bandwidth", _bandwidth),
    (Rule.COUNTRY, Tone.HINT, "Country", _country),
    (Rule.CLIENTS_WITHOUT_ASN, Tone.HINT, "ASN", _clients_without_asn),
    (Rule.OTHER_ASN, Tone.HINT, "ASN", _other_asn),
    (Rule.NO_CATEGORY, Tone.BAD, "Categories", _no_category),
    (Rule.NO_URL, Tone.BAD, "URLs", _no_url),
    (Rule.NO_RSYNC, Tone.HINT, "rsync", _no_rsync),
    (Rule.NOTHING_UP2DATE, Tone.BAD, "Copies", _nothing_up2date),
    (Rule.NO_CHECK_IN, Tone.HINT, "Check-in", _no_check_in),
    (Rule.NO_CLIENTS, Tone.BAD, "Networks", _no_clients),
    (Rule.NOBODY, Tone.HINT, "People", _nobody),
)
