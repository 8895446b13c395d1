"""Time every page for people: anonymous, owner and operator, in a large network.

    make bench NAME=pages
    .venv/bin/python tests/with_postgres.py make bench NAME=pages

World (seed 7): 1,000 Hosts of 334 Sites, 8 Categories with 100,000 Directories, 576 Repositories,
3,000 copies, 1,000,000 Events. Each page is asked for once to load it, then several times; printed
are the milliseconds of the first and of the best of the others, those that the processor worked,
queries without transaction control, bytes, and the limits. State lives in a temporary directory,
or in the database of DATABASE_URL, which must be empty. Ends with 1 if a public or self-service
page is beyond a limit.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

GREATEST_MILLISECONDS = 150
GREATEST_QUERIES = 12
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
PUBLIC = (
    "/",
    "/mirrors/",
    "/mirrors/?sort=stability&protocol=rsync&ipv6=1",
    "/mirrors/?page=10",
    "/mirrors/Fedora/",
    "/mirrors/Fedora/41/x86_64/",
    "/mirrors.json?country=DE",
    "/mirrors.json",
    "/mirrors.csv",
    "/mirrors/host/{host}/",
    "/mirrors/for-me/?ip=193.99.144.80",
    "/map/",
    "/status/",
    "/help/use/",
    "/feeds/mirrors.atom",
    "/feeds/repositories.atom",
    "/propagation/",
    "/propagation.json",
    "/propagation/c1-releases-f41/",
    "/statistics/",
    "/crawler/",
    "/feeds/last-sync.json",
)
OWNER = (
    "/",
    "/mirrors/",
    "/my/",
    "/my/sites/{site}/",
    "/my/hosts/{host}/",
    "/my/sites/{site}/people/",
    "/my/account/",
    "/my/notifications/",
)
OPERATOR = (
    "/admin/",
    "/admin/approvals/",
    "/admin/registry/host/",
    "/admin/registry/host/{host}/change/",
    "/admin/registry/site/",
    "/admin/registry/hostcategory/",
    "/admin/registry/directory/",
    "/admin/registry/repository/",
    "/admin/registry/event/",
    "/admin/crawler/crawlrun/",
    "/admin/mirrorlist/snapshot/",
    "/admin/operations/",
)


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
        seconds.append((time.perf_counter() - begin) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    return (
        answer.status_code,
        seconds[0],
        min(seconds[1:]),
        min(worked[1:]),
        counter.queries,
        len(answer.content),
    )


def show(who: str, client: Any, urls: tuple[str, ...], times: int, **ids: int) -> bool:
    """Print a line a page; return whether all are within the limits."""
    kept = True
    for url in urls:
        status, first, best, worked, queries, size = measure(client, url.format(**ids), times)
        fine = best <= GREATEST_MILLISECONDS and queries <= GREATEST_QUERIES
        kept = kept and fine
        mark = "" if fine else "  over"
        mark += "" if status == 200 else f"  {status}"
        print(
            f"{who:9} {url:50} {first:8.0f} {best:8.1f} {worked:9.1f} {queries:7d} {size:9,d}{mark}"
        )
    return kept


def run(*, hosts: int, directories: int, events: int, times: int) -> bool:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.utils import timezone
    from pages_world import make_world

    from mirrorlist.services.snapshots import build_snapshot, snapshot_policy
    from registry.models import Host, Site

    call_command("migrate", verbosity=0)
    owner = make_world(hosts=hosts, directories=directories, events=events, now=timezone.now())
    row = build_snapshot(now=timezone.now(), policy=snapshot_policy())
    print(f"{connection.vendor}, {hosts:,} Hosts, {directories:,} Directories, {events:,} Events")
    print(f"snapshot {row.state}: {row.counts}")
    host, site = Host.objects.earliest("pk"), Site.objects.earliest("pk")
    ids = {"host": host.pk, "site": site.pk}
    mine, operator = Client(), Client()
    mine.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    ada = User.objects.create_superuser("ada", "ada@example.org", "ada's password")
    operator.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    print(
        f"{'':9} {'':50} {'first':>8} {'best ms':>8} {'processor':>9} {'queries':>7} {'bytes':>9}"
    )
    kept = show("anonymous", Client(), PUBLIC, times, **ids)
    kept = show("owner", mine, OWNER, times, **ids) and kept
    show("operator", operator, OPERATOR, times, **ids)
    print(f"{'limit':60} {'':8} {GREATEST_MILLISECONDS:8.1f} {'':9} {GREATEST_QUERIES:7d}")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--directories", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mirrorsite-benchmark-") as state:
        os.environ |= {
            "STATE_DIR": state,
            "SECRET_KEY": "benchmark",
            "ALLOWED_HOSTS": "testserver",
            "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
            "LOG_LEVEL": "ERROR",
        }
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        (Path(state) / "static").mkdir()  # whitenoise warns without it
        django.setup()
        kept = run(
            hosts=arguments.hosts,
            directories=arguments.directories,
            events=arguments.events,
            times=arguments.times,
        )
    print("Within the limits." if kept else "NOT within the limits.")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
