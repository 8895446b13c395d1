"""Load how Hosts are set up and ask logic what is odd about it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    QuerySet,
)

from registry.logic.findings import Finding
from registry.logic.lint import CopyFacts, Hint, HostFacts, UrlFacts, lint_host
from registry.models import Host, HostCategory, HostNetblock, HostPeerAsn, SiteAdmin
from registry.networks import addresses_of_names, asns_of_addresses


class Linted(NamedTuple):
    """A Host and what is odd about it."""

    host: Host
    hints: list[Hint]

    @property
    def findings(self) -> list[Finding]:
        """Return the rows for people."""
        return [hint.finding for hint in self.hints]


def ready_to_lint(hosts: QuerySet[Host]) -> QuerySet[Any]:
    """Return Hosts with everything that is looked at; three queries, however many there are."""
    copies = (
        HostCategory.objects.select_related("category").defer("up2date").prefetch_related("urls")
    )
    of_host, of_site = {"host": OuterRef("pk")}, {"site": OuterRef("site")}
    netblock = Exists(HostNetblock.objects.filter(**of_host))
    peer = Exists(HostPeerAsn.objects.filter(**of_host))
    return (
        hosts.select_related("site")
        .annotate(
            has_networks=ExpressionWrapper(netblock | peer, output_field=BooleanField()),
            has_admins=Exists(SiteAdmin.objects.filter(**of_site)),
        )
        .prefetch_related(Prefetch("host_categories", queryset=copies))
    )


def lint_ready(host: Any, *, now: datetime, addresses: Sequence[str] | None = None) -> list[Hint]:
    """Return what is odd about a Host out of `ready_to_lint`; no query."""
    facts = _facts(
        host,
        host.host_categories.all(),
        networks=int(host.has_networks),
        admins=int(host.has_admins),
        addresses=addresses,
    )
    return lint_host(facts, now=now)


def lint_hosts(hosts: QuerySet[Host], *, now: datetime, look_up: bool) -> list[Linted]:
    """Return what is odd about each of some Hosts, by Site and name; three queries.

    With `look_up` their names are resolved, which takes some seconds for many, and the autonomous
    systems of their addresses are compared with what is written.
    """
    rows = list(ready_to_lint(hosts).order_by("site__name", "name"))
    found = addresses_of_names(host.name for host in rows) if look_up else {}
    return [
        Linted(host, lint_ready(host, now=now, addresses=found.get(host.name))) for host in rows
    ]


def lint_loaded(host: Host, copies: Iterable[HostCategory], *, now: datetime) -> list[Hint]:
    """Return what is odd about a Host whose copies and URLs are at hand, for its own people.

    They are there, so nothing is said about people. One query for a private Host, else none.
    """
    networks = host.netblocks.count() if host.counts_as_private else 0
    facts = _facts(host, copies, networks=networks)
    return lint_host(facts, now=now)


def _facts(
    host: Host,
    copies: Iterable[HostCategory],
    *,
    networks: int,
    admins: int = 1,
    addresses: Sequence[str] | None = None,
) -> HostFacts:
    file = str(settings.MIRRORLIST_ASN_MMDB or settings.MIRRORLIST_NETBLOCKS_FILE)
    return HostFacts(
        name=host.name,
        site=host.site.name,
        private=host.counts_as_private,
        bandwidth_mbps=host.bandwidth_mbps,
        place_hint=host.place_hint,
        asn=host.asn,
        asn_clients=host.asn_clients,
        networks=networks,
        copies=[_copy(copy) for copy in copies],
        last_checked_in_at=host.last_checked_in_at,
        admins=admins,
        contact=host.contact,
        addresses=addresses,
        asns_seen=asns_of_addresses(addresses, file=file) if addresses else None,
    )


def _copy(copy: HostCategory) -> CopyFacts:
    return CopyFacts(
        copy.category.name,
        [
            UrlFacts(url.url, url.ipv4_state, url.ipv6_state, url.certificate_until_at)
            for url in copy.urls.all()
            if url.approval != "rejected"
        ],
        up2date=copy.up2date_count,
        always_up2date=copy.always_up2date,
        looked_at=copy.last_crawled_at is not None or copy.last_checked_in_at is not None,
    )
