"""MirrorManager's mirrorlist cache: what a snapshot holds, as mirrorlist-server reads it.

The message is `mirrormanager.MirrorList`. It is made of the same contents as our own snapshot, so a
fleet of mirrorlist-servers sends clients where our edge would. Compared with MirrorManager's
generator it has peer ASNs too, and leaves out Hosts that no client may get: those without public
URL, out of service (the operators' switch of the Site counts) or under embargo. Internet2 lists are
not written, since nobody reads them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from mirrorlist.logic.contents import Contents
from mirrorlist.logic.eligibility import GREATEST_WEIGHT
from mirrorlist.logic.host_sets import HostMask, members_of
from mirrorlist.logic.protobuf import bytes_field, number_field, numbers_field, text_field
from mirrorlist.logic.protobuf_limits import Told, tell
from mirrorlist.logic.snapshot import Directory, FileDetail, Host
from registry.logic.places import relative_to

# Fields of the message MirrorList. LocationCache (3) is unused.
TIME = 1
NETBLOCK_COUNTRY = 2
URL = 4
FILE_DETAILS = 5
DISABLED_REPOSITORY = 6
COUNTRY_CONTINENT_REDIRECT = 7
REPOSITORY_REDIRECT = 8
REPOSITORY_DIRECTORY = 9
HOST_ASN = 10
HOST_MAX_CONNECTIONS = 11
HOST_COUNTRY = 12
HOST_BANDWIDTH = 13
HOST_COUNTRY_ALLOWED = 14
HOST_NETBLOCK = 15
MIRRORLIST = 16
# Fields of the message MirrorListCacheType.
DIRECTORY, GLOBAL, SUBPATH, BY_COUNTRY, BY_HOST_ID = 1, 2, 3, 4, 6
# Every map is a repeated message of key and value.
KEY, VALUE = 1, 2
# Directories beside each other often have the same Hosts; more than this need not be remembered.
HOST_SETS_REMEMBERED = 2000


@dataclass(frozen=True)
class CacheExtras:
    """What the cache holds and a snapshot does not.

    `continents` are the operators' redirects alone, because a mirrorlist-server has the continents
    of all countries from a file of its own.
    """

    continents: Sequence[tuple[str, str]] = ()
    max_connections: Mapping[int, int] = field(default_factory=dict)


def encode_cache(contents: Contents, extras: CacheExtras) -> Iterator[bytes]:
    """Yield the message in pieces that only need joining, fields in the order of their numbers.

    Maps are sorted by key, sets of Hosts by id and Directories by path: equal contents give equal
    bytes, whatever the order of the rows. States of a file keep their order; the first is current.
    """
    continent_of = {row.code: row.continent for row in contents.countries}
    told = {host.id: tell(host, continent_of) for host in contents.hosts}
    yield number_field(TIME, contents.built_at)
    yield from _texts(NETBLOCK_COUNTRY, contents.netblock_countries)
    urls = _Urls(contents)
    for id, url in urls.known:
        yield bytes_field(URL, number_field(KEY, id) + text_field(VALUE, url))
    yield from _file_details(contents)
    for prefix in sorted(contents.disabled):
        message = text_field(KEY, prefix) + number_field(VALUE, 1)
        yield bytes_field(DISABLED_REPOSITORY, message)
    yield from _texts(COUNTRY_CONTINENT_REDIRECT, extras.continents)
    yield from _texts(REPOSITORY_REDIRECT, contents.redirects)
    names = ((f"{row.prefix}+{row.arch}", row.path) for row in contents.repositories)
    yield from _texts(REPOSITORY_DIRECTORY, names)
    yield from _hosts(contents, extras, told)
    yield from _mirrorlist(contents, urls, told)


def _texts(number: int, pairs: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    for key, value in sorted(pairs):
        yield bytes_field(number, text_field(KEY, key) + text_field(VALUE, value))


def _hosts(contents: Contents, extras: CacheExtras, told: Mapping[int, Told]) -> Iterator[bytes]:
    """Yield what is known of Hosts; also by address and by autonomous system of the client."""
    asns = {(asn, host_id) for asn, host_id in contents.asns if told[host_id].by_asn}
    for asn, pairs in groupby(sorted(asns), itemgetter(0)):
        message = number_field(KEY, asn) + numbers_field(VALUE, (host for _, host in pairs))
        yield bytes_field(HOST_ASN, message)
    hosts = sorted(contents.hosts, key=lambda host: host.id)
    for host in hosts:
        connections = extras.max_connections.get(host.id, 1)
        message = number_field(KEY, host.id) + number_field(VALUE, connections)
        yield bytes_field(HOST_MAX_CONNECTIONS, message)
    for host in hosts:
        message = number_field(KEY, host.id) + text_field(VALUE, host.country)
        yield bytes_field(HOST_COUNTRY, message)
    for host in hosts:
        weight = min(max(host.weight, 1), GREATEST_WEIGHT)
        message = number_field(KEY, host.id) + number_field(VALUE, weight)
        yield bytes_field(HOST_BANDWIDTH, message)
    for host in hosts:
        if told[host.id].allowed:
            codes = (text_field(VALUE, code) for code in sorted(told[host.id].allowed))
            yield bytes_field(HOST_COUNTRY_ALLOWED, number_field(KEY, host.id) + b"".join(codes))
    netblocks = {row for row in contents.netblocks if told[row[1]].by_netblock}
    for netblock, preferring in groupby(sorted(netblocks), itemgetter(0)):
        ids = numbers_field(VALUE, (host_id for _, host_id in preferring))
        yield bytes_field(HOST_NETBLOCK, text_field(KEY, netblock) + ids)


def _file_details(contents: Contents) -> Iterator[bytes]:
    """Yield the files of each Directory with their states, the current one first."""
    paths = {directory.id: directory.path for directory in contents.directories}
    found: dict[str, dict[str, list[bytes]]] = {}
    for directory_id, filename, detail in contents.file_details:
        if directory_id in paths:
            states = found.setdefault(paths[directory_id], {}).setdefault(filename, [])
            states.append(bytes_field(VALUE, _detail(detail)))
    for path, files in sorted(found.items()):
        messages = (
            bytes_field(VALUE, text_field(KEY, filename) + b"".join(states))
            for filename, states in sorted(files.items())
        )
        yield bytes_field(FILE_DETAILS, text_field(KEY, path) + b"".join(messages))


def _detail(detail: FileDetail) -> bytes:
    """Return one state of a file; times and sizes are not negative, empty digests are left out."""
    digests = enumerate((detail.sha1, detail.md5, detail.sha256, detail.sha512), start=3)
    return b"".join(
        [
            number_field(1, max(detail.timestamp, 0)),
            number_field(2, max(detail.size, 0)),
            *(text_field(number, digest) for number, digest in digests if digest),
        ]
    )


class _Urls:
    """The base URLs with numbers of their own, and which of them a Host offers for a Category."""

    def __init__(self, contents: Contents) -> None:
        self.known: list[tuple[int, str]] = []
        self.of: dict[tuple[int, int], list[int]] = {}
        carriers = ((category, host, carrier.urls) for category, host, carrier in contents.carriers)
        for category_id, host_id, urls in sorted(carriers):
            for url in urls:
                self.known.append((len(self.known) + 1, url))
                self.of.setdefault((category_id, host_id), []).append(len(self.known))


def _mirrorlist(contents: Contents, urls: _Urls, told: Mapping[int, Told]) -> Iterator[bytes]:
    """Yield every Directory with its Hosts: public ones by country, private ones by id only."""
    tops = {category.id: category.top_directory for category in contents.categories}
    remembered: dict[tuple[int, int], tuple[bytes, bytes]] = {}
    writers = {id: _HostSetWriter(contents.hosts, id, urls, told) for id in tops}
    for directory in sorted(contents.directories, key=lambda directory: directory.path):
        key = (directory.category_id, directory.host_set_id)
        if key not in remembered:
            if len(remembered) >= HOST_SETS_REMEMBERED:
                remembered.clear()
            mask = contents.host_sets[directory.host_set_id]
            remembered[key] = writers[directory.category_id].write(mask)
        yield _directory(directory, tops[directory.category_id], *remembered[key])


def _directory(directory: Directory, top: str, everywhere: bytes, rest: bytes) -> bytes:
    subpath = text_field(SUBPATH, relative_to(directory.path, top))
    message = text_field(DIRECTORY, directory.path) + everywhere + subpath + rest
    return bytes_field(MIRRORLIST, message)


class _HostSetWriter:
    """Write sets of Hosts of one Category from pieces that are made once for each Host."""

    def __init__(
        self, hosts: Sequence[Host], category_id: int, urls: _Urls, told: Mapping[int, Told]
    ) -> None:
        self._hosts = hosts
        self._told = [told[host.id] for host in hosts]
        self._everywhere = [number_field(GLOBAL, host.id) for host in hosts]
        self._value = [number_field(VALUE, host.id) for host in hosts]
        self._by_id = [
            _by_host_id(host.id, urls.of.get((category_id, host.id), ())) for host in hosts
        ]

    def write(self, mask: HostMask) -> tuple[bytes, bytes]:
        """Return Global, and what follows the Subpath: ByCountry and ByHostId."""
        members = sorted(
            (member for member in members_of(mask) if self._by_id[member]),
            key=lambda member: self._hosts[member].id,
        )
        public = [member for member in members if self._told[member].everywhere]
        by_country: dict[str, list[bytes]] = {}
        for member in public:
            if self._told[member].by_country:
                for country in self._hosts[member].countries:
                    by_country.setdefault(country, []).append(self._value[member])
        countries = [
            bytes_field(BY_COUNTRY, text_field(KEY, country) + b"".join(values))
            for country, values in sorted(by_country.items())
        ]
        everywhere = b"".join([self._everywhere[member] for member in public])
        return everywhere, b"".join([*countries, *(self._by_id[member] for member in members)])


def _by_host_id(host_id: int, url_ids: Sequence[int]) -> bytes:
    """Return a Host with its URLs; nothing for one that has none in this Category."""
    if not url_ids:
        return b""
    return bytes_field(BY_HOST_ID, number_field(KEY, host_id) + numbers_field(VALUE, url_ids))
