"""The synthetic network that the edge is timed with: the same for the same sizes and seed.

Hosts are in 85 countries, 45 % name clients of autonomous systems, 8 % are private; every Host
offers two Categories under three URLs each. What wrk asks is in `edge.lua`.
"""

import random
from dataclasses import dataclass
from pathlib import Path

import iptocc

from mirrorlist.logic.contents import Contents, CountryRow, ListingRow, RepositoryRow
from mirrorlist.logic.snapshot import Carrier, Category, Directory, FileDetail, Host
from mirrorlist.snapshot_writer import write_snapshot
from registry.logic.listings import Entry, pack_listing
from registry.reference import countries

TOPS = ("pub/fedora/linux", "pub/fedora-secondary")
CLIENT_PREFIXES = 4_000
BUILT_AT = 1_795_000_000
ARCHES = ("x86_64", "aarch64", "ppc64le", "s390x", "source")
COUNTRIES = {
    "EU": "DE FR GB NL SE CH AT BE BG BY CZ DK EE ES FI GR HR HU IE IS IT LT LU LV MD NO PL PT RO"
    " RS SI SK UA RU",
    "NA": "US CA MX CR PA PR GT JM",
    "AS": "CN JP TW KR IN SG HK ID IR IL TR TH VN MY PH KZ PK BD LK AE SA GE AM UZ MN",
    "SA": "BR AR CL CO EC PE UY VE",
    "OC": "AU NZ NC FJ",
    "AF": "ZA KE MA TZ EG NG",
}
CONTINENT_OF = {code: name for name, codes in COUNTRIES.items() for code in codes.split()}
DIGESTS = ("a" * 32, "b" * 40, "c" * 64, "d" * 128)


@dataclass(frozen=True)
class Size:
    """How large the world is; `least` and `most` Hosts have each Repository."""

    hosts: int = 800
    keys: int = 600
    directories: int = 7_000
    netblocks: int = 3_000
    least: int = 100
    most: int = 400


def write_world(path: Path, size: Size, *, seed: int) -> None:
    """Write a snapshot of a world of this size."""
    # What is drawn for keys must not depend on how many Directories there are beside.
    rng = random.Random(seed)
    hosts = [_host(number, rng) for number in range(size.hosts)]
    masks = [_mask(size, rng) for _ in range(size.keys)]
    paths = [repository_path(number) for number in range(size.keys)]
    directories = [
        Directory(2 * number + part, path, number % len(TOPS), number)
        for number, top in enumerate(paths)
        for part, path in enumerate((top, f"{top}/repodata"))
    ]
    directories += [
        Directory(number, f"{TOPS[0]}/more/{number % 97}/{number:06}", 0, number % size.keys)
        for number in range(len(directories), size.directories)
    ]
    detail = FileDetail(BUILT_AT - 60, 3069, *DIGESTS)
    listing = pack_listing([Entry("repomd.xml", 3069, BUILT_AT - 60)])
    contents = Contents(
        built_at=BUILT_AT,
        hosts=hosts,
        categories=[Category(number, top, top) for number, top in enumerate(TOPS)],
        carriers=[
            (number, host.id, Carrier(_urls(host, top, rng), ""))
            for number, top in enumerate(TOPS)
            for host in hosts
        ],
        exclusions=[],
        host_sets=dict(enumerate(masks)),
        directories=directories,
        repositories=[
            RepositoryRow(*key(number), repository_path(number)) for number in range(size.keys)
        ],
        disabled=[],
        redirects=[],
        countries=[
            CountryRow(row.code, row.continent, row.latitude, row.longitude) for row in countries()
        ],
        netblocks=[(_netblock(n), rng.choice(hosts).id) for n in range(size.netblocks)],
        netblock_countries=[],
        asns=[(64_512 + n % 900, host.id) for n, host in enumerate(hosts) if rng.random() < 0.45],
        file_details=[(2 * number + 1, "repomd.xml", detail) for number in range(size.keys)],
        listings=[ListingRow(directory.id, BUILT_AT - 60, listing) for directory in directories],
    )
    write_snapshot(path, contents)


def write_clients(path: Path, *, seed: int) -> None:
    """Write the beginnings of addresses whose country is known, one a line."""
    rng = random.Random(seed)
    found: list[str] = []
    while len(found) < CLIENT_PREFIXES:
        four = f"{rng.randrange(1, 224)}.{rng.randrange(256)}."
        six = f"2{rng.choice('468a')}0{rng.randrange(16):x}:{rng.randrange(0x8000):x}:"
        for beginning, rest in ((four, "1.1"), (six, "1::1")):
            if iptocc.country_code(beginning + rest):
                found.append(beginning)
    path.write_text("\n".join(found) + "\n")


def key(number: int) -> tuple[str, str]:
    """Return prefix and Arch of a Repository."""
    return f"updates-released-f{number // len(ARCHES)}", ARCHES[number % len(ARCHES)]


def repository_path(number: int) -> str:
    """Return where a Repository is."""
    prefix, arch = key(number)
    return f"{TOPS[number % len(TOPS)]}/updates/{prefix.rpartition('-f')[2]}/Everything/{arch}/os"


def _host(number: int, rng: random.Random) -> Host:
    continent = rng.choices(list(COUNTRIES), (26, 19, 27, 12, 8, 8))[0]
    codes = COUNTRIES[continent].split()
    country = rng.choices(codes, [1 / (rank + 1) for rank in range(len(codes))])[0]
    return Host(
        id=number + 1,
        name=f"mirror{number}.{country.lower()}.example.org",
        country=country,
        weight=rng.choice((100, 1_000, 1_000, 10_000, 20_000)),
        private=rng.random() < 0.08,
        countries_allowed=frozenset(),
    )


def _urls(host: Host, top: str, rng: random.Random) -> tuple[str, ...]:
    protocols = ("https", "http", "rsync") if rng.random() < 0.98 else ("https", "http")
    return tuple(f"{protocol}://{host.name}/{top}" for protocol in protocols)


def _mask(size: Size, rng: random.Random) -> int:
    """Return the Hosts of one Repository."""
    members = rng.sample(range(size.hosts), min(rng.randint(size.least, size.most), size.hosts))
    return sum(1 << member for member in members)


def _netblock(number: int) -> str:
    if number % 4:
        return f"{100 + number // 250}.{number % 250}.{number % 16 * 16}.0/20"
    return f"2a0f:{number:x}::/32"
