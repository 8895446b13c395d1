"""What changed on the master and when, as feeds tell it: Atom for readers, JSON for programs.

Knows the two formats. Deliberately knows no tables and no addresses but those it is given.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from registry.logic.places import printable
from registry.logic.wording import counted

ATOM = "http://www.w3.org/2005/Atom"


class ScanChange(NamedTuple):
    """A master scan that found changes."""

    id: int
    category: str
    at: datetime
    counts: Mapping[str, int]

    @property
    def sentence(self) -> str:
        told = ", ".join(
            f"{self.counts.get(name, 0):,} {name}" for name in ("added", "changed", "vanished")
        )
        total = counted(self.counts.get("directories", 0), "directory", "directories")
        return f"{self.category} changed: {told}; it has {total} now."


class RepositoryChange(NamedTuple):
    """A Repository whose metadata is new: since when, and the time that it gives itself.

    Those of some formats are known by their path and need no prefix.
    """

    prefix: str
    arch: str
    category: str
    at: datetime
    timestamp: int
    size_bytes: int
    sha256: str
    path: str

    @property
    def name(self) -> str:
        """Return what clients call it."""
        return f"{self.prefix} {self.arch}" if self.prefix and self.arch else printable(self.path)


class LastSync(NamedTuple):
    """Everything that changed since a moment, the newest first."""

    since: datetime
    measured_at: datetime
    scans: tuple[ScanChange, ...]
    repositories: tuple[RepositoryChange, ...]


def as_facts(found: LastSync) -> dict[str, Any]:
    """Return the feed as JSON has it."""
    return {
        "since": stamp(found.since),
        "measured_at": stamp(found.measured_at),
        "meaning": "Scans of the master that found changes, and Repositories whose metadata "
        "changed. A mirror that has what is here is current.",
        "scans": [
            {
                "category": scan.category,
                "at": stamp(scan.at),
                **{name: scan.counts.get(name, 0) for name in ("added", "changed", "vanished")},
                "sentence": scan.sentence,
            }
            for scan in found.scans
        ],
        "repositories": [{**row._asdict(), "at": stamp(row.at)} for row in found.repositories],
    }


def as_atom(found: LastSync, *, address: str, title: str) -> str:
    """Return the feed as an Atom document (RFC 4287); `address` is that of the feed itself.

    An entry keeps its id for ever, so that readers show it once.
    """
    entries = [_scan_entry(scan, address) for scan in found.scans]
    entries.extend(_repository_entry(row, address) for row in found.repositories)
    entries.sort(key=lambda entry: entry[0], reverse=True)
    updated = entries[0][0] if entries else found.since
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<feed xmlns={quoteattr(ATOM)}>",
        f"<title>{_text(title)}</title>",
        f"<id>{_text(address)}</id>",
        f'<link rel="self" href={quoteattr(address)}/>',
        f"<author><name>{_text(title)}</name></author>",
        f"<updated>{stamp(updated)}</updated>",
        *(text for _, text in entries),
        "</feed>",
        "",
    ]
    return "\n".join(lines)


def stamp(moment: datetime) -> str:
    """Return a moment as feeds have it, in whole seconds of UTC."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _scan_entry(scan: ScanChange, address: str) -> tuple[datetime, str]:
    return _entry(scan.at, f"{address}#scan-{scan.id}", f"{scan.category} changed", scan.sentence)


def _repository_entry(row: RepositoryChange, address: str) -> tuple[datetime, str]:
    which = f"{row.prefix}/{row.arch}" if row.prefix and row.arch else quote(row.path)
    return _entry(
        row.at,
        f"{address}#{which}/{stamp(row.at)}".replace(" ", "%20"),
        f"{row.name} has new metadata",
        f"{row.name} of {row.category}: {counted(row.size_bytes, 'byte')}, sha256 {row.sha256}.",
    )


def _entry(at: datetime, id: str, title: str, summary: str) -> tuple[datetime, str]:
    text = (
        f"<entry><id>{_text(id)}</id><title>{_text(title)}</title>"
        f"<updated>{stamp(at)}</updated><summary>{_text(summary)}</summary></entry>"
    )
    return at, text


def _text(text: str) -> str:
    return escape(printable(text))


def merge_changes(rows: Iterable[RepositoryChange], *, limit: int) -> tuple[RepositoryChange, ...]:
    """Return the newest change of each Repository, the newest first, at most `limit`."""
    newest: dict[str, RepositoryChange] = {}
    for row in rows:
        if row.path not in newest or newest[row.path].at < row.at:
            newest[row.path] = row
    ordered = sorted(newest.values(), key=lambda row: (row.prefix, row.arch, row.path))
    return tuple(sorted(ordered, key=lambda row: row.at, reverse=True)[:limit])
