"""Read a MirrorManager database on PostgreSQL: one connection, one unchanging state, no writing.

Rows come through server-side cursors, so that a table of any size takes constant memory.
Deliberately knows nothing of what the rows mean.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from registry.logic.mirrormanager.rows import TABLES, Carried, Row

SCHEMES = ("postgresql://", "postgres://")
CONNECT_TIMEOUT_SECONDS = 10
ROWS_AT_ONCE = 2000
# One row is all that a HostCategory has: a hundred thousand ids are some megabytes.
SETS_AT_ONCE = 10
# The tables that the role may read; others are not in this view.
COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = ANY (current_schemas(false))"
)
UP2DATE = (
    "SELECT host_category_id, "
    "coalesce(array_agg(directory_id) FILTER (WHERE directory_id IS NOT NULL), '{}'), "
    "coalesce(array_agg(path) FILTER (WHERE directory_id IS NULL AND path IS NOT NULL), '{}') "
    "FROM host_category_dir "
    "WHERE up2date AND NOT EXISTS "
    "(SELECT 1 FROM unnest(%s::bigint[]) AS done (id) WHERE done.id = host_category_id) "
    "GROUP BY host_category_id ORDER BY host_category_id"
)


class SourceError(RuntimeError):
    """The database cannot be read; the message says in a sentence why."""


class PostgresSource:
    """The tables of one MirrorManager database, as the import wants them."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    @property
    def name(self) -> str:
        info = self._connection.info
        return f"{info.dbname} on {info.host}" if info.host else info.dbname

    def rows(self, kind: type[Row]) -> Iterator[Row]:
        """Yield all rows of a table, in the order of the first column."""
        query = sql.SQL("SELECT {} FROM {} ORDER BY 1").format(
            sql.SQL(", ").join(map(sql.Identifier, kind._fields)), sql.Identifier(TABLES[kind])
        )
        for row in self._stream(query, (), ROWS_AT_ONCE):
            yield kind(*row)

    def up2date(self, *, leaving_out: Iterable[int]) -> Iterator[Carried]:
        """Yield what each HostCategory has up2date, grouped by the server in one pass."""
        for row in self._stream(sql.SQL(UP2DATE), (list(leaving_out),), SETS_AT_ONCE):
            yield Carried(*row)

    def _stream(
        self, query: sql.SQL | sql.Composed, parameters: tuple[Any, ...], size: int
    ) -> Iterator[tuple[Any, ...]]:
        try:
            with self._connection.cursor("rows") as cursor:
                cursor.itersize = size
                cursor.execute(query, parameters, binary=True)
                yield from cursor
        except psycopg.Error as error:
            raise SourceError(f"Reading the database failed: {in_one_line(error)}") from error


@contextmanager
def open_source(url: str) -> Iterator[PostgresSource]:
    """Open the database at a postgresql:// URL.

    Raises SourceError with a sentence if the URL is not one, nobody answers, or the tables are
    not MirrorManager's. libpq's environment (PGPASSWORD, PGPASSFILE …) holds.
    """
    if not url.startswith(SCHEMES):
        raise SourceError("Give the database as postgresql://USER@HOST/NAME.")
    try:
        connection = psycopg.connect(
            url, connect_timeout=CONNECT_TIMEOUT_SECONDS, application_name="import_mirrormanager"
        )
    except (psycopg.Error, ValueError) as error:
        raise SourceError(f"The database cannot be opened: {in_one_line(error)}") from error
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        check_tables(connection)
        # A hash of all groups would hold every set on the server at once; sorting spills to disk.
        connection.execute("SET LOCAL enable_hashagg = off")
        # We may be busy with our own database for longer than a server lets clients be.
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield PostgresSource(connection)


def check_tables(connection: psycopg.Connection[Any]) -> None:
    """Raise SourceError unless all tables and columns are there that an import reads."""
    found = set(connection.execute(COLUMNS).fetchall())
    tables = {table for table, _ in found}
    absent = sorted(set(TABLES.values()) - tables)
    if absent:
        raise SourceError(
            "This is not a MirrorManager 2 database, or its tables may not be read: there is no "
            f"{', '.join(absent[:3])}{f' and {len(absent) - 3} others' if absent[3:] else ''}."
        )
    lacking = sorted(
        f"{table}.{column}"
        for kind, table in TABLES.items()
        for column in kind._fields
        if (table, column) not in found
    )
    if lacking:
        raise SourceError(
            f"This is not a MirrorManager 2 database that is known: it lacks {', '.join(lacking)}."
        )


def in_one_line(error: Exception) -> str:
    """Return an error's message as one line that ends like a sentence."""
    text = " ".join(str(error).split())
    return text if text.endswith(".") else f"{text}."
