import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from mirrorlist.geo import GeoFiles
from mirrorlist.services.netblocks import (
    Built,
    NetblocksPolicy,
    State,
    build_netblocks,
    export_netblocks,
)
from mirrorlist.tasks import build_netblocks as task
from registry.download import DownloadPolicy
from tests.crawler.mirrors import Mirror, always, respond
from tests.mirrorlist.mmdb import Number, write_mmdb
from tests.mirrorlist.mrt import rib

ROUTES = {f"192.0.{n}.0/24": 64496 + n for n in range(20)} | {"2001:db8::/32": 64500}


@pytest.fixture
def policy(tmp_path: Path) -> NetblocksPolicy:
    fetching = DownloadPolicy(allow_private=True, answer_seconds=2, total_seconds=5)
    return NetblocksPolicy(path=tmp_path / "geo/netblocks.mmdb", fetching=fetching)


def source(tmp_path: Path, routes: dict[str, int], name: str = "rib") -> str:
    path = tmp_path / name
    path.write_bytes(rib(routes))
    return str(path)


def asn(policy: NetblocksPolicy, address: str) -> int | None:
    return GeoFiles(netblocks=str(policy.path)).asn(address)


def leftovers(policy: NetblocksPolicy) -> list[str]:
    return [name for name in os.listdir(policy.path.parent) if name != policy.path.name]


def test_a_routing_table_becomes_the_file_that_edges_read(
    tmp_path: Path, policy: NetblocksPolicy, now: datetime
) -> None:
    built = build_netblocks([source(tmp_path, ROUTES)], now=now, policy=policy)
    assert (built.state, built.counts, built.asns) == (State.PUBLISHED, (20, 1), 20)
    assert asn(policy, "192.0.2.77") == 64498
    assert asn(policy, "2001:db8::1") == 64500
    assert asn(policy, "203.0.113.1") is None
    assert policy.path.stat().st_mode & 0o777 == 0o644
    assert leftovers(policy) == []


def test_of_several_sources_the_first_counts(
    tmp_path: Path, policy: NetblocksPolicy, now: datetime
) -> None:
    first = source(tmp_path, {"192.0.2.0/24": 1, "2001::/32": 5, "0.0.0.0/0": 6}, "first")
    lines = tmp_path / "lines"
    lines.write_text("192.0.2.0/24 2\n192.0.2.128/25 3\n\nnonsense\n")
    built = build_netblocks([first, str(lines)], now=now, policy=policy)
    assert [asn(policy, f"192.0.2.{n}") for n in (1, 129)] == [1, 3]
    assert (built.left_out, built.rejected.count) == (2, 1)


def test_a_table_that_lost_much_is_refused_until_it_is_forced(
    tmp_path: Path, policy: NetblocksPolicy, now: datetime
) -> None:
    build_netblocks([source(tmp_path, ROUTES)], now=now, policy=policy)
    few = source(tmp_path, {"192.0.2.0/24": 7, "2001:db8::/32": 64500}, "few")
    built = build_netblocks([few], now=now, policy=policy)
    assert built.state is State.REFUSED
    assert "1 IPv4 prefixes and the last table has 20" in built.sentence
    assert asn(policy, "192.0.2.77") == 64498
    built = build_netblocks([few], now=now, policy=policy, force=True)
    assert built.state is State.PUBLISHED
    assert built.sentence.startswith("Replaced although: ")
    assert asn(policy, "192.0.2.77") == 7


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", State.REFUSED),
        (b"<html>not found</html>", State.REFUSED),
        (rib(ROUTES)[:-3], State.FAILED),
    ],
)
def test_a_source_without_use_leaves_everything_as_it_was(
    content: bytes, state: State, tmp_path: Path, policy: NetblocksPolicy, now: datetime
) -> None:
    build_netblocks([source(tmp_path, ROUTES)], now=now, policy=policy)
    (tmp_path / "bad").write_bytes(content)
    bad = str(tmp_path / "bad")
    built = build_netblocks(
        [source(tmp_path, ROUTES), bad][bool(content) :], now=now, policy=policy
    )
    assert (built.state in {State.FAILED, State.REFUSED}) == bool(content)
    assert asn(policy, "192.0.2.77") == 64498
    assert leftovers(policy) == []


def test_a_dry_run_changes_nothing(tmp_path: Path, policy: NetblocksPolicy, now: datetime) -> None:
    built = build_netblocks([source(tmp_path, ROUTES)], now=now, policy=policy, dry_run=True)
    assert (built.state, built.counts.ipv4) == (State.TRIED, 20)
    assert not policy.path.exists()
    assert leftovers(policy) == []


