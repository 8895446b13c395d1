"""MirrorManager databases on a PostgreSQL of their own, whatever the suite itself runs on."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.with_postgres import postgres, server_directory

DATA = Path(__file__).parent.parent / "data"
NUMBERS = count(1)


@dataclass(frozen=True)
class Database:
    """One database: its URL, and a way to change it."""

    url: str

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The directory of the server's socket; `network` and `bare` are there to be copied."""
    programs = server_directory()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and continuous integration skips nothing")
        pytest.skip("PostgreSQL is not installed")
    with postgres(programs) as environment:
        host = environment["PGHOST"]
        maintenance = Database(url_of(host, "postgres"))
        for name, files in {"network": ("schema", "rows"), "bare": ("schema",)}.items():
            maintenance.run(f"CREATE DATABASE {name}")
            for part in files:
                Database(url_of(host, name)).run((DATA / f"mirrormanager_{part}.sql").read_text())
        yield host


def url_of(host: str, name: str) -> str:
    return f"postgresql://mirrorsite@/{name}?host={host}"


def copy_of(server: str, template: str) -> Database:
    """Make a database of its own for one test."""
    name = f"copy{next(NUMBERS)}"
    Database(url_of(server, "postgres")).run(f"CREATE DATABASE {name} TEMPLATE {template}")
    return Database(url_of(server, name))
