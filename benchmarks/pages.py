"""Time every page for people: anonymous, owner and operator, in a large network.

    make bench NAME=pages
    .venv/bin/python tests/with_postgres.py make bench NAME=pages

World (seed 7): 1,000 Hosts of 334 Sites, 8 Categories with 100,000 Directories, 576 Repositories,
3,000 copies, 1,000,000 Events, 60 of each kind that wait for an operator. Each page is asked for
once to load it, then several times; printed are the milliseconds of the first and of the best of
the others, those that the processor worked, queries without transaction control, bytes, and the
limits. Where the machine has other work, the processor's milliseconds are the ones to compare:
“over” means those, or too many queries. State lives in a temporary directory, or with --state in
one that is kept and used again, or in the database of DATABASE_URL, which must be empty. Ends with
1 if a page is beyond a limit.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pages_addresses import API, INNER_API, OPERATOR, OWNER, PUBLIC, REVIEWER, admin_addresses

GREATEST_MILLISECONDS = 150
GREATEST_QUERIES = 12
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Counter:
    """Counts the statements of a block that are no transaction control."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        self.queries += not sql.startswith(CONTROL)
        return execute(sql, *rest)


def measure(client: Any, url: str, times: int) -> tuple[int, float, float, float, int, int]:
    """Return status, first and best milliseconds, those of the processor, queries, and bytes."""
    from django.db import connection

    seconds, worked = [], []
    for _ in range(times + 1):
        counter = Counter()
        begin, busy = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(counter):
            answer = client.get(url)
            size = len(answer.getvalue())  # streams are made while they are read
        seconds.append((time.perf_counter() - begin) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    return (
        answer.status_code,
        seconds[0],
        min(seconds[1:]),
        min(worked[1:]),
        counter.queries,
        size,
    )


def show(who: str, client: Any, urls: Iterable[str], times: int, ids: Mapping[str, int]) -> bool:
    """Print a line a page; return whether all are within the limits."""
    kept = True
    for url in urls:
        status, first, best, worked, queries, size = measure(client, url.format(**ids), times)
        fine = min(best, worked) <= GREATEST_MILLISECONDS and queries <= GREATEST_QUERIES
        kept = kept and fine
        mark = "" if fine else "  over"
        mark += "" if status == 200 else f"  {status}"
        print(
            f"{who:9} {url:56} {first:8.0f} {best:8.1f} {worked:9.1f} {queries:7d} {size:9,d}"
            f"{mark}",
            flush=True,
        )
    return kept


def fill(*, hosts: int, directories: int, events: int) -> None:
    """Make the world, and who asks."""
    from django.contrib.auth.models import Group, User
    from django.utils import timezone
    from pages_world import make_world

    from mirrorlist.services.snapshots import build_snapshot, snapshot_policy
    from registry.querysets import REVIEWERS

    make_world(hosts=hosts, directories=directories, events=events, now=timezone.now())
    row = build_snapshot(now=timezone.now(), policy=snapshot_policy())
    print(f"snapshot {row.state}: {row.counts}")
    User.objects.create_superuser("ada", "ada@example.org", "ada's password")
    reviewer = User.objects.create_user("rex", "rex@example.org", "rex's password", is_staff=True)
    reviewer.groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])


def signed_in(name: str) -> Any:
    """Return a client on which somebody is signed in."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    user = User.objects.get(username=name)
    client.force_login(user)
    return client


def first_ids() -> dict[str, int]:
    """Return the ids of the first of each thing that addresses name."""
    from registry.models import Host, HostCategory, HostCategoryUrl, Repository, Site

    host = Host.objects.earliest("pk")
    copy = HostCategory.objects.filter(host=host).earliest("pk")
    return {
        "host": host.pk,
        "site": Site.objects.earliest("pk").pk,
        "copy": copy.pk,
        "url": HostCategoryUrl.objects.filter(host_category=copy).earliest("pk").pk,
        "repository": Repository.objects.earliest("pk").pk,
    }


def run(*, times: int, only: str, **sizes: int) -> bool:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from registry.models import Event, Host

    call_command("migrate", verbosity=0)
    if not Host.objects.exists():
        fill(**sizes)
    print(f"{connection.vendor}, {Host.objects.count():,} Hosts, {Event.objects.count():,} Events")
    print(
        f"{'':9} {'':56} {'first':>8} {'best ms':>8} {'processor':>9} {'queries':>7} {'bytes':>9}"
    )
    operator = User.objects.get(username="ada")
    asking = (
        ("anonymous", Client(), (*PUBLIC, *API)),
        ("owner", signed_in("owner"), OWNER),
        ("operator", signed_in("ada"), (*INNER_API, *OPERATOR, *admin_addresses(operator))),
        ("reviewer", signed_in("rex"), REVIEWER),
    )
    ids = first_ids()
    kept = [
        show(who, client, [url for url in urls if only in url], times, ids)
        for who, client, urls in asking
    ]
    print(f"{'limit':66} {'':8} {GREATEST_MILLISECONDS:8.1f} {'':9} {GREATEST_QUERIES:7d}")
    return all(kept)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--directories", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", default="", help="only addresses with this in them")
    parser.add_argument("--state", help="directory that is kept, with its world")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mirrorsite-benchmark-") as temporary:
        state = arguments.state or temporary
        os.environ |= {
            "STATE_DIR": state,
            "SECRET_KEY": "benchmark",
            "ALLOWED_HOSTS": "testserver",
            "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
            "LOG_LEVEL": "ERROR",
            "API_RATE_ANONYMOUS": "1000000/minute",
            "API_RATE_PERSON": "1000000/minute",
        }
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        (Path(state) / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns without it
        django.setup()
        kept = run(
            hosts=arguments.hosts,
            directories=arguments.directories,
            events=arguments.events,
            times=arguments.times,
            only=arguments.only,
        )
    print("Within the limits." if kept else "NOT within the limits.")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
