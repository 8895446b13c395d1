"""Where the kinds of a network file live in the database, and how rows become records.

Follows the table of kinds; the few columns that are not their field's name are listed here. One
query per kind, whatever the number of rows. Decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from registry import models as tables
from registry.logic.listings import pack_listing
from registry.logic.network.records import Key, Record, key_of, label_of, reference_of
from registry.logic.network.schema import KIND, Field, Kind, key_fields, width
from registry.logic.network.values import Listing

MODELS: dict[str, type[models.Model]] = {
    "country": tables.Country,
    "product": tables.Product,
    "version": tables.Version,
    "arch": tables.Arch,
    "category": tables.Category,
    "repository_mapping": tables.RepositoryMapping,
    "repository_alias": tables.RepositoryAlias,
    "repository_redirect": tables.RepositoryRedirect,
    "embargoed_country": tables.EmbargoedCountry,
    "country_continent_redirect": tables.CountryContinentRedirect,
    "netblock_country": tables.NetblockCountry,
    "directory": tables.Directory,
    "repository": tables.Repository,
    "file_detail": tables.FileDetail,
    "site": tables.Site,
    "site_admin": tables.SiteAdmin,
    "sponsor": tables.Sponsor,
    "host": tables.Host,
    "host_netblock": tables.HostNetblock,
    "host_netblock_source": tables.HostNetblockSource,
    "host_peer_asn": tables.HostPeerAsn,
    "host_country_allowed": tables.HostCountryAllowed,
    "host_country_excluded": tables.HostCountryExcluded,
    "host_country_served": tables.HostCountryServed,
    "exclusive_directory": tables.ExclusiveDirectory,
    "host_acl_ip": tables.HostAclIp,
    "host_category": tables.HostCategory,
    "host_category_url": tables.HostCategoryUrl,
    "user": get_user_model(),
}
# A listing is compared by its digest; it is only unpacked to be written out.
COLUMNS = {("directory", "files"): "digest"}
# Objects with an order of their own keep it: the rows are made anew in the order of the file.
ORDER = {"repository_mapping": ("position", "id"), "file_detail": ("seen_at", "timestamp", "id")}
# Rows that follow from others of the file are neither written nor touched.
OWN = {"host_netblock": models.Q(source=None)}


@dataclass(frozen=True)
class Row:
    """One row: its id, the written parts of its key, and its values with references as parts."""

    pk: Any
    parts: tuple[Any, ...]
    values: Mapping[str, Any]


def key_columns(kind: Kind) -> list[str]:
    """Return the look-ups of the parts of a kind's key, the parent's first."""
    columns = [f"{kind.parent}__{column}" for column in _parent_columns(kind)]
    return columns + [column for each in key_fields(kind) for column in field_columns(kind, each)]


def _parent_columns(kind: Kind) -> list[str]:
    return key_columns(KIND[kind.parent]) if kind.parent else []


def field_columns(kind: Kind, each: Field) -> list[str]:
    """Return the look-ups of a field: one, or one per part of the key that it refers to."""
    column = COLUMNS.get((kind.name, each.name), each.name)
    if not each.refers:
        return [column]
    return [f"{column}__{inner}" for inner in key_columns(KIND[each.refers])]


def read_rows(
    kind: Kind,
    *,
    state: bool = False,
    only: models.Q | None = None,
) -> Iterator[Row]:
    """Yield all rows of a kind in their own order, with one query; state fields if wanted."""
    fields = [each for each in kind.fields if state or not each.state]
    lengths = [width(KIND[each.refers]) if each.refers else 1 for each in fields]
    columns = [column for each in fields for column in field_columns(kind, each)]
    keys = key_columns(kind)
    rows = MODELS[kind.name]._default_manager.filter(
        OWN.get(kind.name, models.Q()), only or models.Q()
    )
    for row in rows.order_by(*ORDER.get(kind.name, ("pk",))).values_list("pk", *keys, *columns):
        rest = iter(row[1 + len(keys) :])
        cells = [tuple(next(rest) for _ in range(length)) for length in lengths]
        values = {each.name: _value(each, cell) for each, cell in zip(fields, cells, strict=True)}
        yield Row(row[0], tuple(row[1 : 1 + len(keys)]), values)


def _value(each: Field, cell: tuple[Any, ...]) -> Any:
    if each.refers:
        return cell
    if each.name == "files":
        return Listing(bytes(cell[0]))
    return cell[0]


def read_records(kind: Kind, *, state: bool, only: models.Q | None = None) -> dict[Key, Record]:
    """Return all rows of a kind as records by their key."""
    fields = {each.name: each for each in kind.fields}
    records: dict[Key, Record] = {}
    for row in read_rows(kind, state=state, only=only):
        values = {
            name: reference_of(fields[name], value) if fields[name].refers else value
            for name, value in row.values.items()
        }
        key = key_of(kind, row.parts)
        records[key] = Record(kind, key, label_of(row.parts), values, row=row.pk)
    return records


def fill(
    instance: models.Model,
    kind: Kind,
    values: Mapping[str, Any],
    *,
    rows: Mapping[str, Mapping[Key, Any]],
    now: datetime,
) -> set[str]:
    """Set the columns of an instance from values; return the names of the fields that were set.

    `rows` has the ids of what is referred to. An up2date set is not set here.
    """
    changed: set[str] = set()
    for each in kind.fields:
        if each.name not in values or each.name == "up2date":
            continue
        columns = _columns_of(each, values[each.name], rows=rows, now=now)
        for column, value in columns.items():
            setattr(instance, column, value)
        changed |= {column.removesuffix("_id") if each.refers else column for column in columns}
    if "approval" in values and isinstance(instance, tables.Approvable):
        decided = values["approval"] != tables.Approval.PENDING
        instance.approval_decided_at = now if decided else None
        changed.add("approval_decided_at")
    return changed


def _columns_of(
    each: Field, value: Any, *, rows: Mapping[str, Mapping[Key, Any]], now: datetime
) -> dict[str, Any]:
    if each.refers:
        return {f"{each.name}_id": None if value is None else rows[each.refers][value]}
    if isinstance(value, Listing):
        entries = value.entries or ()
        return {
            "digest": value.digest,
            "listing": pack_listing(entries),
            "file_count": len(entries),
            "size_bytes": sum(entry.size for entry in entries),
            "scanned_at": now,
        }
    return {each.name: value}


def users_named(names: Iterable[str]) -> dict[Key, Record]:
    """Return the accounts with these names, and those that are SiteAdmins already."""
    wanted = models.Q(username__in=set(names)) | models.Q(site_adminships__isnull=False)
    return read_records(KIND["user"], state=False, only=wanted)
