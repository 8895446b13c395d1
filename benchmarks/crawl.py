"""Crawl a fleet of loopback mirrors; compare with a bare aiohttp loop making the same requests.

    make bench NAME=crawl ARGS="--hosts 300 --directories 2000"

The mirrors are nginx on one core, listening on one loopback address for each Host; the crawl, with
judging and storing, runs on the other. Prints one table: requests a second of both, their ratio,
and the memory of the crawl beyond that of the interpreter. Then all Directories go and come back,
which stores the most that there can be, and it prints what each crawl took to store.
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import aiohttp
import uvloop
from crawl_world import STATE, Listings, build_category, build_hosts, megabytes, now
from django.db import connection
from yarl import URL

from crawler.models import CrawlRun
from crawler.services import flights, results
from crawler.services.crawls import crawl_hosts
from crawler.services.outcomes import Visit
from crawler.services.policies import CrawlPolicy, crawl_policy
from registry.logic.listings import Entry
from registry.models import FileDetail

Server = subprocess.Popen[bytes]
STORED: Counter[str] = Counter()
BODY = b"x" * 100
REPOMD = b"<repomd>" + b"y" * 2990
NGINX = """
daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 8192; }}
http {{ access_log off; keepalive_requests 1000000; open_file_cache max=20000;
  client_body_temp_path {root}/t; proxy_temp_path {root}/t; fastcgi_temp_path {root}/t;
  uwsgi_temp_path {root}/t; scgi_temp_path {root}/t;
  server {{ listen {port} backlog=4096; root {root}/tree; }} }}
