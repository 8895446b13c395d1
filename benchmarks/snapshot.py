"""Time the building of snapshots, and the switch to a new one in an edge.

    make bench NAME=snapshot
    make bench NAME=snapshot ARGS=--postgres

World: 700 Hosts that carry half of 8 Categories each (2,800 up2date sets), 100,000 Directories
with ten files each, 600 Repositories with metadata; one Host in ten has next to nothing, two in
ten a part, the others nearly everything. Prints one table: seconds, of those the processor's, and
the peak memory of the process that builds: for the first build, for one after a crawl of one Host
changed what it has, and for one after nothing changed; then the seconds in which an edge switches
to the new file. Each step is a process of its own. `--seed` makes other sets of the same kind.
"""

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

LIMITS = {"full": 5.0, "one crawl": 1.0, "nothing": 1.0, "switch": 0.5}
GREATEST_MB = 300
NAMES = {
    "full": "full build",
    "one crawl": "after one crawl changed",
    "nothing": "after nothing changed",
    "switch": "switch in the edge",
}
FILES = 10


def make_world(*, hosts: int, categories: int, directories: int, seed: int) -> None:
    from django.core.management import call_command

    from registry.models import Category

    call_command("migrate", verbosity=0)
    dice = Random(seed)
    made = [
        Category.objects.create(name=f"Category {n}", top_directory=f"pub/category{n}")
        for n in range(categories)
    ]
    ids = {category.pk: make_directories(category, directories // categories) for category in made}
    make_hosts(hosts, [category.pk for category in made], ids, dice)


def make_directories(category: Any, count: int) -> list[int]:
    """Make a tree in which every hundredth and so Directory belongs to a Repository."""
    from django.utils import timezone

    from registry.logic.listings import Entry, digest_listing, pack_listing
    from registry.models import Arch, Directory, FileDetail, Repository

    now = timezone.now()
    entries = tuple(Entry(f"package-{n}-1.x86_64.rpm", 10_000 + n, n) for n in range(FILES))
    digest, listing = digest_listing(entries), pack_listing(entries)
    top = category.top_directory
    paths = [
        path
        for n in range(-(-count // 100))
        for path in (
            f"{top}/releases/{n}/os",
            f"{top}/releases/{n}/os/repodata",
            *(f"{top}/releases/{n}/os/Packages/{p:03d}" for p in range(98)),
        )
    ][:count]
    Directory.objects.bulk_create(
        (
            Directory(
                category=category, path=path, changed_at=now, scanned_at=now, digest=digest,
                listing=listing, file_count=FILES,
            )
            for path in paths
        ),
        batch_size=5000,
    )  # fmt: skip
    ids = dict(Directory.objects.filter(category=category).values_list("path", "pk"))
    arch = Arch.objects.get(name="x86_64")
    roots = [path for path in paths if path.endswith("/os")][: max(count // 160, 1)]
    Repository.objects.bulk_create(
        Repository(
            directory_id=ids[path], category=category, arch=arch,
            prefix=path.replace("/", "-"),
        )
        for path in roots
    )  # fmt: skip
    FileDetail.objects.bulk_create(
        FileDetail(
            directory_id=ids[f"{path}/repodata"], filename="repomd.xml", timestamp=state,
            size_bytes=3000, sha256="ab" * 32, seen_at=now,
        )
        for path in roots
        if f"{path}/repodata" in ids
        for state in range(3)
    )  # fmt: skip
    return list(ids.values())


def make_hosts(count: int, categories: list[int], ids: dict[int, list[int]], dice: Random) -> None:
    from registry.models import Country, Host, HostCategory, HostCategoryUrl, HostNetblock, Site

    site = Site.objects.create(name="Example")
    countries = list(Country.objects.order_by("code").values_list("code", flat=True))[:85]
    hosts = Host.objects.bulk_create(
        Host(
            site=site, name=f"mirror{n}.example.org", country_id=dice.choice(countries),
            bandwidth_mbps=dice.choice((100, 1000, 10_000)), asn=64_512 + n,
        )
        for n in range(count)
    )  # fmt: skip
    carried = HostCategory.objects.bulk_create(
        (
            HostCategory(
                host=host, category_id=category, up2date=some_of(ids[category], dice),
                up2date_revision=1,
            )
            for host in hosts
            for category in dice.sample(categories, max(len(categories) // 2, 1))
        ),
        batch_size=500,
    )  # fmt: skip
    HostCategoryUrl.objects.bulk_create(
        HostCategoryUrl(
            host_category=row, url=f"{scheme}://mirror{row.host_id}.example.org/{row.category_id}"
        )
        for row in carried
        for scheme in ("https", "rsync")
    )
    HostNetblock.objects.bulk_create(
        HostNetblock(host=host, netblock=f"10.{n // 256}.{n % 256}.0/24")
        for n, host in enumerate(hosts)
    )


def some_of(ids: list[int], dice: Random) -> Any:
    """Return what one Host has: nearly everything, a part, or next to nothing, in runs."""
    from pyroaring import BitMap

    kind = dice.random()
    if kind < 0.1:
        return BitMap(ids[: len(ids) // 50])
    missing = dice.randrange(len(ids) // 2) if kind < 0.3 else dice.randrange(len(ids) // 50 + 1)
    begin = dice.randrange(len(ids))
    return BitMap(ids) - BitMap(ids[begin : begin + missing])


def crawl_one() -> None:
    """Let one Host lose one Directory in a hundred of one Category, as a crawl would note it."""
    from pyroaring import BitMap

    from registry.models import HostCategory

    row = HostCategory.objects.order_by("pk")[HostCategory.objects.count() // 2]
    row.up2date = row.up2date - BitMap(list(row.up2date)[::100])
    row.up2date_revision += 1
    row.save()


def build() -> dict[str, float]:
    from django.utils import timezone

    from mirrorlist.services.snapshots import build_snapshot, snapshot_policy

    begin, worked = time.perf_counter(), time.process_time()
    row = build_snapshot(now=timezone.now(), policy=snapshot_policy())
    seconds, processor = time.perf_counter() - begin, time.process_time() - worked
    if row.state != "published":
        sys.exit(f"The snapshot was not published: {row.reason}")
    return {
        "seconds": seconds,
        "processor": processor,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "size_mb": row.size_bytes / 1e6,
        "host_sets": row.counts["host_sets"],
    }


def switch() -> dict[str, float]:
    """Time how long an edge needs to answer from another file."""
    from mirrorlist.geo import GeoFiles
    from mirrorlist.logic.world import AnswerPolicy
    from mirrorlist.services.snapshots import snapshot_policy
    from mirrorlist.snapshot_writer import publish_file
    from mirrorlist.watch import Watch

    current = snapshot_policy().current
    newest, *others = sorted(current.parent.glob("snapshot-*"), reverse=True)
    publish_file(others[0], current)
    watch = Watch(current, GeoFiles(), AnswerPolicy(), rng=Random(0))
    watch.refresh()
    publish_file(newest, current)
    begin, worked = time.perf_counter(), time.process_time()
    watch.refresh()
    seconds, processor = time.perf_counter() - begin, time.process_time() - worked
    if watch.problem or watch.snapshot is None or watch.snapshot.path.name != newest.name:
        sys.exit(f"The edge did not switch. {watch.problem}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "processor": processor, "peak_mb": peak}


def take_step(step: str, options: argparse.Namespace) -> None:
    """Do one step in this process and print its figures."""
    import django

    django.setup()
    if step == "world":
        make_world(
            hosts=options.hosts,
            categories=options.categories,
            directories=options.directories,
            seed=options.seed,
        )
        return
    if step == "one crawl":
        crawl_one()
    print(json.dumps(switch() if step == "switch" else build()))


def run_step(step: str, environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--step", step],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"The step “{step}” failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout) if done.stdout else {}
    return found


def run(options: argparse.Namespace, environment: dict[str, str]) -> bool:
    run_step("world", environment)
    kept = True
    vendor = "PostgreSQL" if options.postgres else "SQLite"
    print(
        f"{vendor}: {options.hosts} Hosts, {options.categories} Categories, "
        f"{options.directories:,} Directories, seed {options.seed}"
    )
    print(
        f"{'':26} {'seconds':>8} {'limit':>6} {'processor':>9} {'peak MB':>8} {'limit':>6}"
        f" {'file MB':>8}"
    )
    for step, name in NAMES.items():
        found = run_step(step, environment)
        seconds, peak = found["seconds"], found["peak_mb"]
        kept = kept and seconds <= LIMITS[step] and peak <= GREATEST_MB
        size = f"{found['size_mb']:8.1f}" if "size_mb" in found else ""
        print(
            f"{name:26} {seconds:8.2f} {LIMITS[step]:6.1f} {found['processor']:9.2f} {peak:8.0f}"
            f" {GREATEST_MB:6d} {size}"
        )
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=700)
    parser.add_argument("--categories", type=int, default=8)
    parser.add_argument("--directories", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="use a PostgreSQL made for it")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        take_step(options.step, options)
        return 0
    with contextlib.ExitStack() as stack:
        state = stack.enter_context(tempfile.TemporaryDirectory(prefix="mirrorsite-benchmark-"))
        environment = os.environ | {
            "STATE_DIR": state,
            "SECRET_KEY": "benchmark",
            "DATABASE_URL": f"sqlite:///{state}/benchmark.sqlite3",
            "DJANGO_SETTINGS_MODULE": "mirrorsite.settings",
        }
        if options.postgres:
            from tests.with_postgres import postgres, server_directory

            programs = server_directory()
            if programs is None:
                sys.exit("PostgreSQL is not installed.")
            environment |= stack.enter_context(postgres(programs))
        kept = run(options, environment)
    print("Within the limits." if kept else "NOT within the limits.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
