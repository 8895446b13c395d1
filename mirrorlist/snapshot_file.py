"""Read a snapshot: one read-only SQLite file that many processes share.

Knows how a file is verified and looked up. Deliberately knows neither Django nor what answers are
made of. `PRAGMA user_version` is the version of the tables; a reader refuses any other.
"""

import hashlib
import os
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from mirrorlist.logic.addresses import Ranges
from mirrorlist.logic.continuing import Basis, CopyRow, Last
from mirrorlist.logic.guard import Holdings
from mirrorlist.logic.host_sets import HostMask, members_of, shared
from mirrorlist.logic.snapshot import (
    Carrier,
    Category,
    Continents,
    Directory,
    Exclusion,
    FileDetail,
    Host,
    HostSet,
    Pieces,
    make_host_set,
    unpack_families,
)
from registry.logic.listings import Entry, find_entry, unpack_listing
from registry.logic.reach import Reach

VERSION = 3
# "MSNP", so that `file` and we can tell a snapshot from any other SQLite database.
APPLICATION_ID = 0x4D534E50
# The seal stands behind the last page, where SQLite does not look.
SEAL = b"\nmirrorsite snapshot, sha256 "
SEAL_BYTES = len(SEAL) + 64 + 1

Row = tuple[Any, ...]


class DamagedSnapshotError(Exception):
    """A file is not a snapshot that this program can answer from; the text says why."""


def open_snapshot(path: Path) -> "SnapshotFile":
    """Open a file after verifying it as a whole.

    Raises DamagedSnapshotError, with a sentence, if it is missing, cut short, changed, of another
    version or no snapshot at all.
    """
    path = path.resolve()
    sha256 = _verify(path)
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    try:
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        if application != APPLICATION_ID:
            raise DamagedSnapshotError(f"{path.name} is a database, but not a snapshot.")
        if version != VERSION:
            raise DamagedSnapshotError(
                f"{path.name} has version {version}, and this program reads version {VERSION}. "
                "Run the same version of Mirrorsite on both sides."
            )
        return SnapshotFile(path, connection, sha256)
    except (sqlite3.Error, DamagedSnapshotError, ValueError, KeyError) as error:
        connection.close()
        if isinstance(error, DamagedSnapshotError):
            raise
        raise DamagedSnapshotError(f"{path.name} cannot be read: {error}.") from error