"""


def build_tree(root: Path, count: int) -> dict[str, tuple[Entry, ...]]:
    """Write a master tree; every tenth Directory is repodata, the others hold five packages."""
    listings = {}
    for number in range(count):
        repodata = number % 10 == 0
        path = f"r{number}/repodata" if repodata else f"d{number}"
        names = ["repomd.xml"] if repodata else [f"p{each}-1.0.rpm" for each in range(5)]
        folder = root / "tree" / "pub" / path
        folder.mkdir(parents=True)
        entries: list[Entry] = []
        for name in names:
            body = REPOMD if repodata else BODY
            (folder / name).write_bytes(body)
            entries.append(Entry(name, len(body), 1_700_000_000 + len(entries)))
        listings[path] = tuple(entries)
    return listings


def build_world(hosts: int, port: int, listings: Listings) -> list[int]:
    FileDetail.objects.bulk_create(
        FileDetail(
            directory=row,
            filename="repomd.xml",
            timestamp=1,
            size_bytes=len(REPOMD),
            sha256=sha256(REPOMD).hexdigest(),
            seen_at=now(),
        )
        for row in build_category(listings)
        if row.path.endswith("/repodata")
    )
    return build_hosts([f"{base(number, port)}/pub" for number in range(hosts)])


def base(number: int, port: int) -> str:
    return f"http://127.1.{number // 250}.{number % 250 + 1}:{port}"


async def bare_loop(urls: list[list[str]], connections: int, at_once: int) -> int:
    """HEAD every URL, with as many connections as the crawl has; judge and store nothing."""
    done = 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def walk(mine: list[str]) -> None:
            nonlocal done
            for url in mine:
                async with session.head(URL(url, encoded=True), allow_redirects=False) as answer:
                    assert answer.status == 200
                done += 1

        async def host(mine: list[str]) -> None:
            parts = [mine[each::connections] for each in range(connections)]
            await asyncio.gather(*(walk(part) for part in parts))

        queue = iter(urls)

        async def worker() -> None:
            for mine in queue:
                await host(mine)

        await asyncio.gather(*(worker() for _ in range(at_once)))
    return done


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=60)
    parser.add_argument("--directories", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=18080)
    options = parser.parse_args()
    root = STATE
    os.chmod(root, 0o755)
    listings = build_tree(root, options.directories)
    ids = build_world(options.hosts, options.port, listings)
    (root / "nginx.conf").write_text(NGINX.format(root=root, port=options.port))
    cores = sorted(os.sched_getaffinity(0))
    server = subprocess.Popen(
        ["taskset", "-c", str(cores[-1]), "nginx", "-p", root, "-c", f"{root}/nginx.conf"]
    )
    os.sched_setaffinity(0, {cores[0]})
    try:
        time.sleep(1)
        report(options, ids, listings)
        report_storing(options, ids, server)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(STATE)


def crawl(options: argparse.Namespace, ids: list[int]) -> list[CrawlRun]:
    """Visit all Hosts; note what it took to store what was found."""
    with patch.object(flights, "store_visits", counted_store):
        return crawl_hosts(ids, clock=now, rng=random.Random(options.seed), policy=crawl_policy())


def counted_store(visits: Sequence[Visit], *, policy: CrawlPolicy) -> None:
    """Store visits, and count statements but for those that begin and end transactions."""

    def count(execute: Callable[..., object], sql: str, *rest: object) -> object:
        STORED["queries"] += "SAVEPOINT" not in sql
        return execute(sql, *rest)

    STORED["hosts"] += len(visits)
    with connection.execute_wrapper(count):
        results.store_visits(visits, policy=policy)


def report_storing(options: argparse.Namespace, ids: list[int], server: Server) -> None:
    """Let everything go and come back; print what each crawl took to store."""
    pub, gone = STATE / "tree" / "pub", STATE / "tree" / "gone"
    print(f"{'queries to store':24}{'hosts':>10}{'queries':>10}{'per host':>10}{'at most 5':>14}")
    for name, source, target in (
        ("all are there", pub, pub),  # the first crawl
        ("all are gone", pub, gone),
        ("all are there again", gone, pub),
    ):
        if source is not target:
            STORED.clear()
            source.rename(target)
            server.send_signal(signal.SIGHUP)  # it remembers open files
            time.sleep(1)
            crawl(options, ids)
        hosts, queries = STORED["hosts"], STORED["queries"]
        print(f"{name:24}{hosts:>10,}{queries:>10,}{queries / hosts:>10.2f}")


def report(options: argparse.Namespace, ids: list[int], listings: Listings) -> None:
    policy = crawl_policy()
    before = megabytes()
    began, cpu = time.perf_counter(), time.process_time()
    runs = crawl(options, ids)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    requests = sum(run.counts["requests"] for run in runs)
    assert {run.counts["up2date"] for run in runs} == {options.directories}, runs[0].reason
    memory = megabytes() - before
    files = [f"/pub/{path}/{e.name}" for path, entries in listings.items() for e in entries[:3]]
    urls = [[base(n, options.port) + file for file in files] for n in range(options.hosts)]
    began, bare_cpu = time.perf_counter(), time.process_time()
    done = asyncio.Runner(loop_factory=uvloop.new_event_loop).run(
        bare_loop(urls, policy.connections_per_host, policy.hosts_at_once)
    )
    bare, bare_cpu = time.perf_counter() - began, time.process_time() - bare_cpu
    print(f"{options.hosts} hosts x {options.directories} directories, seed {options.seed}")
    print(f"{'':24}{'requests':>10}{'seconds':>10}{'per s':>10}{'us CPU each':>14}")
    for name, count, wall, used in (
        ("crawl, judged, stored", requests, seconds, cpu),
        ("bare aiohttp loop", done, bare, bare_cpu),
    ):
        rate, each = count / wall, used / count * 1e6
        print(f"{name:24}{count:>10,}{wall:>10.1f}{rate:>10,.0f}{each:>14.1f}")
    ratio = (requests / seconds) / (done / bare)
    print(f"ratio of CPU {bare_cpu / done / (cpu / requests):.2f}")
    print(f"ratio {ratio:.2f}; {before + memory:.0f} MB, of which {memory:.0f} by the crawl")


if __name__ == "__main__":
    main()
