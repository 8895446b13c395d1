"""Rows of a MirrorManager database as logic tests want them: one good row, and what differs."""

from datetime import datetime
from typing import Any, NamedTuple

from registry.logic.mirrormanager.choices import ChoiceReason
from registry.logic.mirrormanager.drafting import Surroundings, Tables
from registry.logic.mirrormanager.network import Drafted, draft_network
from registry.logic.mirrormanager.rows import (
    AclIpRow,
    CategoryRow,
    CountryAllowedRow,
    DirectoryNameRow,
    DirectoryRow,
    FileDetailRow,
    HostCategoryRow,
    HostCountryRow,
    HostRow,
    NetblockRow,
    RepositoryRow,
    SiteRow,
    UrlRow,
    VersionRow,
)

DEFAULTS: dict[type[NamedTuple], dict[str, Any]] = {
    SiteRow: {
        "name": "Example University", "private": False, "admin_active": True, "user_active": True,
        "created_at": datetime(2012, 5, 6), "created_by": "ben",
    },
    HostRow: {
        "name": "mirror.example.org", "site_id": 1, "country": "DE", "admin_active": True,
        "user_active": True, "private": False,
    },
    NetblockRow: {"host_id": 1, "netblock": "193.0.2.0/24"},
    AclIpRow: {"host_id": 1, "ip": "192.0.2.7"},
    CountryAllowedRow: {"host_id": 1, "country": "DE"},
    HostCountryRow: {"host_id": 1, "country_id": 1},
    CategoryRow: {"name": "Fedora Linux", "topdir_id": 1},
    DirectoryNameRow: {"name": "pub/fedora"},
    DirectoryRow: {"name": "pub/fedora"},
    HostCategoryRow: {"host_id": 1, "category_id": 1},
    UrlRow: {"host_category_id": 1, "url": "https://mirror.example.org/pub", "private": False},
    VersionRow: {"name": "42", "product_id": 1},
    FileDetailRow: {"directory_id": 1, "filename": "repomd.xml", "timestamp": 5, "size": 7},
    RepositoryRow: {"name": "r", "prefix": "fedora-42", "arch_id": 1, "directory_id": 1},
}  # fmt: skip


def row(kind: type[Any], id: int = 1, **over: Any) -> Any:
    """Make a row; columns that nobody names are null."""
    values = dict.fromkeys(kind._fields) | DEFAULTS.get(kind, {}) | {"id": id} | over
    return kind(**values)


def tables(*rows: NamedTuple) -> Tables:
    found: dict[type[NamedTuple], list[NamedTuple]] = {}
    for each in rows:
        found.setdefault(type(each), []).append(each)
    return Tables(found)


def draft(*rows: NamedTuple, **over: Any) -> Drafted:
    """Draft a network of these rows, where only DE, FR and GB exist."""
    around = Surroundings(countries={"DE", "FR", "GB"}, **over)
    return draft_network(tables(*rows), around)


def sentences(drafted: Drafted, reason: ChoiceReason) -> list[str]:
    return [f"{each.row}: {each.sentence}" for each in drafted.draft.ledger.of(reason)]


def values(drafted: Drafted, kind: str) -> list[dict[str, Any]]:
    """Return the values of all records of a kind, in the order in which they came."""
    return [dict(each.values) for each in drafted.draft.records.get(kind, {}).values()]


def labels(drafted: Drafted, kind: str) -> list[str]:
    return [each.label for each in drafted.draft.records.get(kind, {}).values()]
