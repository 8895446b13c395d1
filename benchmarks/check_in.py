"""Time a check-in by XML-RPC through the whole Django stack, as a client would see it.

    make bench NAME=check_in
    .venv/bin/python tests/with_postgres.py make bench NAME=check_in

World: one Category of 100,000 Directories, a private Host that reports 90,000 of them, as
report_mirror does: into an empty set, with other directories, and the same again; then one refused
for a wrong password, and the same password again. Prints one table: seconds (the best of the runs;
the password's hash is in them), of those the processor's in this process, queries without
transaction control, and the limits. State lives in a temporary directory, or in the database of
DATABASE_URL, which must be empty. The world is the same every time.
"""

import argparse
import base64
import bz2
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xmlrpc.client import dumps

GREATEST_SECONDS = 1.0
GREATEST_QUERIES = 10
PASSWORD = "benchmark"
TOP = "pub/fedora/linux"
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def path_of(number: int) -> str:
    """Return a path as long and as repetitive as a distribution's."""
    release, package = divmod(number, 1000)
    return (
        f"releases/{release}/Everything/x86_64/os/Packages/{package % 36:02d}/source-{package:04d}"
    )


def make_world(*, directories: int) -> None:
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command
    from django.utils import timezone

    from registry.models import Category, Country, Directory, Host, HostCategory, Site

    call_command("migrate", verbosity=0)
    category = Category.objects.create(name="Fedora Linux", top_directory=TOP)
    now = timezone.now()
    Directory.objects.bulk_create(
        (
            Directory(
                category=category,
                path=f"{TOP}/{path_of(number)}",
                changed_at=now,
                scanned_at=now,
                digest=number.to_bytes(16, "big"),
                listing=bytes(300),
            )
            for number in range(directories)
        ),
        batch_size=5000,
    )
    site = Site.objects.create(name="Example", password=make_password(PASSWORD))
    country = Country.objects.get(code="DE")
    host = Host.objects.create(site=site, name="inside", country=country, private=True)
    HostCategory.objects.create(host=host, category=category)


def call_of(numbers: range, *, password: str = PASSWORD) -> bytes:
    tree: dict[str, dict[str, Any]] = {path_of(number): {} for number in numbers}
    report = {
        "version": 0,
        "global": {"enabled": "1", "server": "https://mirrors.example.org/xmlrpc"},
        "site": {"enabled": "1", "name": "Example", "password": password},
        "host": {"enabled": "1", "name": "inside"},
        "stats": {},
        "fedora linux": {"enabled": "1", "dirtree": {"": {}} | tree},
    }
    packed = base64.urlsafe_b64encode(bz2.compress(json.dumps(report).encode()))
    return dumps((packed.decode(),), "checkin").encode()


class Counter:
    """Counts the statements of a block that are no transaction control."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        self.queries += not sql.startswith(CONTROL)
        return execute(sql, *rest)


def measure(client: Any, body: bytes, expected: str) -> tuple[float, float, int]:
    """Post a call; return its seconds, processor seconds and queries.

    Any other answer than the expected one ends the benchmark.
    """
    from django.db import connection

    counter = Counter()
    begin, worked = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counter):
        answer = client.post("/xmlrpc", body, "text/xml").content.decode()
    seconds, processor = time.perf_counter() - begin, time.process_time() - worked
    if expected not in answer:
        sys.exit(f"Expected “{expected}” in the answer:\n{answer}")
    return seconds, processor, counter.queries


def run(*, directories: int, reported: int, times: int) -> bool:
    from django.db import connection
    from django.test import Client
    from pyroaring import BitMap

    from registry.models import HostCategory

    make_world(directories=directories)
    client = Client()
    measure(client, dumps((), "system.listMethods").encode(), "checkin")  # loads everything
    first, other = range(reported), range(directories - reported, directories)
    gone = directories - reported
    rows: list[tuple[str, float, float, int]] = []

    def row(name: str, bodies: list[bytes], expected: str, *, forget: bool = False) -> None:
        results = []
        for body in bodies:
            if forget:
                HostCategory.objects.update(up2date=BitMap(), up2date_count=0)
            results.append(measure(client, body, expected))
        best = min(results)
        rows.append((name, best[0], best[1], max(result[2] for result in results)))

    here, there = call_of(first), call_of(other)
    wrong = call_of(range(10), password="wrong")
    row(
        f"first report of {reported:,} directories",
        [here] * times,
        f"added: {reported}",
        forget=True,
    )
    row(f"{gone:,} came, {gone:,} went", [there, here] * times, f"added: {gone}  deleted {gone}")
    row("the same again", [here] * times, f"updated: {reported}  added: 0")
    row("wrong password", [wrong], "incorrect")
    row("the same wrong password again", [wrong], "incorrect")

    print(f"{connection.vendor}, {directories:,} directories on the master")
    print(f"{'':44} {'seconds':>9} {'processor':>9} {'queries':>9}")
    for name, seconds, processor, queries in rows:
        print(f"{name:44} {seconds:9.3f} {processor:9.3f} {queries:9d}")
    print(f"{'limit':44} {GREATEST_SECONDS:9.3f} {'':9} {GREATEST_QUERIES:9d}")
    return all(s <= GREATEST_SECONDS and q <= GREATEST_QUERIES for _, s, _, q in rows[:3])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--directories", type=int, default=100_000)
    parser.add_argument("--reported", type=int, default=90_000)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mirrorsite-benchmark-") as state:
        os.environ |= {
            "STATE_DIR": state,
            "SECRET_KEY": "benchmark",
            "ALLOWED_HOSTS": "testserver",
            "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
        }
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        (Path(state) / "static").mkdir()  # whitenoise warns without it
        django.setup()
        kept = run(
            directories=arguments.directories, reported=arguments.reported, times=arguments.times
        )
    print("Within the limits." if kept else "NOT within the limits.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
