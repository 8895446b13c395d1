"""A network in memory whose files are known, and ways to ask for them by address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mirrorlist.logic.answers import Answer
from mirrorlist.logic.file_request import FileRequest
from mirrorlist.logic.files import FilePolicy
from mirrorlist.logic.query import Client
from mirrorlist.logic.redirect import redirect_answer
from mirrorlist.logic.snapshot import FileDetail
from mirrorlist.logic.world import World
from registry.logic.listings import Entry
from tests.mirrorlist.memory import (
    DE,
    NOW,
    OS,
    TOP,
    MemorySnapshot,
    a_host,
    a_world,
    network,
)

HIDDEN = f"{TOP}/embargoed"
ISO = f"{OS}/big file+1%#?é.iso"
ISO_ADDRESS = quote(f"/{ISO}").encode()
MTIME = 1_730_000_000  # Sun, 27 Oct 2024 03:33:20 GMT
SHA256 = "ab" * 32
SHA512 = "cd" * 64
DETAIL = FileDetail(MTIME, 700_000_000, "0" * 32, "1" * 40, SHA256, SHA512)
LISTINGS = {
    OS: [
        Entry("big file+1%#?é.iso", 700_000_000, MTIME),
        Entry("big file+1%#?é.iso.asc", 500, MTIME),
        Entry('<b>&".txt', 5_000, -1),
        Entry("real.iso", 4_096, MTIME),
        Entry("real.iso.sha256", 80, MTIME),
        Entry("tiny", 4_095, MTIME),
    ],
    f"{OS}/repodata": [Entry("repomd.xml", 3069, MTIME)],
    HIDDEN: [Entry("secret.iso", 1, 1)],
}
HOSTS = [a_host(1, "DE"), a_host(2, "DE"), a_host(3, "FR"), a_host(4, "US")]


def file_network(hosts=HOSTS, **over) -> MemorySnapshot:
    """Return a network with the files above; nobody may know of the embargoed Directory."""
    values: dict[str, Any] = {
        "directories": {OS: 0, f"{OS}/repodata": 0, TOP: 0, HIDDEN: 0, f"{TOP}/empty": 0},
        "listings": LISTINGS,
        "hidden": frozenset({HIDDEN}),
        "files": {(OS, "big file+1%#?é.iso"): [DETAIL]},
    }
    return network(hosts, **(values | over))


def a_file_world(snapshot: MemorySnapshot | None = None, *, seed: int = 0, **policy) -> World:
    proxies = policy.pop("trusted_proxy_count", 0)
    return a_world(
        snapshot or file_network(),
        seed=seed,
        trusted_proxy_count=proxies,
        files=FilePolicy(**policy),
    )


def get(world: World, path: str | bytes, query: str = "", *, ip: str = DE, **headers) -> Answer:
    """Ask for a path: text is encoded first, bytes are sent as they are."""
    sent = path if isinstance(path, bytes) else quote(path).encode()
    return redirect_answer(FileRequest(sent, query.encode(), Client(ip), **headers), world, now=NOW)


def fields(got: Answer) -> Mapping[str, str]:
    """Return the headers by name; of equal ones the values are joined."""
    found: dict[str, str] = {}
    for name, value in got.all_headers():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def location(got: Answer) -> str:
    return fields(got)["Location"]


def host_of(got: Answer) -> str:
    return location(got).split("/")[2].split(".")[0]