def test_a_file_of_somebody_else_may_be_replaced_by_any(
    tmp_path: Path, policy: NetblocksPolicy, now: datetime
) -> None:
    policy.path.parent.mkdir()
    write_mmdb(policy.path, {"192.0.2.0/24": {"asn": Number(1)}})
    built = build_netblocks([source(tmp_path, {"192.0.2.0/24": 2})], now=now, policy=policy)
    assert built.state is State.PUBLISHED


def test_without_sources_there_is_a_reason(settings, tmp_path: Path) -> None:
    settings.MIRRORLIST_NETBLOCKS_SOURCES = []
    assert task().startswith("skipped: There is nothing to make it from")
    settings.MIRRORLIST_NETBLOCKS_SOURCES = [source(tmp_path, ROUTES)]
    settings.MIRRORLIST_NETBLOCKS_FILE = tmp_path / "made.mmdb"
    assert task() == "published: All guard rails held."
    assert GeoFiles(netblocks=str(tmp_path / "made.mmdb")).asn("192.0.2.1") == 64498


def fetch(mirror: Mirror, policy: NetblocksPolicy, now: datetime, path: str = "rib") -> Built:
    return build_netblocks([f"{mirror.url}/{path}"], now=now, policy=policy)


def test_a_table_is_fetched_from_a_url(policy: NetblocksPolicy, now: datetime) -> None:
    with Mirror({"/pub/rib": rib(ROUTES)}) as mirror:
        assert fetch(mirror, policy, now).state is State.PUBLISHED
    assert asn(policy, "192.0.2.77") == 64498
    assert leftovers(policy) == []


def test_the_newest_table_of_an_archive_is_fetched(policy: NetblocksPolicy, now: datetime) -> None:
    page = b'<a href="rib.20261118.0000.bz2">old</a> <a href="rib.20261119.0000.bz2">new</a>'
    files = {"/pub/2026.11/RIBS/": page, "/pub/2026.11/RIBS/rib.20261119.0000.bz2": rib(ROUTES)}
    with Mirror(files) as mirror:
        assert fetch(mirror, policy, now, "{year}.{month}/RIBS/").state is State.PUBLISHED
        mirror.files["/pub/2026.11/RIBS/"] = b"<p>empty</p>"
        built = fetch(mirror, policy, now, "{year}.{month}/RIBS/")
    assert built.state is State.FAILED
    assert "links no dump of a routing table" in built.sentence


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (respond(404, b""), "answers 404."),
        (respond(200, rib(ROUTES)[:100], length=5000), "cannot be fetched"),
        (respond(302, b"", headers="Location: file:///etc/passwd\r\n"), "is no web address"),
        (respond(302, b"", headers="Location: /pub/rib\r\n"), "redirects more than 5 times"),
        (respond(200, b"", length=10**12), "the limit is"),
    ],
    ids=["missing", "cut", "elsewhere", "endless", "huge"],
)
def test_a_download_that_fails_leaves_everything_as_it_was(
    answer: bytes, sentence: str, tmp_path: Path, policy: NetblocksPolicy, now: datetime
) -> None:
    build_netblocks([source(tmp_path, ROUTES)], now=now, policy=policy)
    with Mirror(answer=always(answer)) as mirror:
        built = fetch(mirror, policy, now)
    assert built.state is State.FAILED
    assert sentence in built.sentence
    assert built.sentence.endswith("The last file stays in use.")
    assert asn(policy, "192.0.2.77") == 64498
    assert leftovers(policy) == []


def test_a_document_longer_than_announced_is_stopped(
    policy: NetblocksPolicy, now: datetime
) -> None:
    small = replace(policy, fetching=policy.fetching._replace(greatest_bytes=100))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"64\r\n" + b"x" * 100 + b"\r\n"
    with Mirror(answer=always(head, piece, piece)) as mirror:
        built = fetch(mirror, small, now)
    assert "has more bytes than allowed; the limit is 100." in built.sentence


def test_what_is_exported_makes_the_same_table(
    settings, tmp_path: Path, policy: NetblocksPolicy, now: datetime
) -> None:
    build_netblocks([source(tmp_path, ROUTES)], now=now, policy=policy)
    settings.MIRRORLIST_NETBLOCKS_FILE = policy.path
    exported = tmp_path / "global_netblocks.txt"
    assert export_netblocks(exported) == 21
    assert "192.0.2.0/24 64498\n" in exported.read_text()
    again = replace(policy, path=tmp_path / "again.mmdb")
    build_netblocks([str(exported)], now=now, policy=again)
    assert again.path.read_bytes() == policy.path.read_bytes()
