"""Whatever table is written, MaxMind's own reader finds in it what the table says."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import maxminddb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirrorlist.logic.asn_table import AsnTable, Prefix
from mirrorlist.logic.mmdb import encode_database, grow_tree

ASNS = st.integers(1, 6).map(lambda small: small if small < 6 else 4_200_000_000)
# Few different bits, so that prefixes are often inside one another.
IPV4 = st.builds(
    lambda first, second, third, length: Prefix(
        (first << 24 | second << 16 | third) >> (32 - length) << (32 - length), length, 32
    ),
    st.integers(1, 3),
    st.sampled_from([0, 1, 128, 255]),
    st.integers(0, 0xFFFF),
    st.integers(8, 32),
)
IPV6 = st.builds(
    lambda first, rest, length: Prefix(
        (first << 112 | rest) >> (128 - length) << (128 - length), length, 128
    ),
    st.sampled_from([0x2A00, 0x2A01, 0xFD00]),
    st.integers(0, 2**112 - 1),
    st.integers(16, 128),
)


@given(rows=st.lists(st.tuples(st.one_of(IPV4, IPV6), ASNS), max_size=60))
@settings(
    max_examples=300,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_is_written_is_read_back(rows: list[tuple[Prefix, int]], tmp_path: Path) -> None:
    table = AsnTable()
    for prefix, asn in rows:
        table.add(prefix, asn)
    path = write(table, tmp_path / "table.mmdb")
    with maxminddb.open_database(str(path), maxminddb.MODE_MMAP_EXT) as reader:
        for prefix, _ in rows:
            last = prefix.address | ((1 << (prefix.bits - prefix.length)) - 1)
            for number in {prefix.address, last, max(prefix.address - 1, 1), prefix.address ^ 1}:
                wanted = table.find(number, prefix.bits)
                kind = IPv4Address if prefix.bits == 32 else IPv6Address
                assert reader.get(kind(number)) == (wanted and {"asn": wanted}), kind(number)


def write(table: AsnTable, path: Path) -> Path:
    numbers: dict[int, int] = {}
    rows = [
        (prefix.address, prefix.length + 128 - bits, numbers.setdefault(asn, len(numbers) + 1))
        for bits in (32, 128)
        for prefix, asn in table.rows(bits)
    ]
    tree = grow_tree(rows)
    path.write_bytes(
        b"".join(encode_database(tree, list(numbers), built_at=1_795_000_000, description="Test"))
    )
    return path


@pytest.mark.parametrize("rows", [[], [("10.0.0.0/8", 64496)]])
def test_the_metadata_is_complete(rows: list[tuple[str, int]], tmp_path: Path) -> None:
    table = AsnTable()
    for _, asn in rows:
        table.add(Prefix(10 << 24, 8, 32), asn)
    with maxminddb.open_database(str(write(table, tmp_path / "table.mmdb"))) as reader:
        metadata = reader.metadata()
    assert (metadata.ip_version, metadata.database_type) == (6, "Mirrorsite-ASN")
    assert metadata.build_epoch == 1_795_000_000
    assert metadata.description == {"en": "Test"}
