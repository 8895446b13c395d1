"""Write a snapshot file, seal it with a checksum, and put it in the place of the last one.

Knows the tables and how a file becomes durable. Deliberately decides nothing about what belongs
into a snapshot, nor whether it may be published.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from mirrorlist.logic.contents import Contents
from mirrorlist.logic.host_sets import HostMask
from mirrorlist.logic.snapshot import Host, pack_families
from mirrorlist.snapshot_file import APPLICATION_ID, SEAL, SEAL_BYTES, VERSION, Row

# Rows that are looked up one by one are clustered by what they are looked up by.
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT, country TEXT, weight INTEGER,
                   private INTEGER, countries_allowed TEXT, countries_excluded TEXT,
                   countries_served TEXT, reach TEXT, always_listed INTEGER, max_file_mb INTEGER,
                   asn INTEGER, latitude REAL, longitude REAL, site TEXT);
CREATE TABLE category (id INTEGER PRIMARY KEY, name TEXT, top_directory TEXT,
                       canonical_url TEXT);
CREATE TABLE carrier (category_id INTEGER, host_id INTEGER, urls TEXT, note TEXT, families TEXT,
                      PRIMARY KEY (category_id, host_id)) WITHOUT ROWID;
CREATE TABLE exclusion (category_id INTEGER, host_id INTEGER, name TEXT, country TEXT,
                        reason TEXT, sentence TEXT,
                        PRIMARY KEY (category_id, host_id)) WITHOUT ROWID;
CREATE TABLE host_set (id INTEGER PRIMARY KEY, members BLOB);
CREATE TABLE directory (path TEXT PRIMARY KEY, id INTEGER, category_id INTEGER,
                        host_set_id INTEGER) WITHOUT ROWID;
CREATE TABLE repository (prefix TEXT, arch TEXT, path TEXT,
                         PRIMARY KEY (prefix, arch)) WITHOUT ROWID;
CREATE TABLE disabled (prefix TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE redirect (from_prefix TEXT PRIMARY KEY, to_prefix TEXT) WITHOUT ROWID;
CREATE TABLE country (code TEXT PRIMARY KEY, continent TEXT, latitude REAL, longitude REAL)
                      WITHOUT ROWID;
CREATE TABLE netblock (netblock TEXT, host_id INTEGER);
CREATE TABLE netblock_country (netblock TEXT, country TEXT);
CREATE TABLE exclusive (path TEXT, host_id INTEGER, PRIMARY KEY (path, host_id)) WITHOUT ROWID;
CREATE TABLE copy (category_id INTEGER, host_id INTEGER, host_category_id INTEGER,
                   revision INTEGER, PRIMARY KEY (category_id, host_id)) WITHOUT ROWID;
CREATE TABLE asn (asn INTEGER, host_id INTEGER);
CREATE TABLE file_detail (directory_id INTEGER, filename TEXT, position INTEGER,
                          timestamp INTEGER, size INTEGER,
                          md5 TEXT, sha1 TEXT, sha256 TEXT, sha512 TEXT,
                          PRIMARY KEY (directory_id, filename, position)) WITHOUT ROWID;
CREATE TABLE pieces (id INTEGER PRIMARY KEY, directory_id INTEGER, filename TEXT, size INTEGER,
                     mtime INTEGER, piece_bytes INTEGER, digests BLOB,
                     UNIQUE (directory_id, filename));
CREATE TABLE listing (directory_id INTEGER PRIMARY KEY, changed_at INTEGER, data BLOB);
"""


# The tables that are too large to be compared as a whole when a snapshot is continued.
DIRECTORY = "directory"
LISTING = "listing"
PIECES = "pieces"


class SnapshotWriteError(Exception):
    """A snapshot could not be written; the text says why."""


def write_snapshot(path: Path, contents: Contents, *, last: Path | None = None) -> str:
    """Write a new file, seal it and make it durable; return the SHA-256 of what is sealed.

    Contents that continue the `last` snapshot are written over a copy of it. The new file must not
    exist. It is not yet what anybody answers from: see `publish_file`. Raises SnapshotWriteError
    with a sentence when the disk is full, the directory is missing and so on.
    """
    try:
        if contents.continues and last is not None:
            _continue(path, last, contents)
        else:
            _write(path, contents)
        return _seal(path)
    except (OSError, sqlite3.Error) as error:
        raise SnapshotWriteError(f"{path} could not be written: {error}.") from error


