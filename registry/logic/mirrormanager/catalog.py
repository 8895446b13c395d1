"""Products, Versions, Arches, Categories, redirects and places of a MirrorManager database."""

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
from registry.logic.mirrormanager.rows import (
    ArchRow,
    CategoryRow,
    ContinentRedirectRow,
    DirectoryNameRow,
    EmbargoedCountryRow,
    NetblockCountryRow,
    ProductRow,
    RepositoryRedirectRow,
    VersionRow,
)


def draft_catalog(draft: Draft, tables: Tables) -> None:
    """Draft Products with their Versions, Arches and Categories."""
    for product in count(draft, ProductRow, tables):
        values = {"name": clean(product.name), "publiclist": product.publiclist}
        draft.remember("product", product.id, admit(draft, "product", product, values))
    for version in count(draft, VersionRow, tables):
        _draft_version(draft, version)
    for arch in count(draft, ArchRow, tables):
        values = {
            "name": clean(arch.name),
            "publiclist": arch.publiclist,
            "primary": arch.primary_arch,
        }
        draft.remember("arch", arch.id, admit(draft, "arch", arch, values))
    _draft_categories(draft, tables)


def _draft_version(draft: Draft, row: VersionRow) -> None:
    product = draft.refer("product", row.product_id)
    if product is None:
        miss_parent(draft, row, "Product")
        return
    values = {
        "name": clean(row.name),
        "display_name": clean(row.display_name),
        "display": row.display,
        "is_test": row.is_test,
    }
    key = admit(draft, "version", row, values, parent=product)
    draft.remember("version", row.id, key)


def _draft_categories(draft: Draft, tables: Tables) -> None:
    """Draft Categories; of two with one top directory the first stays."""
    paths = {row.id: row.name for row in tables.of(DirectoryNameRow)}
    holders: dict[object, CategoryRow] = {}
    for row in count(draft, CategoryRow, tables):
        top = paths.get(row.topdir_id) if row.topdir_id is not None else None
        if top is None:
            miss_parent(draft, row, "top directory")
            continue
        holder = holders.setdefault(top.strip("/"), row)
        if holder is not row:
            sentence = f"“{top}” is the top directory of “{holder.name}”; that one is taken."
            draft.choose(ChoiceReason.TWICE, name_row(row), sentence)
            continue
        values = {
            "name": clean(row.name),
            "product": draft.refer("product", row.product_id),
            "top_directory": top,
            "publiclist": row.publiclist,
            "admin_only": row.admin_only,
        }
        draft.remember("category", row.id, admit(draft, "category", row, values))


def draft_places(draft: Draft, tables: Tables) -> None:
    """Draft what corrects the countries of clients and Hosts, and the Repository redirects."""
    for redirect in count(draft, RepositoryRedirectRow, tables):
        prefixes = {"from_prefix": clean(redirect.from_repo), "to_prefix": clean(redirect.to_repo)}
        admit(draft, "repository_redirect", redirect, prefixes)
    for continent in count(draft, ContinentRedirectRow, tables):
        country = draft.country(continent.country)
        if country is None:
            miss_country(draft, continent, continent.country, consequence="It is left out.")
            continue
        code = clean(continent.continent)
        values: dict[str, Any] = {"country": country, "continent": code.upper() if code else None}
        admit(draft, "country_continent_redirect", continent, values)
    for netblock in count(draft, NetblockCountryRow, tables):
        country = draft.country(netblock.country)
        if country is None:
            miss_country(draft, netblock, netblock.country, consequence="It is left out.")
            continue
        values = {"netblock": clean(netblock.netblock), "country": country}
        admit(draft, "netblock_country", netblock, values)
    for embargo in count(draft, EmbargoedCountryRow, tables):
        country = draft.country(embargo.country_code)
        if country is None:
            miss_country(draft, embargo, embargo.country_code, consequence="It is left out.")
            continue
        admit(draft, "embargoed_country", embargo, {"country": country})
