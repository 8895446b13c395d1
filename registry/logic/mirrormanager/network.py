"""The whole configuration of a MirrorManager database as records, and what no record can hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.logic.mirrormanager.catalog import draft_catalog, draft_places
from registry.logic.mirrormanager.drafting import Draft, Surroundings, Tables
from registry.logic.mirrormanager.hosts import (
    HostFacts,
    draft_carriage,
    draft_hosts,
    draft_preferences,
)
from registry.logic.mirrormanager.people import SiteFacts, draft_site_admins, draft_sites
from registry.logic.mirrormanager.rows import (
    AclIpRow,
    ArchRow,
    CategoryRow,
    ContinentRedirectRow,
    CountryAllowedRow,
    CountryRow,
    DirectoryNameRow,
    EmbargoedCountryRow,
    HostCategoryRow,
    HostCountryRow,
    HostRow,
    NetblockCountryRow,
    NetblockRow,
    PeerAsnRow,
    ProductRow,
    RepositoryRedirectRow,
    RepositoryRow,
    SiteAdminRow,
    SiteRow,
    UrlRow,
    VersionRow,
)
from registry.logic.network.checking import Checked
from registry.logic.network.records import Key

# The tables that are held at once: thousands of rows, not millions.
HELD = (
    SiteRow, SiteAdminRow, HostRow, NetblockRow, PeerAsnRow, CountryAllowedRow, HostCountryRow,
    CountryRow, AclIpRow, ProductRow, VersionRow, ArchRow, CategoryRow, HostCategoryRow, UrlRow,
    DirectoryNameRow, RepositoryRow, RepositoryRedirectRow, ContinentRedirectRow,
    NetblockCountryRow, EmbargoedCountryRow,
)  # fmt: skip


@dataclass(frozen=True)
class Drafted:
    """The records to import, and the facts for which records have no field."""

    draft: Draft
    sites: Mapping[Key, SiteFacts]
    hosts: Mapping[Key, HostFacts]

    @property
    def checked(self) -> Checked:
        return Checked(records=self.draft.records)

    @property
    def users(self) -> set[str]:
        """Return the names of the accounts that the SiteAdmins need."""
        return {key[1][0] for key in self.draft.records.get("site_admin", {})}

    def tops(self) -> dict[int, tuple[str, str]]:
        """Return name and top directory of the Categories by MirrorManager's id."""
        records = self.draft.records.get("category", {})
        return {
            id: (key[0], records[key].values["top_directory"])
            for (kind, id), key in self.draft.keys.items()
            if kind == "category"
        }


def draft_network(tables: Tables, around: Surroundings) -> Drafted:
    """Draft all that the network file has kinds for, in an order in which references exist."""
    draft = Draft(around)
    draft_catalog(draft, tables)
    draft_places(draft, tables)
    sites = draft_sites(draft, tables)
    draft_site_admins(draft, tables)
    hosts = draft_hosts(draft, tables)
    draft_preferences(draft, tables)
    draft_carriage(draft, tables)
    return Drafted(draft, sites, hosts)
