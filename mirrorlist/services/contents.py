"""Read everything that a snapshot contains from the database, in one pass.

Asks `mirrorlist.logic.eligibility` about each Host; writes nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from mirrorlist.logic.contents import (
    Contents,
    CountryRow,
    ListingRow,
    PiecesRow,
    RepositoryRow,
)
from mirrorlist.logic.continuing import WHOLE, CopyRow
from mirrorlist.logic.distance import Point
from mirrorlist.logic.eligibility import (
    Left,
    Offer,
    Standing,
    Url,
    choose_urls,
    weight_of,
    why_left_out,
)
from mirrorlist.logic.snapshot import Carrier, Category, Exclusion, FileDetail
from mirrorlist.logic.snapshot import Host as SnapshotHost
from mirrorlist.services.placing import place
from mirrorlist.snapshot_file import SnapshotFile
from registry.logic.reach import Reach
from registry.models import (
    Approval,
    Country,
    CountryContinentRedirect,
    Directory,
    FilePieces,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostCountryAllowed,
    HostCountryExcluded,
    HostCountryServed,
    HostNetblock,
    HostPeerAsn,
    NetblockCountry,
    Repository,
    RepositoryRedirect,
)
from registry.models import Category as CategoryRow
from registry.models import FileDetail as FileDetailRow

NO_URL = (Left.NO_URL, "It has no public URL for this Category.")


class HostCountries(NamedTuple):
    """The countries that Hosts allow, exclude, and serve as if they stood there."""

    allowed: dict[int, frozenset[str]]
    excluded: dict[int, frozenset[str]]
    served: dict[int, frozenset[str]]

    @classmethod
    def load(cls) -> "HostCountries":
        """Read them all."""
        return cls(
            allowed=_by_host(HostCountryAllowed),
            excluded=_by_host(HostCountryExcluded),
            served=_by_host(HostCountryServed),
        )


def _by_host(
    model: type[HostCountryAllowed | HostCountryExcluded | HostCountryServed],
) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for host_id, country in model._default_manager.values_list("host_id", "country_id"):
        found.setdefault(host_id, set()).add(country)
    return {host_id: frozenset(countries) for host_id, countries in found.items()}


class Carriage(NamedTuple):
    """Who carries what: carriers, which state of their copies counts, and who is left out."""

    carriers: list[tuple[int, int, Carrier]]
    copies: list[CopyRow]
    exclusions: list[tuple[int, Exclusion]]


def load_contents(
    *, now: datetime, last: SnapshotFile | None = None, listings: bool = True
) -> Contents:
    """Read the network as clients are to see it from now on.

    If little changed since the `last` snapshot, the contents continue it. Costs the same number of
    queries whatever the size of the network; listings are read when they are iterated over. Which
    Hosts are in service is `HostQuerySet.servable`'s word; logic gives the reason for the others.
    """
    known = {
        host.id: host
        for host in Host.objects.filter(host_categories__isnull=False)
        .select_related("site", "country__embargo")
        .distinct()
    }
    servable = set(Host.objects.servable().values_list("id", flat=True)) & known.keys()
    carriage = _load_carriage(known, servable)
    repositories = _load_repositories()
    placing = place(sorted(servable), carriage.copies, (row.path for row in repositories), last)
    countries = HostCountries.load()
    return Contents(
        built_at=int(now.timestamp()),
        hosts=[_host(known[id_], countries) for id_ in sorted(servable)],
        categories=[
            Category(*row)
            for row in CategoryRow.objects.values_list(
                "id", "name", "top_directory", "canonical_url"
            )
        ],
        carriers=carriage.carriers,
        exclusions=carriage.exclusions,
        host_sets=placing.placement.host_sets,
        directories=placing.placement.directories,
        repositories=repositories,
        disabled=_load_disabled(),
        redirects=list(RepositoryRedirect.objects.values_list("from_prefix", "to_prefix")),
        countries=_load_countries(),
        netblocks=_load_netblocks(servable),
        netblock_countries=list(NetblockCountry.objects.values_list("netblock", "country_id")),
        asns=_load_asns([known[host_id] for host_id in sorted(servable)]),
        file_details=_load_file_details(),
        basis=placing.basis,
        copies=carriage.copies,
        directory_count=placing.directory_count,
        continues=placing.continues,
        how=placing.how,
        base_url=settings.BASE_URL,
        listings=_listings() if listings else None,
        pieces=_pieces() if listings else (),
    )


def _load_carriage(known: dict[int, Host], servable: set[int]) -> Carriage:
    """Judge every HostCategory: who offers it under which URLs, and who does not and why."""
    urls: dict[int, list[Url]] = {}
    for host_category_id, *url in (
        HostCategoryUrl.objects.public()
        .order_by("id")
        .values_list("host_category_id", "url", "state", "reason", "ipv4_state", "ipv6_state")
    ):
        urls.setdefault(host_category_id, []).append(Url(*url))
    found = Carriage([], [], [])
    for row in HostCategory.objects.only(
        "host_id", "category_id", "always_up2date", "up2date_revision"
    ).order_by("id"):
        host = known[row.host_id]
        offer = choose_urls(urls.get(row.pk, ()))
        left = _why_left_out(host, offer, in_service=host.id in servable)
        if left is not None:
            reason, sentence = left
            found.exclusions.append(
                (
                    row.category_id,
                    Exclusion(host.id, host.name, host.country_id, reason.value, sentence),
                )
            )
            continue
        found.carriers.append((row.category_id, host.id, Carrier(*offer)))
        revision = WHOLE if row.always_up2date else row.up2date_revision
        found.copies.append(CopyRow(row.category_id, host.id, row.pk, revision))
    return found


def _why_left_out(host: Host, offer: Offer, *, in_service: bool) -> tuple[Left, str] | None:
    if not in_service:
        return why_left_out(_standing(host)) or (Left.NOT_SERVABLE, "It is not in service.")
    return None if offer.urls else NO_URL


def _standing(host: Host) -> Standing:
    embargo = getattr(host.country, "embargo", None)
    return Standing(
        site_approval=host.site.approval,
        site_admin_active=host.site.admin_active,
        site_user_active=host.site.user_active,
        approval=host.approval,
        admin_active=host.admin_active,
        user_active=host.user_active,
        system_active=host.system_active,
        embargo=None if embargo is None else embargo.reason,
        disable_reason=host.disable_reason,
        system_reason=host.system_reason,
    )


def _host(host: Host, countries: HostCountries) -> SnapshotHost:
    north, east = host.latitude, host.longitude
    return SnapshotHost(
        id=host.id,
        name=host.name,
        country=host.country_id,
        weight=weight_of(host.bandwidth_mbps, host.share_percent),
        private=host.private or host.site.private,
        countries_allowed=countries.allowed.get(host.id, frozenset()),
        countries_excluded=countries.excluded.get(host.id, frozenset()),
        countries_served=countries.served.get(host.id, frozenset()),
        reach=Reach(host.reach),
        always_listed=host.always_listed,
        max_file_mb=host.max_file_mb or 0,
        asn=host.asn,
        point=None if north is None or east is None else (north, east),
        site=host.site.name,
    )


def _listings() -> Iterator[ListingRow]:
    there = Directory.objects.filter(vanished_at=None, readable=True).order_by("id")
    rows = there.values_list("id", "changed_at", "listing").iterator(chunk_size=500)
    return (ListingRow(id_, int(at.timestamp()), bytes(data)) for id_, at, data in rows)


def _pieces() -> Iterator[PiecesRow]:
    there = FilePieces.objects.filter(directory__vanished_at=None, directory__readable=True)
    rows = there.order_by("id").values_list(
        "id", "directory_id", "filename", "size_bytes", "mtime", "piece_bytes", "digests"
    )
    return (PiecesRow(*row[:6], bytes(row[6])) for row in rows.iterator(chunk_size=100))


def _load_repositories() -> list[RepositoryRow]:
    there = Repository.objects.addressable().filter(directory__vanished_at=None)
    rows = there.values_list("prefix", "arch__name", "directory__path")
    return [RepositoryRow(prefix, arch or "", path) for prefix, arch, path in rows]


def _load_disabled() -> list[str]:
    """Return the prefixes of disabled Repositories; one of them disables its prefix."""
    disabled = Repository.objects.addressable().filter(disabled=True)
    return sorted(set(disabled.values_list("prefix", flat=True)))


def _load_netblocks(servable: set[int]) -> list[tuple[str, int]]:
    rows = HostNetblock.objects.filter(approval=Approval.APPROVED).values_list(
        "netblock", "host_id"
    )
    return [(netblock, host_id) for netblock, host_id in rows if host_id in servable]


def _load_file_details() -> list[tuple[int, str, FileDetail]]:
    there = FileDetailRow.objects.filter(directory__vanished_at=None)
    rows = there.newest_first().values_list(
        "directory_id",
        "filename",
        "timestamp",
        "size_bytes",
        "md5",
        "sha1",
        "sha256",
        "sha512",
    )
    return [(row[0], row[1], FileDetail(*row[2:])) for row in rows]


def _load_countries() -> list[CountryRow]:
    """Return every country with its continent; operators' redirects come before the reference."""
    redirects = dict(CountryContinentRedirect.objects.values_list("country_id", "continent"))
    rows = Country.objects.values_list("code", "continent", "latitude", "longitude")
    return sorted(
        CountryRow(code, redirects.get(code, continent), *_point(latitude, longitude))
        for code, continent, latitude, longitude in rows
    )


def _point(latitude: float | None, longitude: float | None) -> Point | tuple[None, None]:
    """Return a point; half of one is none."""
    if latitude is None or longitude is None:
        return None, None
    return latitude, longitude


def _load_asns(hosts: list[Host]) -> list[tuple[int, int]]:
    """Return pairs of ASN and Host: their own, if its clients may have them, and their peers'."""
    ids = {host.id for host in hosts}
    own = {(host.asn, host.id) for host in hosts if host.asn and host.asn_clients}
    peers = set(HostPeerAsn.objects.values_list("asn", "host_id"))
    return sorted(own | {(asn, host_id) for asn, host_id in peers if host_id in ids})
