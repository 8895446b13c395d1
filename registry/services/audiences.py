"""For whose clients a Host is, besides its netblocks: countries and peer ASNs.

Who may touch a Host is the edges' question; which lists are the owner's is a table here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from registry.logic.typed_text import clean_line
from registry.models import (
    Country,
    EventKind,
    Host,
    HostCountryAllowed,
    HostCountryExcluded,
    HostCountryServed,
    HostPeerAsn,
)
from registry.querysets import is_operator
from registry.services.edits import EditRefusedError
from registry.services.events import record_event

HostCountry = HostCountryAllowed | HostCountryExcluded | HostCountryServed
PEERS_PER_HOST = 1000


@dataclass(frozen=True)
class CountryList:
    """One of the lists of countries of a Host, and whether its SiteAdmins may change it."""

    model: type[HostCountryAllowed] | type[HostCountryExcluded] | type[HostCountryServed]
    by_owner: bool


# Standing in another country takes clients from the mirrors there, so operators decide.
COUNTRY_LISTS: Mapping[str, CountryList] = {
    "allowed": CountryList(HostCountryAllowed, by_owner=True),
    "excluded": CountryList(HostCountryExcluded, by_owner=True),
    "served": CountryList(HostCountryServed, by_owner=False),
}


def add_country(
    host: Host, kind: str, country: Country, *, actor: User, now: datetime
) -> HostCountry:
    """Put a country on one of a Host's lists; raise EditRefusedError if it is not the actor's.

    A country cannot be allowed and excluded at once.
    """
    _check_list(kind, actor)
    opposite = {"allowed": "excluded", "excluded": "allowed"}.get(kind)
    if opposite and countries_of(host, opposite).filter(country=country).exists():
        raise EditRefusedError(f"{country} is among the {opposite} countries. Remove it there.")
    with transaction.atomic():
        row, new = COUNTRY_LISTS[kind].model.objects.get_or_create(host=host, country=country)
        if not new:
            raise EditRefusedError(f"{country} is in the list already.")
        sentence = f"{actor} added {country} to the {kind} countries of “{host}”."
        record_event(row, EventKind.CREATED, sentence, now=now, actor=actor)
    return row


def countries_of(host: Host, kind: str) -> QuerySet[Any]:
    """Return the rows of one of a Host's lists of countries, with the countries."""
    rows: QuerySet[Any] = COUNTRY_LISTS[kind].model._default_manager.filter(host=host)
    return rows.select_related("country")


def prefetch_countries(host: Host) -> None:
    """Load a Host's lists of countries as `prefetch_related` does, in one query instead of three.

    Each is in the order of the countries' names.
    """
    of_country = {"host": host, "country": OuterRef("pk")}
    ids = {
        kind: Subquery(each.model._default_manager.filter(**of_country).values("pk"))
        for kind, each in COUNTRY_LISTS.items()
    }
    listed = reduce(or_, (Q(**{f"{kind}__isnull": False}) for kind in ids))
    countries = list(Country.objects.annotate(**ids).filter(listed).order_by("name"))
    for kind, each in COUNTRY_LISTS.items():
        known: Any = getattr(host, f"countries_{kind}").all()
        known._result_cache = [
            _loaded(each.model, getattr(country, kind), host, country)
            for country in countries
            if getattr(country, kind) is not None
        ]
        host.__dict__.setdefault("_prefetched_objects_cache", {})[f"countries_{kind}"] = known


def _loaded(model: type[HostCountry], pk: int, host: Host, country: Country) -> HostCountry:
    row = model.from_db(host._state.db, ["id", "host_id", "country_id"], [pk, host.pk, country.pk])
    row.host, row.country = host, country
    return row


def remove_country(row: HostCountry, kind: str, *, actor: User, now: datetime) -> None:
    """Take a country off a list; raise EditRefusedError if the list is not the actor's."""
    _check_list(kind, actor)
    with transaction.atomic():
        sentence = f"{actor} removed {row.country} from the {kind} countries of “{row.host}”."
        record_event(row, EventKind.DELETED, sentence, now=now, actor=actor)
        row.delete()


def add_peer(host: Host, asn: int, name: str, *, actor: User, now: datetime) -> HostPeerAsn:
    """Let clients of another autonomous system prefer a Host; for operators.

    Raises EditRefusedError, and Django's ValidationError for a number that is none.
    """
    _check_operator(actor)
    if host.peer_asns.count() >= PEERS_PER_HOST:
        raise EditRefusedError(f"A Host has at most {PEERS_PER_HOST:,} peer ASNs.")
    if host.peer_asns.filter(asn=asn).exists():
        raise EditRefusedError(f"AS{asn} is in the list already.")
    try:
        row = HostPeerAsn(host=host, asn=asn, name=clean_line(name))
    except ValueError as error:
        raise ValidationError({"name": str(error)}) from error
    row.full_clean()
    with transaction.atomic():
        row.save()
        sentence = f"{actor} added the peer AS{asn} to “{host}”."
        record_event(row, EventKind.CREATED, sentence, now=now, actor=actor)
    return row


def remove_peer(row: HostPeerAsn, *, actor: User, now: datetime) -> None:
    """Take a peer ASN away; for operators. Raises EditRefusedError."""
    _check_operator(actor)
    with transaction.atomic():
        sentence = f"{actor} removed the peer AS{row.asn} from “{row.host}”."
        record_event(row, EventKind.DELETED, sentence, now=now, actor=actor)
        row.delete()


def _check_list(kind: str, actor: User) -> None:
    if not COUNTRY_LISTS[kind].by_owner and not is_operator(actor):
        raise EditRefusedError(f"Only operators change the {kind} countries of a Host. Ask one.")


def _check_operator(actor: User) -> None:
    if not is_operator(actor):
        raise EditRefusedError("Only operators change the peer ASNs of a Host. Ask one.")