def read_seal(file: BinaryIO) -> str | None:
    """Return the SHA-256 that an open file's seal states, unverified, or None without a seal."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(end - SEAL_BYTES, 0))
    seal = file.read()
    return seal.removeprefix(SEAL).decode().strip() if seal.startswith(SEAL) else None


def _verify(path: Path) -> str:
    """Compare a file with its seal; return the SHA-256 of what is sealed."""
    try:
        with path.open("rb") as file:
            sealed = file.seek(0, os.SEEK_END) - SEAL_BYTES
            file.seek(max(sealed, 0))
            seal = file.read()
            if sealed < 0 or not seal.startswith(SEAL):
                raise DamagedSnapshotError(
                    f"{path.name} is no snapshot, or it was cut short: it has no seal at its end."
                )
            file.seek(0)
            sha256 = _sha256(file, sealed)
    except OSError as error:
        raise DamagedSnapshotError(f"{path.name} cannot be read: {error.strerror}.") from error
    if seal != SEAL + sha256.encode() + b"\n":
        raise DamagedSnapshotError(f"{path.name} was changed after it was written.")
    return sha256


def _sha256(file: BinaryIO, length: int) -> str:
    digest = hashlib.sha256()
    while block := file.read(min(length, 1 << 20)):
        digest.update(block)
        length -= len(block)
    return digest.hexdigest()


def _mask(packed: bytes) -> HostMask:
    """Return a set of Hosts; the first Host is the lowest bit of the first byte."""
    return int.from_bytes(packed, "little")


def _host(
    id_: int,
    name: str,
    country: str,
    weight: int,
    private: int,
    allowed: str,
    excluded: str,
    served: str,
    reach: str,
    always_listed: int,
    max_file_mb: int,
    asn: int | None,
    latitude: float | None,
    longitude: float | None,
    site: str,
) -> Host:
    return Host(
        id=id_,
        name=name,
        country=country,
        weight=weight,
        private=bool(private),
        countries_allowed=frozenset(allowed.split()),
        countries_excluded=frozenset(excluded.split()),
        countries_served=frozenset(served.split()),
        reach=Reach(reach),
        always_listed=bool(always_listed),
        max_file_mb=max_file_mb,
        asn=asn,
        point=None if latitude is None or longitude is None else (latitude, longitude),
        site=site,
    )


class SnapshotFile:
    """An open snapshot (`mirrorlist.logic.snapshot.Snapshot`); safe to share among threads."""

    def __init__(self, path: Path, connection: sqlite3.Connection, sha256: str) -> None:
        """Read the small tables; the others are looked up row by row."""
        self.path = path
        self.sha256 = sha256
        self._connection = connection
        self.built_at = int(self._one("SELECT value FROM meta WHERE key = 'built_at'")[0])
        self.hosts: Sequence[Host] = [
            _host(*row)
            for row in self._all(
                "SELECT id, name, country, weight, private, countries_allowed, countries_excluded,"
                " countries_served, reach, always_listed, max_file_mb, asn, latitude, longitude,"
                " site FROM host ORDER BY id"
            )
        ]
        self.base_url: str = self._one("SELECT value FROM meta WHERE key = 'base_url'")[0]
        self._position = {host.id: shared(n) for n, host in enumerate(self.hosts)}
        self.continents = self._read_countries()
        self.netblocks: Ranges[int] = Ranges(
            (netblock, self._position[host_id])
            for netblock, host_id in self._all("SELECT netblock, host_id FROM netblock")
        )
        self.netblock_countries: Ranges[str] = Ranges(
            self._all("SELECT netblock, country FROM netblock_country")
        )
        self.asn_hosts: Mapping[int, tuple[int, ...]] = self._read_asns()
        self.exclusives: Mapping[str, frozenset[int]] = self._read_exclusives()
        self.knows_files = bool(self._all("SELECT 1 FROM meta WHERE key = 'listings'"))
        self._carriers: dict[int, Mapping[int, Carrier]] = {}
        self._host_sets: dict[int, HostSet] = {}

    def close(self) -> None:
        """Close the file. Answers that still use it fail."""
        self._connection.close()

    def category(self, category_id: int) -> Category:
        return Category(
            *self._one(
                "SELECT id, name, top_directory, canonical_url FROM category WHERE id = ?",
                category_id,
            )
        )

    def carriers(self, category_id: int) -> Mapping[int, Carrier]:
        if category_id not in self._carriers:
            self._carriers[category_id] = {
                self._position[host_id]: Carrier(
                    tuple(urls.split("\n")), note, unpack_families(families)
                )
                for host_id, urls, note, families in self._all(
                    "SELECT host_id, urls, note, families FROM carrier WHERE category_id = ?",
                    category_id,
                )
            }
        return self._carriers[category_id]

    def exclusions(self, category_id: int) -> Sequence[Exclusion]:
        return [
            Exclusion(*row)
            for row in self._all(
                "SELECT host_id, name, country, reason, sentence FROM exclusion"
                " WHERE category_id = ?",
                category_id,
            )
        ]

    def directory(self, path: str) -> Directory | None:
        row = self._one_or_none(
            "SELECT id, path, category_id, host_set_id FROM directory WHERE path = ?", path
        )
        return Directory(*row) if row else None

    def host_set(self, host_set_id: int) -> HostSet:
        found = self._host_sets.get(host_set_id)
        if found is None:
            (packed,) = self._one("SELECT members FROM host_set WHERE id = ?", host_set_id)
            found = make_host_set(_mask(packed), len(self.hosts))
            self._host_sets[host_set_id] = found
        return found

    def redirect(self, prefix: str) -> str | None:
        row = self._one_or_none("SELECT to_prefix FROM redirect WHERE from_prefix = ?", prefix)
        return row[0] if row else None

    def is_disabled(self, prefix: str) -> bool:
        return self._one_or_none("SELECT 1 FROM disabled WHERE prefix = ?", prefix) is not None

    def repository_path(self, prefix: str, arch: str) -> str | None:
        row = self._one_or_none(
            "SELECT path FROM repository WHERE prefix = ? AND arch = ?", prefix, arch
        )
        return row[0] if row else None

    def repositories(self) -> Sequence[tuple[str, str]]:
        return self._repositories

    def file_details(self, directory_id: int, filename: str) -> Sequence[FileDetail]:
        return [
            FileDetail(*row)
            for row in self._all(
                "SELECT timestamp, size, md5, sha1, sha256, sha512 FROM file_detail"
                " WHERE directory_id = ? AND filename = ? ORDER BY position",
                directory_id,
                filename,
            )
        ]

    def pieces(self, directory_id: int, filename: str) -> Pieces | None:
        row = self._one_or_none(
            "SELECT size, mtime, piece_bytes, digests FROM pieces"
            " WHERE directory_id = ? AND filename = ?",
            directory_id,
            filename,
        )
        return Pieces(*row) if row else None

    def listing(self, directory_id: int) -> Sequence[Entry]:
        row = self._one_or_none("SELECT data FROM listing WHERE directory_id = ?", directory_id)
        return unpack_listing(row[0]) if row else ()

    def entry(self, directory_id: int, filename: str) -> Entry | None:
        row = self._one_or_none("SELECT data FROM listing WHERE directory_id = ?", directory_id)
        return find_entry(row[0], filename) if row else None

    def changed_at(self, directory_id: int) -> int | None:
        row = self._one_or_none(
            "SELECT changed_at FROM listing WHERE directory_id = ?", directory_id
        )
        return row[0] if row else None

    def subdirectories(self, path: str) -> Sequence[str]:
        """Return the names of what lies directly below a path, sorted.

        Paths are sorted in the file, so each name costs two or three look-ups, whatever is below
        it; "0" is what follows "/" in ASCII.
        """
        found: set[str] = set()
        top = f"{path}/" if path else ""
        after, end = top or "\0", f"{path}0" if path else "\U0010ffff"
        while row := self._one_or_none(
            "SELECT path FROM directory WHERE path >= ? AND path < ? ORDER BY path LIMIT 1",
            after,
            end,
        ):
            name, _, below = row[0][len(top) :].partition("/")
            found.add(name)
            after = f"{top}{name}0" if below else f"{row[0]}\0"
        return sorted(found)

    def holdings(self) -> Holdings:
        """Return what the guard compares the next snapshot with."""
        return Holdings(
            hosts=frozenset(self.hosts[member].id for member in self._anywhere()),
            repositories=frozenset(self.repositories()),
            directories=self._one("SELECT count(*) FROM directory")[0],
        )

    def a_directory(self) -> str | None:
        """Return the path of some Directory, to try an answer with."""
        row = self._one_or_none("SELECT path FROM directory LIMIT 1")
        return row[0] if row else None

    def _anywhere(self) -> list[int]:
        """Return the Hosts that have any Directory."""
        union = 0
        for (packed,) in self._connection.execute("SELECT members FROM host_set"):
            union |= _mask(packed)
        return members_of(union)

    @cached_property
    def _repositories(self) -> Sequence[tuple[str, str]]:
        return self._all("SELECT prefix, arch FROM repository")

    def state(self) -> Last:
        """Return what the next snapshot is continued from."""
        sets = self._all(
            "SELECT host_set_id, members, uses FROM host_set JOIN"
            " (SELECT host_set_id, count(*) AS uses FROM directory GROUP BY 1)"
            " ON host_set.id = host_set_id"
        )
        return Last(
            basis=Basis(
                fingerprint=self._one("SELECT value FROM meta WHERE key = 'fingerprint'")[0],
                host_ids=tuple(host.id for host in self.hosts),
                repository_paths=frozenset(
                    path for (path,) in self._all("SELECT path FROM repository")
                ),
                exclusives=frozenset(self._all("SELECT path, host_id FROM exclusive")),
            ),
            copies=frozenset(
                CopyRow(*row)
                for row in self._all(
                    "SELECT category_id, host_id, host_category_id, revision FROM copy"
                )
            ),
            sets={number: (_mask(packed), count) for number, packed, count in sets},
            wasted=self._one("PRAGMA freelist_count")[0] / self._one("PRAGMA page_count")[0],
        )

    def host_set_numbers(self, category_ids: Collection[int]) -> dict[int, int]:
        """Return the number of the set of every Directory of some Categories, by id."""
        marks = ", ".join("?" * len(category_ids))
        return dict(
            self._all(
                f"SELECT id, host_set_id FROM directory WHERE category_id IN ({marks})",  # noqa: S608
                *category_ids,
            )
        )

    def _read_exclusives(self) -> dict[str, frozenset[int]]:
        found: dict[str, set[int]] = {}
        for path, host_id in self._all("SELECT path, host_id FROM exclusive"):
            members = found.setdefault(path, set())
            if host_id in self._position:
                members.add(self._position[host_id])
        return {path: frozenset(members) for path, members in found.items()}

    def _read_countries(self) -> Continents:
        rows = self._all("SELECT code, continent, latitude, longitude FROM country")
        return Continents(
            {code: continent for code, continent, _, _ in rows},
            {code: (north, east) for code, _, north, east in rows if north is not None},
        )

    def _read_asns(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = {}
        for asn, host_id in self._all("SELECT asn, host_id FROM asn ORDER BY asn, host_id"):
            found.setdefault(asn, []).append(self._position[host_id])
        return {asn: tuple(members) for asn, members in found.items()}

    def _all(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def _one_or_none(self, sql: str, *values: object) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def _one(self, sql: str, *values: object) -> Row:
        row = self._one_or_none(sql, *values)
        if row is None:
            raise DamagedSnapshotError(f"{self.path.name} misses a row: {sql}, {values}.")
        return row
