"""The rows of a MirrorManager database, as far as they are imported.

Field names are column names, so the reader takes its columns from here. Columns that nothing in
MirrorManager reads, and tables of its sign-in and statistics, are left out on purpose.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

Row = TypeVar("Row", bound=NamedTuple)


class SiteRow(NamedTuple):
    id: int
    name: str
    password: str | None
    org_url: str | None
    private: bool
    admin_active: bool
    user_active: bool
    created_at: datetime | None
    created_by: str | None
    all_sites_can_pull_from_me: bool | None
    downstream_comments: str | None


class SiteAdminRow(NamedTuple):
    id: int
    username: str | None
    site_id: int | None


class HostRow(NamedTuple):
    id: int
    name: str
    site_id: int | None
    robot_email: str | None
    admin_active: bool
    user_active: bool
    country: str | None
    bandwidth_int: int | None
    comment: str | None
    last_checked_in: datetime | None
    private: bool
    asn: int | None
    asn_clients: bool | None
    max_connections: int | None
    disable_reason: str | None
    latitude: float | None
    longitude: float | None


class NetblockRow(NamedTuple):
    id: int
    host_id: int | None
    netblock: str | None
    name: str | None


class PeerAsnRow(NamedTuple):
    id: int
    host_id: int | None
    asn: int | None
    name: str | None


class CountryAllowedRow(NamedTuple):
    id: int
    host_id: int | None
    country: str | None


class HostCountryRow(NamedTuple):
    id: int
    host_id: int | None
    country_id: int | None


class CountryRow(NamedTuple):
    id: int
    code: str | None


class AclIpRow(NamedTuple):
    id: int
    host_id: int | None
    ip: str | None


class ProductRow(NamedTuple):
    id: int
    name: str
    publiclist: bool | None


class VersionRow(NamedTuple):
    id: int
    name: str | None
    product_id: int | None
    is_test: bool | None
    display: bool | None
    display_name: str | None


class ArchRow(NamedTuple):
    id: int
    name: str
    publiclist: bool | None
    primary_arch: bool | None


class CategoryRow(NamedTuple):
    id: int
    name: str
    publiclist: bool | None
    admin_only: bool | None
    product_id: int | None
    topdir_id: int | None


class CategoryDirectoryRow(NamedTuple):
    category_id: int
    directory_id: int


class HostCategoryRow(NamedTuple):
    id: int
    host_id: int | None
    category_id: int | None
    always_up2date: bool | None


class UrlRow(NamedTuple):
    id: int
    host_category_id: int | None
    url: str | None
    private: bool | None


class DirectoryNameRow(NamedTuple):
    id: int
    name: str


class DirectoryRow(NamedTuple):
    id: int
    name: str
    files: bytes | None
    readable: bool | None
    ctime: int | None


class FileDetailRow(NamedTuple):
    id: int
    directory_id: int | None
    filename: str | None
    timestamp: int | None
    size: int | None
    sha1: str | None
    md5: str | None
    sha256: str | None
    sha512: str | None


class RepositoryRow(NamedTuple):
    id: int
    name: str | None
    prefix: str | None
    version_id: int | None
    arch_id: int | None
    directory_id: int | None
    disabled: bool | None


class RepositoryRedirectRow(NamedTuple):
    id: int
    from_repo: str | None
    to_repo: str | None


class ContinentRedirectRow(NamedTuple):
    id: int
    country: str | None
    continent: str | None


class NetblockCountryRow(NamedTuple):
    id: int
    netblock: str | None
    country: str | None


class EmbargoedCountryRow(NamedTuple):
    id: int
    country_code: str | None


class Up2dateRow(NamedTuple):
    """The largest table, of which only the rows that say up2date are read, grouped by Host."""

    host_category_id: int | None
    directory_id: int | None
    path: str | None
    up2date: bool


class Carried(NamedTuple):
    """What one HostCategory has up2date: ids of Directories, and paths where there is no id.

    Paths are relative to the top directory. Without `host_category_id` the rows are nobody's.
    """

    host_category_id: int | None
    directory_ids: list[int]
    paths: list[str]


TABLES: dict[type[NamedTuple], str] = {
    SiteRow: "site",
    SiteAdminRow: "site_admin",
    HostRow: "host",
    NetblockRow: "host_netblock",
    PeerAsnRow: "host_peer_asn",
    CountryAllowedRow: "host_country_allowed",
    HostCountryRow: "host_country",
    CountryRow: "country",
    AclIpRow: "host_acl_ip",
    ProductRow: "product",
    VersionRow: "version",
    ArchRow: "arch",
    CategoryRow: "category",
    CategoryDirectoryRow: "category_directory",
    HostCategoryRow: "host_category",
    UrlRow: "host_category_url",
    DirectoryNameRow: "directory",
    DirectoryRow: "directory",
    FileDetailRow: "file_detail",
    RepositoryRow: "repository",
    RepositoryRedirectRow: "repository_redirect",
    ContinentRedirectRow: "country_continent_redirect",
    NetblockCountryRow: "netblock_country",
    EmbargoedCountryRow: "embargoed_country",
    Up2dateRow: "host_category_dir",
}


class Source(Protocol):
    """Where the rows come from. Every call reads the same unchanging state of the database."""

    @property
    def name(self) -> str:
        """Return the name of the database for people, without any password."""
        ...

    def rows(self, kind: type[Row]) -> Iterator[Row]:
        """Yield all rows of a table in the order of their ids, at constant memory."""
        ...

    def up2date(self, *, leaving_out: Iterable[int]) -> Iterator[Carried]:
        """Yield each HostCategory that has something, in the order of the ids, except some."""
        ...
