"""Scan a synthetic master tree and compare with the bare walks that it cannot do without.

    make bench NAME=umdl ARGS="--files 500000"

Prints one table: a walk with os.scandir, the same with a stat of every file, then a first scan, a
rescan in which nothing changed, one after 10 directories were touched, and a rescan of a tree that
has been at rest for longer than a day. Ratios are to the walk with stat, measured in the same run;
memory is the peak of a process that does only this scan. State lives in a temporary directory.
"""

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

# So that 500,000 files lie in 59,000 directories.
FILES_PER_PACKAGE = 8.6
REPOMD = """<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>{0}</revision>
<data type="primary"><location href="repodata/primary.xml.gz"/><timestamp>{0}</timestamp></data>
</repomd>
"""


def make_tree(root: Path, *, files: int, seed: int) -> None:
    """Write a tree like a distribution's: repositories of 300 packages in 36 directories."""
    dice = random.Random(seed)
    made = repository_number = 0
    while made < files:
        repository = root / f"releases/{repository_number}/Everything/x86_64/os"
        (repository / "repodata").mkdir(parents=True)
        repomd = REPOMD.format(1_700_000_000 + repository_number)
        (repository / "repodata/repomd.xml").write_text(repomd)
        for package in range(300):
            below = repository / f"Packages/{dice.randrange(36):02d}/source-{package:06d}"
            below.mkdir(parents=True)
            for number in range(1 + round(dice.expovariate(1 / FILES_PER_PACKAGE))):
                name = f"{below}/part-{number}-1.{number}-{package}.fc42.x86_64.rpm"
                os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o644))
                made += 1
        repository_number += 1


def bare_walk(root: str, *, with_stat: bool) -> tuple[int, int]:
    """Walk a tree as fast as Python does; return the numbers of directories and files."""
    waiting, directories, files = [root], 0, 0
    while waiting:
        directories += 1
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    files += 1
                    if with_stat:
                        entry.stat(follow_symlinks=False)
    return directories, files


def best_of(times: int, measured: Callable[[], object]) -> float:
    """Return the shortest of several runs, since everything else is noise of the machine."""
    durations = []
    for _ in range(times):
        begin = time.perf_counter()
        measured()
        durations.append(time.perf_counter() - begin)
    return min(durations)


def run_scan(state: Path, *arguments: str) -> str:
    """Scan in a process of its own; return its one line of output."""
    environment = os.environ | {"STATE_DIR": str(state), "SECRET_KEY": "benchmark"}
    command = [sys.executable, __file__, *arguments]
    result = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return result.stdout.strip()


def scan(root: str, days_later: int) -> None:
    """Scan the tree once and print seconds, peak memory in MB, and the reason."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mirrorsite.settings"
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import django

    django.setup()
    from django.utils import timezone

    from crawler.services.umdl import policy_from_settings, scan_category
    from registry.models import Category

    category = Category.objects.get(source_location=root)
    later = timedelta(days=days_later)
    begin = time.perf_counter()
    result = scan_category(
        category, clock=lambda: timezone.now() + later, policy=policy_from_settings()
    )
    seconds = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds}\t{memory}\t{result.reason}")


def prepare(root: str) -> None:
    """Create the tables and the one Category."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mirrorsite.settings"
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import django

    django.setup()
    from django.core.management import call_command

    from registry.models import Category, Product, RepositoryMapping

    call_command("migrate", verbosity=0)
    Category.objects.create(
        name="Benchmark",
        top_directory="pub/linux",
        source_location=root,
        product=Product.objects.create(name="Linux"),
    )
    RepositoryMapping.objects.create(pattern="^releases/[^/]+/Everything/", prefix="linux")


def measure(files: int, seed: int, directory: Path) -> None:
    root, state = directory / "tree", directory / "state"
    state.mkdir()
    make_tree(root, files=files, seed=seed)
    run_scan(state, "--prepare", str(root))
    found = "{:,} directories, {:,} files".format(*bare_walk(str(root), with_stat=True))
    where = os.environ.get("DATABASE_URL", "SQLite").partition(":")[0]
    print(f"{found}, seed {seed}, {where}; warm cache, best of 3 where nothing is written")
    walk = best_of(3, lambda: bare_walk(str(root), with_stat=False))
    reference = best_of(3, lambda: bare_walk(str(root), with_stat=True))
    rows = [("walk", walk, 0.0, ""), ("walk + stat", reference, 0.0, "")]

    def add(name: str, days_later: int, times: int) -> None:
        lines = [run_scan(state, "--scan", str(root), str(days_later)) for _ in range(times)]
        results = [(float(s), float(m), r) for s, m, r in (line.split("\t") for line in lines)]
        seconds, memory, reason = min(results)
        rows.append((name, seconds, memory, reason))

    add("first scan", 0, 1)
    add("rescan, nothing changed", 0, 3)
    for below in random.Random(seed).sample(sorted(root.glob("releases/*/*/*/*/Packages/*/*")), 10):
        (below / "touched.rpm").touch()
    add("rescan, 10 touched", 0, 1)
    run_scan(state, "--scan", str(root), "2")
    add("rescan, nothing changed, at rest", 4, 3)
    print(f"{'':34}{'seconds':>9}{'ratio':>8}{'MB':>7}")
    for name, seconds, memory, reason in rows:
        print(f"{name:34}{seconds:9.2f}{seconds / reference:8.2f}{memory:7.0f}  {reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--scan", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--prepare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare(options.prepare)
    elif options.scan:
        scan(options.scan[0], int(options.scan[1]))
    else:
        directory = Path(tempfile.mkdtemp(prefix="mirrorsite-umdl-"))
        try:
            measure(options.files, options.seed, directory)
        finally:
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
