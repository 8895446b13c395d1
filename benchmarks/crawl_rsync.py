"""Compare a whole tree by rsync with a local daemon, against rsync alone to /dev/null.

    make bench NAME=crawl_rsync ARGS="--files 500000"

Prints the median seconds of rsync alone, of the comparison while the listing arrives, and of a
whole visit with judging and storing; and the ratios.
"""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import time
from pathlib import Path
from statistics import median

from crawl_world import STATE, Listings, build_category, build_hosts, megabytes, now

from crawler.logic.tree_comparison import ComparisonPolicy, Row, TreeComparison
from crawler.probes.rsync import ENVIRONMENT, RsyncLimits, RsyncProbe
from crawler.services.crawls import crawl_hosts
from crawler.services.policies import crawl_policy
from registry.logic.listings import Entry

PER_DIRECTORY = 8
CONFIG = """
port = {port}
address = 127.0.0.1
use chroot = no
reverse lookup = no
uid = {uid}
gid = {gid}
pid file = {root}/pid
[pub]
    path = {root}/tree
    read only = yes
"""


def build_tree(root: Path, files: int) -> dict[str, tuple[Entry, ...]]:
    """Write empty files with times of their own, eight to a directory."""
    rng, listings = random.Random(1), {}
    for number in range(files // PER_DIRECTORY):
        path = f"releases/{number % 40}/Everything/x86_64/os/Packages/{number}"
        folder = root / "tree" / path
        folder.mkdir(parents=True)
        entries = []
        for each in range(PER_DIRECTORY):
            name, mtime = (
                f"package-{each}-1.0-{number}.x86_64.rpm",
                1_700_000_000 + rng.randrange(10**7),
            )
            os.close(os.open(folder / name, os.O_CREAT | os.O_WRONLY))
            os.utime(folder / name, (mtime, mtime))
            entries.append(Entry(name, 0, mtime))
        listings[path] = tuple(entries)
    return listings


def build_world(url: str, listings: Listings) -> tuple[int, list[Row]]:
    rows = [
        Row(row.pk, row.path.removeprefix("pub/"), bytes(row.listing), bytes(row.digest))
        for row in build_category(listings)
    ]
    [host_id] = build_hosts([url])
    return host_id, rows


def alone(url: str) -> float:
    command = ["rsync", "--no-motd", "--list-only", "-r", "--no-human-readable", f"{url}/"]
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT, check=True)
    return time.perf_counter() - began


def compared(url: str, rows: list[Row]) -> float:
    async def run() -> None:
        comparison = TreeComparison(rows, url=url, policy=ComparisonPolicy())
        async with RsyncProbe(limits=RsyncLimits()) as probe:
            await probe.bind(url, allow_private=True).list_tree(comparison.read)
        verdicts = comparison.finish(whole=True).verdicts
        assert len(verdicts) == len(rows)
        assert all(verdict.good for verdict in verdicts.values())

    began = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - began


def visited(host_id: int, directories: int) -> float:
    began = time.perf_counter()
    [run] = crawl_hosts([host_id], clock=now, rng=random.Random(1), policy=crawl_policy())
    assert run.counts["up2date"] == directories, run.reason
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=18730)
    options = parser.parse_args()
    root = STATE
    listings = build_tree(root, options.files)
    config = CONFIG.format(port=options.port, root=root, uid=os.getuid(), gid=os.getgid())
    (root / "rsyncd.conf").write_text(config)
    url = f"rsync://127.0.0.1:{options.port}/pub"
    daemon = subprocess.Popen(["rsync", "--daemon", "--no-detach", f"--config={root}/rsyncd.conf"])
    try:
        time.sleep(1)
        report(url, *build_world(url, listings), rounds=options.rounds)
    finally:
        daemon.terminate()
        daemon.wait()
        shutil.rmtree(STATE)


def report(url: str, host_id: int, rows: list[Row], *, rounds: int) -> None:
    alone(url)  # warms the cache of the file system
    seconds: dict[str, list[float]] = {"rsync alone": [], "compared": [], "visited, stored": []}
    for _ in range(rounds):
        seconds["rsync alone"].append(alone(url))
        seconds["compared"].append(compared(url, rows))
        seconds["visited, stored"].append(visited(host_id, len(rows)))
    print(f"{len(rows) * PER_DIRECTORY:,} files in {len(rows):,} directories, {rounds} rounds")
    base = median(seconds["rsync alone"])
    for name, each in seconds.items():
        print(f"{name:18}{median(each):>8.2f} s   ratio {base / median(each):.2f}")
    print(f"{megabytes():.0f} MB with the tree that the benchmark keeps itself")


if __name__ == "__main__":
    main()
