"""Scan a synthetic master tree and compare with the bare walks that it cannot do without.

    make bench NAME=umdl ARGS="--files 500000"

Prints one table: a walk with os.scandir, the same with a stat of every file, then a first scan, a
rescan in which nothing changed, one after 10 directories were touched, and one of a tree that has
been at rest for longer than a day. Then the same tree as a remote master: what rsync alone takes
to list it from a daemon on this machine, a scan of that listing, and a scan of a file list; each
after one that settled the difference in times. Ratios are to the walk with stat or to the bare
listing, measured in the same run; memory is the peak of a process that does only this scan. The
seconds in brackets are those of the processor. State lives in a temporary directory; `--tree`
names a tree that was made before, or where to keep it.
"""

import argparse
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

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
    environment = os.environ | {
        "STATE_DIR": str(state),
        "SECRET_KEY": "benchmark",
        "PROBE_ALLOW_PRIVATE": "1",
    }
    command = [sys.executable, __file__, *arguments]
    result = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return result.stdout.strip()


def scan(kind: str, location: str, days_later: int) -> None:
    """Scan the tree once and print seconds, peak memory in MB, and the reason."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mirrorsite.settings"
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import django

    django.setup()
    from django.utils import timezone

    from crawler.services.umdl import policy_from_settings, scan_category
    from registry.models import Category

    category = Category.objects.get()
    category.source_kind, category.source_location = kind, location
    category.save()
    later = timedelta(days=days_later)
    begin, busy = time.perf_counter(), time.process_time()
    result = scan_category(
        category, clock=lambda: timezone.now() + later, policy=policy_from_settings()
    )
    seconds = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds}\t{time.process_time() - busy}\t{memory}\t{result.reason}")


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


@contextmanager
def rsync_daemon(root: Path, state: Path) -> Iterator[str]:
    """Serve the tree from a daemon on this machine; yield its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = state / "rsyncd.conf"
    configuration.write_text(
        f"use chroot = no\nport = {port}\naddress = 127.0.0.1\npid file = {state}/pid\n"
        f"log file = {state}/log\nuid = {os.geteuid()}\ngid = *\n[tree]\npath = {root}\n"
    )
    daemon = subprocess.Popen(["rsync", "--daemon", "--no-detach", f"--config={configuration}"])
    try:
        while not (state / "pid").exists():
            time.sleep(0.05)
        time.sleep(0.2)
        yield f"rsync://127.0.0.1:{port}/tree"
    finally:
        daemon.terminate()
        daemon.wait()


def list_only(url: str) -> None:
    """List the tree with rsync and throw the listing away."""
    command = ["rsync", "-rl", "--list-only", "--no-human-readable", "--no-motd", f"{url}/"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def write_file_list(root: Path, path: Path) -> None:
    """Write the fullfiletimelist of a tree as its server would."""
    with path.open("w") as file:
        file.write("[Version]\n2\n\n[Files]\n")
        for directory, _, names in os.walk(root, topdown=False):
            for kind, name in [*(("f", name) for name in names), ("d", "")]:
                full = os.path.join(directory, name) if name else directory
                status = os.lstat(full)
                newest = int(max(status.st_mtime, status.st_ctime))
                relative = os.path.relpath(full, root)
                file.write(f"{newest}\t{kind}\t{status.st_size}\t{relative}\n")
        file.write("\n[End]\n")


class Result(NamedTuple):
    """What one scan took, in seconds and in MB."""

    seconds: float
    busy: float
    memory: float
    reason: str


class Table:
    """The rows of the result; scans are run in processes of their own."""

    def __init__(self, state: Path) -> None:
        self._state = state
        print(f"{'':36}{'seconds':>9}{'(CPU)':>9}{'ratio':>8}{'MB':>6}")

    def bare(self, name: str, seconds: float) -> float:
        """Print what something takes that no scan can do without."""
        print(f"{name:36}{seconds:9.2f}{'':9}{1:8.2f}")
        return seconds

    def run(self, place: tuple[str, str], days_later: int = 0) -> Result:
        """Scan once."""
        line = run_scan(self._state, "--scan", *place, str(days_later))
        seconds, busy, memory, reason = line.split("\t")
        return Result(float(seconds), float(busy), float(memory), reason)

    def scan(self, name: str, place: tuple[str, str], reference: float, **over: int) -> None:
        """Print the best of several scans and its ratio to the reference."""
        times, days_later = over.get("times", 1), over.get("days_later", 0)
        self.show(name, [self.run(place, days_later) for _ in range(times)], reference)

    def show(self, name: str, results: list[Result], reference: float) -> None:
        """Print the best result and its ratio to the reference."""
        best = min(results)
        busy, ratio = f"({best.busy:.2f})", best.seconds / reference
        print(
            f"{name:36}{best.seconds:9.2f} {busy:>8}{ratio:8.2f}{best.memory:6.0f}  {best.reason}"
        )


def measure(files: int, seed: int, directory: Path, tree: Path | None) -> None:
    root, state = tree or directory / "tree", directory / "state"
    state.mkdir()
    if not root.exists():
        make_tree(root, files=files, seed=seed)
    run_scan(state, "--prepare", str(root))
    found = "{:,} directories, {:,} files".format(*bare_walk(str(root), with_stat=True))
    where = os.environ.get("DATABASE_URL", "SQLite").partition(":")[0]
    load = os.getloadavg()[0]
    print(f"{found}, seed {seed}, {where}; warm cache, best of 3 where nothing is written")
    print(f"{os.cpu_count()} processors, load {load:.1f} before the first figure")
    table, local = Table(state), ("local", str(root))
    table.bare("walk", best_of(3, lambda: bare_walk(str(root), with_stat=False)))
    reference = best_of(3, lambda: bare_walk(str(root), with_stat=True))
    table.bare("walk + stat", reference)
    table.scan("first scan", local, reference)
    table.scan("rescan, nothing changed", local, reference, times=3)
    touched = random.Random(seed).sample(sorted(root.glob("releases/*/*/*/*/Packages/*/*")), 10)
    for below in touched:
        (below / "touched.rpm").touch()
    table.scan("rescan, 10 touched", local, reference)
    table.scan("rescan, everything settles", local, reference, days_later=2)
    table.scan("rescan, nothing changed, at rest", local, reference, days_later=4, times=3)
    measure_remote(table, root, state)
    for below in touched:
        (below / "touched.rpm").unlink()


def measure_remote(table: Table, root: Path, state: Path) -> None:
    """Measure the same tree as a master that is not on this machine."""
    with rsync_daemon(root, state) as url:
        list_only(url)
        first = table.run(("rsync", url))
        # By turns, since the load of a machine changes in the seconds that each of them takes.
        turns = [(best_of(1, lambda: list_only(url)), table.run(("rsync", url))) for _ in range(5)]
        reference = min(bare for bare, _ in turns)
        table.bare("rsync --list-only", reference)
        table.show("rsync, other times than local", [first], reference)
        table.show("rsync, nothing changed", [result for _, result in turns], reference)
    path = state / "fullfiletimelist-benchmark"
    write_file_list(root, path)
    table.scan("file list, first", ("file_list", str(path)), reference)
    table.scan("file list, nothing changed", ("file_list", str(path)), reference, times=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--scan", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--prepare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare(options.prepare)
    elif options.scan:
        scan(options.scan[0], options.scan[1], int(options.scan[2]))
    else:
        directory = Path(tempfile.mkdtemp(prefix="mirrorsite-umdl-"))
        try:
            measure(options.files, options.seed, directory, options.tree)
        finally:
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
