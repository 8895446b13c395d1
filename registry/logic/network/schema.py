"""What a network file may hold: one table of kinds, their fields and their natural keys.

Everything else about network files (checks, differences, text, rows) follows this table. It holds
no secrets and no ids on purpose: password hashes, keys and pairing codes have no field here.
"""

from dataclasses import dataclass
from enum import Enum

from registry.logic.cloud_ranges import PROVIDERS
from registry.logic.network import values
from registry.logic.network.values import FLAG, Type, integer, name, text
from registry.logic.reach import Reach

VERSION_KEY = "mirrorsite_network"
VERSION = 1


class Gone(Enum):
    """What becomes of an object when an object that it refers to is removed."""

    GOES_TOO = "goes_too"
    IS_CLEARED = "is_cleared"
    FORBIDS = "forbids"


@dataclass(frozen=True)
class Field:
    """One field of a kind.

    `key` fields name the object; a `required` field must be given for a new object; a `state`
    field is only exported with state. `refers` names the kind that the value is a key of, and
    `gone` says what happens when that object is removed. `fold` compares without regard to case.
    """

    name: str
    type: Type
    key: bool = False
    required: bool = False
    nullable: bool = False
    state: bool = False
    fold: bool = False
    refers: str = ""
    gone: Gone = Gone.GOES_TOO


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    `list_name` is its key at the top of the document, or inside its `parent` kind. A `plain` kind
    is written as the bare value of its key. `unique` names fields that no two objects share as a
    combination; in a combination, empty parts are not compared.
    """

    name: str
    noun: str
    list_name: str
    fields: tuple[Field, ...]
    parent: str = ""
    plain: bool = False
    state: bool = False
    removable: bool = True
    unique: tuple[tuple[str, ...], ...] = ()


def refer(
    field: str,
    kind: str,
    *,
    key: bool = False,
    required: bool = False,
    gone: Gone = Gone.GOES_TOO,
) -> Field:
    """Return a field whose value is the key of an object of another kind.

    One that is neither part of the key nor required may be null. What becomes of the object
    when the other one is removed: a key goes too, the rest as `gone` says.
    """
    return Field(
        field,
        values.DEEP_PATH if kind == "directory" else name(1000),
        key=key,
        required=required,
        nullable=not (key or required),
        refers=kind,
        gone=gone,
    )


CONTINENT = values.choice("AF", "AN", "AS", "EU", "NA", "OC", "SA")
APPROVAL = (
    Field("approval", values.choice("pending", "approved", "rejected")),
    Field("approval_reason", text()),
)

# In this order objects are written: a kind refers to earlier kinds only.
KINDS: tuple[Kind, ...] = (
    Kind(
        "country",
        "country",
        "countries",
        (
            Field("code", values.COUNTRY_CODE, key=True),
            Field("name", name(100), required=True),
            Field("continent", CONTINENT, required=True),
            Field("latitude", values.number(-90, 90), nullable=True),
            Field("longitude", values.number(-180, 180), nullable=True),
        ),
        removable=False,
    ),
    Kind(
        "product",
        "Product",
        "products",
        (Field("name", name(100), key=True), Field("publiclist", FLAG)),
    ),
    Kind(
        "version",
        "Version",
        "versions",
        (
            Field("name", name(100), key=True),
            Field("display_name", text(100)),
            Field("display", FLAG),
            Field("is_test", FLAG),
        ),
        parent="product",
    ),
    Kind(
        "arch",
        "Arch",
        "arches",
        (
            Field("name", name(50), key=True),
            Field("publiclist", FLAG),
            Field("primary", FLAG),
        ),
    ),
    Kind(
        "category",
        "Category",
        "categories",
        (
            Field("name", name(100), key=True),
            refer("product", "product", gone=Gone.FORBIDS),
            Field("top_directory", values.PATH, required=True),
            Field("publiclist", FLAG),
            Field("admin_only", FLAG),
            Field("source_kind", values.choice("local", "file_list", "rsync", "listing")),
            Field("source_location", text(1000)),
            Field("source_options", values.RSYNC_OPTIONS),
            Field("checksum_base", values.WEB_URL),
            Field("change_signals", text()),
            Field("excludes", text()),
            Field("crawl_protocols", values.PROTOCOLS),
            Field("canonical_url", values.WEB_URL),
        ),
        unique=(("top_directory",),),
    ),
    Kind(
        "repository_mapping",
        "RepositoryMapping",
        "repository_mappings",
        (
            Field("category", name(1000), key=True, nullable=True, refers="category"),
            Field("pattern", values.PATTERN, key=True),
            Field("position", integer(0, 2**31 - 1)),
            Field("prefix", text(200), required=True),
            Field("version_prefix", text(20)),
            Field("comment", text(200)),
        ),
    ),
    Kind(
        "repository_alias",
        "RepositoryAlias",
        "repository_aliases",
        (Field("from_text", name(200), key=True), Field("to_text", name(200), required=True)),
    ),
    Kind(
        "repository_redirect",
        "RepositoryRedirect",
        "repository_redirects",
        (Field("from_prefix", name(200), key=True), Field("to_prefix", name(200), required=True)),
    ),
    Kind(
        "embargoed_country",
        "embargoed country",
        "embargoed_countries",
        (refer("country", "country", key=True), Field("reason", text())),
    ),
    Kind(
        "country_continent_redirect",
        "country-continent redirect",
        "country_continent_redirects",
        (refer("country", "country", key=True), Field("continent", CONTINENT, required=True)),
    ),
    Kind(
        "netblock_country",
        "netblock country",
        "netblock_countries",
        (
            Field("netblock", values.NETBLOCK, key=True),
            refer("country", "country", required=True),
        ),
    ),
    Kind(
        "directory",
        "Directory",
        "directories",
        (
            Field("path", values.DEEP_PATH, key=True),
            refer("category", "category", required=True),
            Field("readable", FLAG),
            Field("changed_at", values.MOMENT, required=True),
            Field("files", values.FILES, required=True),
        ),
        state=True,
    ),
    Kind(
        "repository",
        "Repository",
        "repositories",
        (
            refer("directory", "directory", key=True),
            refer("category", "category", required=True),
            Field("kind", values.choice("rpm", "ostree", "debian", "arch", "alpine", "plain")),
            Field("prefix", text(200)),
            refer("version", "version", gone=Gone.IS_CLEARED),
            refer("arch", "arch", gone=Gone.FORBIDS),
            Field("disabled", FLAG),
            Field("reason", text()),
        ),
        state=True,
        unique=(("prefix", "arch"),),
    ),
    Kind(
        "file_detail",
        "FileDetail",
        "file_details",
        (
            refer("directory", "directory", key=True),
            Field("filename", name(255), key=True),
            Field("timestamp", integer(-(2**63)), key=True),
            Field("size_bytes", integer(0), key=True),
            Field("sha256", values.hexadecimal(64), key=True),
            Field("sha512", values.hexadecimal(128), key=True),
            Field("sha1", values.hexadecimal(40), key=True),
            Field("md5", values.hexadecimal(32), key=True),
            Field("seen_at", values.MOMENT, required=True),
        ),
        state=True,
    ),
    Kind(
        "site",
        "Site",
        "sites",
        (
            Field("name", name(200), key=True, fold=True),
            Field("organization_url", values.WEB_URL),
            Field("private", FLAG),
            Field("admin_active", FLAG),
            Field("user_active", FLAG),
            Field("all_sites_can_pull_from_me", FLAG),
            Field("downstream_comments", text()),
            *APPROVAL,
        ),
    ),
    Kind(
        "site_admin",
        "SiteAdmin",
        "admins",
        (refer("user", "user", key=True),),
        parent="site",
        plain=True,
    ),
    Kind(
        "sponsor",
        "sponsor",
        "sponsors",
        (
            Field("name", name(200), key=True),
            Field("url", values.WEB_URL),
            Field("logo_url", values.WEB_URL),
            Field("contact", values.EMAIL),
            refer("site", "site", gone=Gone.IS_CLEARED),
        ),
    ),
    Kind(
        "host",
        "Host",
        "hosts",
        (
            refer("site", "site", key=True),
            Field("name", name(255), key=True, fold=True),
            refer("sponsor", "sponsor", gone=Gone.IS_CLEARED),
            refer("country", "country", required=True),
            Field("latitude", values.number(-90, 90), nullable=True),
            Field("longitude", values.number(-180, 180), nullable=True),
            Field("crawl_from", integer(0, 23), nullable=True),
            Field("crawl_until", integer(0, 23), nullable=True),
            Field("bandwidth_mbps", integer(1, 1_000_000)),
            Field("max_connections", integer(0, 2**31 - 1)),
            Field("asn", values.ASN, nullable=True),
            Field("asn_clients", FLAG),
            Field("private", FLAG),
            Field("reach", values.choice(*Reach)),
            Field("always_listed", FLAG),
            Field("max_file_mb", integer(1, 2**31 - 1), nullable=True),
            Field("share_percent", integer(0, 1000)),
            Field("admin_active", FLAG),
            Field("user_active", FLAG),
            Field("disable_reason", text()),
            Field("contact", values.EMAIL),
            Field("comment", text()),
            *APPROVAL,
        ),
    ),
    Kind(
        "host_netblock",
        "netblock",
        "netblocks",
        (
            Field("netblock", values.NETBLOCK, key=True),
            Field("name", text(200)),
            *APPROVAL,
        ),
        parent="host",
    ),
    Kind(
        "host_netblock_source",
        "netblock source",
        "netblock_sources",
        (
            Field("name", name(100), key=True),
            Field("provider", values.choice(*PROVIDERS), required=True),
            Field("regions", text(500)),
            Field("service", text(100)),
            Field("url", values.WEB_URL),
        ),
        parent="host",
    ),
    Kind(
        "host_peer_asn",
        "peer ASN",
        "peer_asns",
        (Field("asn", values.ASN, key=True), Field("name", text(200))),
        parent="host",
    ),
    Kind(
        "host_country_allowed",
        "allowed country",
        "countries_allowed",
        (refer("country", "country", key=True),),
        parent="host",
        plain=True,
    ),
    Kind(
        "host_country_excluded",
        "excluded country",
        "countries_excluded",
        (refer("country", "country", key=True),),
        parent="host",
        plain=True,
    ),
    Kind(
        "host_country_served",
        "served country",
        "countries_served",
        (refer("country", "country", key=True),),
        parent="host",
        plain=True,
    ),
    Kind(
        "exclusive_directory",
        "exclusive directory",
        "exclusive_directories",
        (Field("path", values.PATH, key=True),),
        parent="host",
        plain=True,
    ),
    Kind(
        "host_acl_ip",
        "ACL address",
        "acl_ips",
        (Field("ip", values.ADDRESS, key=True),),
        parent="host",
        plain=True,
    ),
    Kind(
        "host_category",
        "HostCategory",
        "categories",
        (
            refer("category", "category", key=True),
            Field("always_up2date", FLAG),
            Field("up2date", values.UP2DATE, state=True),
        ),
        parent="host",
    ),
    Kind(
        "host_category_url",
        "HostCategoryUrl",
        "urls",
        (Field("url", values.BASE_URL, key=True), Field("private", FLAG), *APPROVAL),
        parent="host_category",
        unique=(("url",),),
    ),
)

# Accounts are no part of the file, but Sites name those of their SiteAdmins.
USER = Kind("user", "user", "", (Field("username", name(150), key=True),), removable=False)

KIND: dict[str, Kind] = {kind.name: kind for kind in (*KINDS, USER)}
# In the order of the document: what people write first, what the system learned last.
TOP_KINDS: tuple[Kind, ...] = tuple(
    sorted((kind for kind in KINDS if not kind.parent), key=lambda kind: kind.state)
)


def children_of(kind: Kind) -> tuple[Kind, ...]:
    """Return the kinds that are written inside objects of this kind."""
    return tuple(child for child in KINDS if child.parent == kind.name)


def key_fields(kind: Kind) -> tuple[Field, ...]:
    """Return the fields that name an object, apart from those of its parent."""
    return tuple(field for field in kind.fields if field.key)


def width(kind: Kind) -> int:
    """Return of how many parts a written reference to this kind consists."""
    own = sum(width(KIND[field.refers]) if field.refers else 1 for field in key_fields(kind))
    return own + (width(KIND[kind.parent]) if kind.parent else 0)
