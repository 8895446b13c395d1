from datetime import timedelta
from typing import Any

from defusedxml import ElementTree

from crawler.logic.last_sync import (
    LastSync,
    RepositoryChange,
    ScanChange,
    as_atom,
    as_facts,
    merge_changes,
)
from tests.conftest import NOW

ADDRESS = "https://mirrors.example.org/feeds/last-sync.atom"
SCAN = ScanChange(7, "Fedora <Linux>", NOW, {"added": 1, "changed": 1200, "directories": 59000})
ATOM = "{http://www.w3.org/2005/Atom}"


def change(prefix: str = "fedora-42", **over: Any) -> RepositoryChange:
    facts = {"arch": "x86_64", "category": "Linux", "at": NOW, "timestamp": 1, "size_bytes": 9}
    return RepositoryChange(
        **{"prefix": prefix, "sha256": "ab", "path": f"pub/{prefix}", **facts, **over}
    )


def feed(*repositories: RepositoryChange, scans: tuple[ScanChange, ...] = ()) -> LastSync:
    return LastSync(NOW - timedelta(days=1), NOW, scans, repositories)


def test_the_json_says_what_changed_and_what_it_means() -> None:
    facts = as_facts(feed(change(), scans=(SCAN,)))
    assert facts["since"] == "2026-11-19T12:00:00Z"
    assert facts["repositories"][0]["at"] == "2026-11-20T12:00:00Z"
    assert facts["scans"][0]["sentence"] == (
        "Fedora <Linux> changed: 1 added, 1,200 changed, 0 vanished; it has 59,000 directories now."
    )
    assert facts["scans"][0]["vanished"] == 0


def test_the_atom_feed_is_well_formed_and_newest_first() -> None:
    old = change("a&b", at=NOW - timedelta(hours=2))
    root = ElementTree.fromstring(as_atom(feed(old, scans=(SCAN,)), address=ADDRESS, title="A & B"))
    assert root.findtext(f"{ATOM}updated") == "2026-11-20T12:00:00Z"
    assert [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")] == [
        "Fedora <Linux> changed",
        "a&b x86_64 has new metadata",
    ]
    assert root.findtext(f"{ATOM}entry/{ATOM}id") == f"{ADDRESS}#scan-7"


def test_an_empty_feed_is_a_feed() -> None:
    root = ElementTree.fromstring(as_atom(feed(), address=ADDRESS, title="T"))
    assert root.findtext(f"{ATOM}updated") == "2026-11-19T12:00:00Z"


def test_each_repository_is_told_once_with_its_newest_change() -> None:
    older = change(at=NOW - timedelta(hours=1))
    rows = [older, change(), older, change("b"), change("a")]
    assert [row.prefix for row in merge_changes(rows, limit=2)] == ["a", "b"]
    assert merge_changes(rows, limit=9)[-1] == change()


def test_a_repository_without_prefix_is_told_by_its_path() -> None:
    debian = change("", arch="", path="pub/debian/dists/a b")
    root = ElementTree.fromstring(as_atom(feed(debian), address=ADDRESS, title="T"))
    (entry,) = root.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "pub/debian/dists/a b has new metadata"
    assert entry.findtext(f"{ATOM}id") == f"{ADDRESS}#pub/debian/dists/a%20b/2026-11-20T12:00:00Z"
