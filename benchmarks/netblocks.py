"""Time the table of networks and autonomous systems: building it, and asking it.

    make bench NAME=netblocks
    make bench NAME=netblocks ARGS="--prefixes 100000 --peers 5"

World: prefixes as in the routing table (lengths from a real one, 85 percent IPv4), each announced
by one of 75,000 autonomous systems through `--peers` peers, as MRT packed with bz2. The floor of
building is reading the packed bytes; the floor of asking is an empty Python call. All from a seed,
in one run, on one core.
"""

import argparse
import bz2
import os
import random
import resource
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

ASNS = 75_000
# Length and share of the prefixes of each family, roughly as the Internet has them.
LENGTHS = {
    32: ((24, 62), (23, 10), (22, 11), (21, 5), (20, 5), (19, 3), (18, 1), (17, 1), (16, 2)),
    128: ((48, 50), (32, 12), (44, 10), (40, 9), (36, 6), (46, 5), (33, 4), (42, 4)),
}


def routes(count: int, rng: random.Random) -> Iterator[tuple[int, int, int, int]]:
    """Yield address, length, bits and origin, by address as a dump has them."""
    for bits, share in ((32, 0.85), (128, 0.15)):
        lengths, weights = zip(*LENGTHS[bits], strict=True)
        found: set[tuple[int, int]] = set()
        while len(found) < count * share:
            length = rng.choices(lengths, weights)[0]
            first = rng.randrange(1, 223) << 24 if bits == 32 else rng.randrange(0x24, 0x2D) << 120
            spread = 24 if bits == 32 else 48
            number = first | rng.getrandbits(spread) << (bits - 8 - spread)
            found.add((number >> (bits - length) << (bits - length), length))
        for address, length in sorted(found):
            yield address, length, bits, rng.randrange(1000, 1000 + ASNS)


def write_rib(path: Path, count: int, *, peers: int, rng: random.Random) -> int:
    """Write a packed table; return how many bytes it has unpacked."""
    size = 0
    with bz2.open(path, "wb", compresslevel=1) as file:
        for address, length, bits, origin in routes(count, rng):
            size += file.write(_record(address, length, bits, origin, peers, rng))
    return size


def _record(
    address: int, length: int, bits: int, origin: int, peers: int, rng: random.Random
) -> bytes:
    octets = (length + 7) // 8
    body = struct.pack(">IB", 0, length) + address.to_bytes(bits // 8, "big")[:octets]
    body += struct.pack(">H", peers)
    for peer in range(peers):
        path = [1000 + peer, *(rng.randrange(1000, 5000) for _ in range(3)), origin]
        attributes = b"\x40\x01\x01\x00\x50\x02" + struct.pack(
            f">HBB{len(path)}I", 2 + 4 * len(path), 2, len(path), *path
        )
        attributes += b"\x40\x03\x04\x0a\x00\x00\x01"
        body += struct.pack(">HIH", peer, 0, len(attributes)) + attributes
    return struct.pack(">IHHI", 0, 13, 2 if bits == 32 else 4, len(body)) + body


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def unpack(path: Path) -> None:
    with bz2.open(path) as file:
        while file.read(1 << 18):
            pass


def microseconds(ask: Callable[[str], object], addresses: list[str]) -> float:
    """Return the best of five, for one address."""

    def all_of_them() -> None:
        for address in addresses:
            ask(address)

    return min(seconds(all_of_them) for _ in range(5)) / len(addresses) * 1e6


def run(directory: Path, *, prefixes: int, peers: int, lookups: int, seed: int) -> None:
    from django.utils import timezone

    from mirrorlist.geo import GeoFiles
    from mirrorlist.services.netblocks import NetblocksPolicy, build_netblocks

    rng = random.Random(seed)
    rib, target = directory / "rib.bz2", directory / "netblocks.mmdb"
    size = write_rib(rib, prefixes, peers=peers, rng=rng)
    print(f"{prefixes:,} prefixes, {peers} peers, {size / 1e6:.0f} MB unpacked, seed {seed}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    floor = seconds(lambda: unpack(rib))
    policy = NetblocksPolicy(path=target)
    begin = time.perf_counter()
    built = build_netblocks([str(rib)], now=timezone.now(), policy=policy)
    took = time.perf_counter() - begin
    if not built.good:
        sys.exit(f"It was not built: {built.sentence}")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{'':34} {'seconds':>9} {'ratio':>7}")
    print(f"{'unpacking only (floor)':34} {floor:9.2f} {1:7.1f}")
    print(f"{'building':34} {took:9.2f} {took / floor:7.1f}")
    print(f"{built.size_bytes / 1e6:.1f} MB file, {grown / 1024:.0f} MB more memory at most\n")

    ipv4 = [str(IPv4Address(rng.randrange(1 << 24, 223 << 24))) for _ in range(lookups)]
    ipv6 = [
        str(IPv6Address(rng.randrange(0x24, 0x2D) << 120 | rng.getrandbits(120)))
        for _ in range(lookups)
    ]
    ours = GeoFiles(asn=str(target), country=str(target))
    default = GeoFiles()
    asked = {
        "empty call (floor)": lambda address: None,
        "ASN, file of ours": ours.asn,
        "country, mmdb file": ours.country,
        "country, data in the package": default.country,
        "looking for changes": lambda address: ours.refresh(),
    }
    print(f"{'one address':34} {'µs IPv4':>9} {'ratio':>7} {'µs IPv6':>9} {'ratio':>7}")
    floors = [microseconds(asked["empty call (floor)"], each) for each in (ipv4, ipv6)]
    for name, ask in asked.items():
        four, six = microseconds(ask, ipv4), microseconds(ask, ipv6)
        print(f"{name:34} {four:9.2f} {four / floors[0]:7.1f} {six:9.2f} {six / floors[1]:7.1f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--prefixes", type=int, default=700_000)
    parser.add_argument("--peers", type=int, default=10)
    parser.add_argument("--lookups", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mirrorsite-benchmark-") as state:
        os.environ |= {
            "STATE_DIR": state,
            "SECRET_KEY": "benchmark",
            "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
        }
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        django.setup()
        run(
            Path(state),
            prefixes=arguments.prefixes,
            peers=arguments.peers,
            lookups=arguments.lookups,
            seed=arguments.seed,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