def publish_file(path: Path, current: Path) -> None:
    """Let `current`, a symbolic link, name another file of its directory, in one step."""
    beside = current.with_name(f".{current.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(path.name)
    os.replace(beside, current)
    _sync_directory(current.parent)


def replace_file(path: Path, current: Path) -> None:
    """Give a durable file the name of another, in one step."""
    os.replace(path, current)
    _sync_directory(current.parent)


def _write(path: Path, contents: Contents) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # Nobody reads the file before it is complete, so a crash may leave it in any state.
        connection.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=4096;"
            f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={VERSION};{_TABLES}"
        )
        connection.execute("BEGIN")
        for table, rows in _rows(contents):
            _insert(connection, table, rows)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _continue(path: Path, last: Path, contents: Contents) -> None:
    """Write what differs from the last snapshot."""
    if path.exists():
        raise FileExistsError(f"{path} exists")
    shutil.copyfile(last, path)
    os.truncate(path, path.stat().st_size - SEAL_BYTES)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # As above: nobody reads the file before it is complete.
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        for table, rows in _rows(contents):
            if table == DIRECTORY:
                connection.executemany(
                    "UPDATE directory SET host_set_id = ? WHERE path = ?",
                    ((host_set_id, path) for path, _, _, host_set_id in rows),
                )
            elif table == PIECES:
                _replace_large_rows(connection, table, rows)
            elif table != LISTING:  # what it follows from is the same, or nothing is continued
                _replace_rows(connection, table, rows)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _replace_rows(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Make a table hold these rows, touching only those that differ."""
    # The names are those of our own tables and columns, never anybody's input.
    there = set(connection.execute(f"SELECT * FROM {table}"))  # noqa: S608
    wanted = {tuple(row) for row in rows}
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    same = " AND ".join(f"{column} IS ?" for column in columns)
    connection.executemany(f"DELETE FROM {table} WHERE {same}", there - wanted)  # noqa: S608
    _insert(connection, table, wanted - there)


def _replace_large_rows(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Make a table hold these rows, one at a time; the first column is the id.

    A row whose Directory and name another id had before takes its place.
    """
    # The name is one of our own tables, never anybody's input.
    there = {id_ for (id_,) in connection.execute(f"SELECT id FROM {table}")}  # noqa: S608
    wanted: set[int] = set()
    for row in rows:
        wanted.add(row[0])
        known = connection.execute(f"SELECT * FROM {table} WHERE id = ?", row[:1])  # noqa: S608
        if known.fetchone() != tuple(row):
            marks = ", ".join("?" * len(row))
            connection.execute(f"REPLACE INTO {table} VALUES ({marks})", row)  # noqa: S608
    gone = ((id_,) for id_ in there - wanted)
    connection.executemany(f"DELETE FROM {table} WHERE id = ?", gone)  # noqa: S608


def _rows(contents: Contents) -> Iterator[tuple[str, Iterable[Row]]]:
    """Yield every table with its rows, in the order of their columns."""
    yield (
        "meta",
        [
            ("built_at", str(contents.built_at)),
            ("fingerprint", contents.basis.fingerprint),
            ("base_url", contents.base_url),
            *([("listings", "1")] if contents.listings is not None else ()),
        ],
    )
    yield "host", (_host_row(host) for host in contents.hosts)
    yield "category", contents.categories
    yield (
        "carrier",
        (
            (category_id, host_id, "\n".join(carrier.urls), carrier.note, families)
            for category_id, host_id, carrier, families in (
                (*row, pack_families(row[2].families)) for row in contents.carriers
            )
        ),
    )
    yield "exclusion", ((category_id, *row) for category_id, row in contents.exclusions)
    yield "host_set", ((number, _bytes(mask)) for number, mask in contents.host_sets.items())
    yield DIRECTORY, ((d.path, d.id, d.category_id, d.host_set_id) for d in contents.directories)
    yield "repository", contents.repositories
    yield "disabled", ((prefix,) for prefix in contents.disabled)
    yield "redirect", contents.redirects
    yield "country", contents.countries
    yield "netblock", contents.netblocks
    yield "netblock_country", contents.netblock_countries
    yield "asn", contents.asns
    yield "exclusive", sorted(contents.basis.exclusives)
    yield "copy", contents.copies
    yield "file_detail", _file_details(contents)
    if contents.listings is not None:
        yield LISTING, contents.listings
    yield PIECES, contents.pieces


def _host_row(host: Host) -> Row:
    return (
        host.id,
        host.name,
        host.country,
        host.weight,
        host.private,
        " ".join(sorted(host.countries_allowed)),
        " ".join(sorted(host.countries_excluded)),
        " ".join(sorted(host.countries_served)),
        host.reach.value,
        host.always_listed,
        host.max_file_mb,
        host.asn,
        *(host.point or (None, None)),
        host.site,
    )


def _bytes(mask: HostMask) -> bytes:
    return mask.to_bytes((mask.bit_length() + 7) // 8, "little")


def _file_details(contents: Contents) -> Iterator[Row]:
    """Number the states of each file; they come in order."""
    last, position = None, 0
    for directory_id, filename, detail in contents.file_details:
        position = position + 1 if last == (directory_id, filename) else 0
        last = (directory_id, filename)
        yield (directory_id, filename, position, *detail)


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    columns = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    marks = ", ".join("?" * columns)
    # The name is one of our own tables, never anybody's input.
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def _seal(path: Path) -> str:
    with path.open("rb+") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0, os.SEEK_END)
        file.write(SEAL + sha256.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return sha256


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
