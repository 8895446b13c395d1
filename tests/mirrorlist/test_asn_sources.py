import bz2
import gzip
from pathlib import Path

import pytest

from mirrorlist.asn_sources import ReadLimits, Rejected, SourceError, read_source
from tests.mirrorlist.mmdb import Number, write_mmdb
from tests.mirrorlist.mrt import record, rib

ROUTES = {"192.0.2.0/24": 64496, "198.51.100.0/24": 64497, "2001:db8::/32": 64498}
TABLE = rib(ROUTES)
LINES = "".join(f"{network} {asn}\n" for network, asn in ROUTES.items()).encode()


def read(
    path: Path, *, rejected: Rejected | None = None, limits: ReadLimits | None = None
) -> dict[str, int]:
    found = read_source(
        path,
        rejected=rejected or Rejected(),
        limits=limits or ReadLimits(),
        advance=lambda count: None,
    )
    return {str(prefix): asn for prefix, asn in found}


@pytest.mark.parametrize("content", [TABLE, LINES], ids=["MRT", "lines"])
@pytest.mark.parametrize(
    "pack",
    [
        bytes,
        bz2.compress,
        gzip.compress,
        lambda data: bz2.compress(data[:100]) + bz2.compress(data[100:]),
        lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:]),
    ],
    ids=["plain", "bz2", "gzip", "bz2 in parts", "gzip in parts"],
)
def test_a_file_is_read_however_it_is_packed(content: bytes, pack, tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(pack(content))
    assert read(path) == ROUTES


def test_a_table_larger_than_a_chunk_is_read_whole(tmp_path: Path) -> None:
    routes = {f"10.{n >> 8}.{n & 255}.0/24": 64496 + n % 7 for n in range(9000)}
    path = tmp_path / "rib.bz2"
    path.write_bytes(bz2.compress(rib(routes)))
    assert read(path) == routes


def test_an_mmdb_file_is_read_too(tmp_path: Path) -> None:
    path = write_mmdb(
        tmp_path / "asn.mmdb",
        {
            "192.0.2.0/24": {"autonomous_system_number": Number(64496)},
            "198.51.100.0/24": {"asn": "AS64497"},
            "203.0.113.0/24": {"organization": "unknown"},
        },
    )
    assert read(path) == {"192.0.2.0/24": 64496, "198.51.100.0/24": 64497}


def test_blank_lines_comments_and_garbage_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "global_netblocks.txt"
    path.write_bytes(b"\n# made by hand\n" + LINES + b"garbage\n192.0.2.0/24\n\xff\xfe\n")
    rejected = Rejected()
    assert read(path, rejected=rejected) == ROUTES
    assert rejected.count == 3
    assert rejected.sentences[0] == "Line 6: “garbage” is no network with an ASN."


def test_a_line_without_end_costs_little_and_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    path.write_bytes(b"x" * 1_000_000 + b"\n" + LINES)
    rejected = Rejected()
    assert read(path, rejected=rejected) == ROUTES
    assert rejected.count > 100
    assert max(map(len, rejected.sentences)) < 200
    assert len(rejected.sentences) == 20


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(LINES.rstrip())
    assert read(path) == ROUTES


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (TABLE[:-5], "The routing table is cut short."),
        (TABLE[:-200] + b"\xff" * 200, "is damaged"),
        (bz2.compress(TABLE)[:-5], "is cut short."),
        (gzip.compress(TABLE)[:-5], "is cut short."),
        (bz2.compress(TABLE) + b"and more", "cannot be read"),
        (gzip.compress(TABLE)[:30] + bytes(50), "cannot be read"),
        (record(1, b"", kind=12), "only TABLE_DUMP_V2 is read"),
    ],
    ids=["cut", "damaged", "cut bz2", "cut gzip", "trailing", "damaged gzip", "old"],
)
def test_what_is_not_whole_is_refused(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "rib"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=sentence):
        read(path)


@pytest.mark.parametrize("pack", [bz2.compress, gzip.compress])
def test_a_bomb_is_refused_before_it_goes_off(pack, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(pack(bytes(100_000_000)))
    assert path.stat().st_size < 200_000
    with pytest.raises(SourceError, match="more than 250 times its size"):
        read(path)


def test_nothing_larger_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rib"
    path.write_bytes(TABLE)
    with pytest.raises(SourceError, match="more than 10 bytes"):
        read(path, limits=ReadLimits(greatest_bytes=10))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nothing cannot be read"):
        read(tmp_path / "nothing")
