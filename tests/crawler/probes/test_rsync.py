"""The rsync probe against real daemons, and against servers that are none."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from crawler.logic.observations import Ask, Fault
from crawler.logic.rsync_endings import Ending, Proof
from crawler.logic.rsync_listing import Listed, Odd, parse_listing
from crawler.probes.rsync import RsyncLimits, RsyncProbe
from tests.crawler.probes.test_addresses import Names
from tests.crawler.rsync_daemons import grow, rsync_daemon
from tests.ports import free_port

pytestmark = pytest.mark.needs("rsync")

LIMITS = RsyncLimits(connect_seconds=2, silent_seconds=1, listing_seconds=10)
FILES = {"os/repodata/repomd.xml": b"<repomd/>", "os/bash.rpm": b"x" * 5000, "é": b"1"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return grow(tmp_path / "tree", FILES)


@pytest.fixture
def daemon(root: Path, tmp_path: Path) -> Iterator[str]:
    with rsync_daemon(root, tmp_path / "state") as url:
        yield url


@pytest.fixture
async def probe() -> AsyncIterator[RsyncProbe]:
    async with RsyncProbe(limits=LIMITS) as opened:
        yield opened


async def list_tree(
    probe: RsyncProbe, url: str, *, allow_private: bool = True
) -> tuple[Ending, list[Listed]]:
    found: list[Listed | Odd] = []
    bound = probe.bind(url, allow_private=allow_private)
    ending = await bound.list_tree(lambda lines: found.extend(parse_listing(lines)))
    return ending, [item for item in found if isinstance(item, Listed)]


async def test_a_whole_tree_is_listed(probe, daemon) -> None:
    ending, found = await list_tree(probe, f"{daemon}/pub/")
    assert (ending.proof, ending.fault) == (Proof.WHOLE, None)
    files = {item.path: (item.size, item.mtime) for item in found if item.kind.name == "FILE"}
    assert files == {name: (len(content), 1000) for name, content in FILES.items()}


async def test_names_with_control_characters_stay_one_line(probe, daemon, root) -> None:
    name = "a\nb\x1b[2J-rw-r--r-- 1 2020-01-01 00:00:00 fake"
    (root / name).write_bytes(b"123")
    _, found = await list_tree(probe, f"{daemon}/pub")
    assert [item.size for item in found if item.path == name] == [3]
    assert "fake" not in {item.path for item in found}


@pytest.mark.parametrize(
    ("module", "fault", "words"),
    [
        ("nothing", Fault.PROTOCOL, "the server refuses (Unknown module 'nothing')"),
        ("nopath", Fault.PROTOCOL, "the server refuses ("),
        ("full", Fault.PROTOCOL, "the server refuses (max connections"),
    ],
)
async def test_a_refusal_is_told_in_the_words_of_the_server(
    probe, daemon, module, fault, words
) -> None:
    ending, found = await list_tree(probe, f"{daemon}/{module}")
    assert (ending.proof, ending.fault, found) == (Proof.NOTHING, fault, [])
    assert ending.detail.startswith(words)


async def test_a_closed_port_is_no_connection(probe) -> None:
    ending, _ = await list_tree(probe, f"rsync://127.0.0.1:{free_port()}/pub")
    assert (ending.proof, ending.fault) == (Proof.NOTHING, Fault.CONNECTION)


async def test_a_server_that_never_speaks_is_left_in_time(probe) -> None:
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ending, _ = await list_tree(probe, f"rsync://127.0.0.1:{silent.getsockname()[1]}/pub")
    assert ending.fault is Fault.TIMEOUT
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (LIMITS._replace(listing_bytes=100), "the listing has more than 100 bytes"),
        (LIMITS._replace(line_bytes=10), "a line of the listing does not end"),
    ],
)
async def test_a_listing_without_end_is_stopped(daemon, limits, words) -> None:
    async with RsyncProbe(limits=limits) as probe:
        ending, _ = await list_tree(probe, f"{daemon}/pub")
    assert (ending.proof, ending.detail) == (Proof.PART, words)


async def test_what_takes_too_long_is_killed_with_all_it_started() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rsync://127.0.0.1:{silent.getsockname()[1]}/pub"
        limits = LIMITS._replace(listing_seconds=0.3, silent_seconds=60)
        async with RsyncProbe(limits=limits) as probe:
            ending, _ = await list_tree(probe, url)
    assert ending == Ending(Proof.PART, Fault.TIMEOUT, "it took more than 0 seconds")
    assert not _clients(url)


async def test_private_addresses_are_refused_before_anything_is_started(probe, daemon) -> None:
    ending, _ = await list_tree(probe, f"{daemon}/pub", allow_private=False)
    assert ending.fault is Fault.ADDRESS_REFUSED


async def test_a_name_is_connected_to_by_its_vetted_address(daemon) -> None:
    """The name exists nowhere but in our resolver: rsync itself looks up nothing."""
    url = daemon.replace("127.0.0.1", "mirror.invalid")
    async with RsyncProbe(limits=LIMITS, resolver=Names("127.0.0.1")) as probe:
        ending, found = await list_tree(probe, f"{url}/pub")
    assert ending.proof is Proof.WHOLE
    assert found


async def test_ipv6_addresses_get_brackets(root, tmp_path, probe) -> None:
    with rsync_daemon(root, tmp_path / "state", address="::1") as url:
        ending, _ = await list_tree(probe, f"{url}/pub")
    assert ending.proof is Proof.WHOLE


async def test_an_option_in_a_url_is_no_option(probe, daemon, tmp_path) -> None:
    ending, _ = await list_tree(probe, f"{daemon}/--rsync-path=touch {tmp_path}/pwned;")
    assert ending.proof is Proof.NOTHING
    assert not (tmp_path / "pwned").exists()


async def test_a_few_files_are_fetched_and_digested(probe, daemon, root) -> None:
    os.symlink("/etc/passwd", root / "link")
    asks = [(name, Ask(name, ("sha256",))) for name in ("os/repodata/repomd.xml", "gone", "é")]
    url = probe.bind(f"{daemon}/pub", allow_private=True)
    repomd, gone, other = await url.fetch(asks, greatest_bytes=100)
    assert (repomd.status, repomd.size, len(repomd.digests[0][1])) == (200, 9, 64)
    assert (gone.status, other.status) == (404, 200)


async def test_a_file_that_is_far_too_large_is_not_fetched(probe, daemon) -> None:
    url = probe.bind(f"{daemon}/pub", allow_private=True)
    [found] = await url.fetch([("os/bash.rpm", Ask("bash.rpm", ("md5",)))], greatest_bytes=100)
    assert found.status == 404


async def test_a_file_that_grows_while_it_is_sent_is_not_written_to_its_end(root, tmp_path) -> None:
    """The list says 1,000 bytes; when its turn comes, the file has more than may be written."""
    grow(root, {"a": os.urandom(300_000), "b": b"x" * 1000})
    state = tmp_path / "slow"

    def enlarge() -> None:
        while b"rsync on pub/" not in _said(state / "log"):
            time.sleep(0.02)
        time.sleep(0.3)
        (root / "b").write_bytes(os.urandom(600_000))

    with rsync_daemon(root, state, options=["--bwlimit=300"]) as daemon:
        async with RsyncProbe(limits=RsyncLimits()) as probe:  # patient: this daemon is slow
            url = probe.bind(f"{daemon}/pub", allow_private=True)
            files = [(name, Ask(name, ("sha256",))) for name in ("a", "b")]
            growing = asyncio.create_task(asyncio.to_thread(enlarge))
            whole, grown = await url.fetch(files, greatest_bytes=300_000)
            await growing
    assert (whole.status, whole.size) == (200, 300_000)
    assert (grown.fault, grown.detail) == (Fault.TOO_LARGE, "it has more than 300,000")


def _said(log: Path) -> bytes:
    return log.read_bytes() if log.exists() else b""


def _clients(url: str) -> list[str]:
    """Return the rsync processes that talk to a URL."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if url.encode() in process.read_bytes():
                found.append(process.parent.name)
    return found
