"""Time the edge against the floor of HTTP in Python, in one run.

    make bench NAME=edge
    make bench NAME=edge ARGS='--seconds 10 --rounds 5'

World: benchmarks/edge_world.py, seed 1. wrk asks on one core (edge.lua: Repositories by Zipf 0.9,
clients 70 % IPv4, 25 % IPv6, 5 % in a netblock; redirects are those of files), the server has the
other. Prints requests a second
of one core, processor microseconds an answer, p50 and p99, memory, growth, and what a switch of the
snapshot every two seconds costs; ratios are medians of rounds, in each of which floor and edge take
turns, and the bare core (edge_bare.py), which shows how much of the distance is the algorithm's.
Needs wrk.
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # this file's directory is there already

from edge_world import Size, write_clients, write_world  # noqa: E402

SEED = 1
PORT = 29_001
SERVER_CORE, CLIENT_CORE = "0", "1"
FLOORS = {"mirrorlist": "4096", "metalink": "26624", "redirect": "redirect"}
LEAST = {"mirrorlist": 0.30, "metalink": 0.60, "redirect": 0.45}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Options:
    """How long, how often and with how many connections."""

    state: Path
    seconds: int
    rounds: int
    connections: int
    size: Size


@dataclass(frozen=True)
class Run:
    """What wrk saw in one run, and the processor time that the server took for an answer."""

    per_second: float
    cpu_us: float
    answer_bytes: float
    p50_ms: float
    p99_ms: float
    errors: int


@contextmanager
def serving(arguments: list[str], *, workers: int = 0, **environment: str) -> Iterator[list[int]]:
    """Run a server on its core; yield the ids of the processes that answer."""
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(process)
        while len(children_of(process.pid)) < workers:
            time.sleep(0.1)
        yield children_of(process.pid) or [process.pid]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def wait_for_port(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(10)
            try:
                probe.connect(("127.0.0.1", PORT))
                probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                if probe.recv(100).startswith((b"HTTP/1.1 200", b"HTTP/1.1 302")):
                    return
            except OSError:
                pass
        time.sleep(0.1)
    sys.exit("The server did not answer.")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def edge(
    options: Options, snapshot: Path, *, workers: int = 1
) -> AbstractContextManager[list[int]]:
    arguments = ["-m", "mirrorlist.edge", "--bind", f"127.0.0.1:{PORT}", "--workers", str(workers)]
    return serving(
        arguments,
        workers=workers,
        MIRRORLIST_SNAPSHOT=str(snapshot),
        TRUSTED_PROXY_COUNT="1",
        EDGE_ACCESS_LOG=str(options.state / "access.log"),
    )


def floor(what: str) -> AbstractContextManager[list[int]]:
    return serving(["benchmarks/edge_floor.py", str(PORT), what])


def ask(options: Options, form: str, pids: list[int], *, seconds: int = 0) -> Run:
    """Let wrk ask for a while."""
    size = options.size
    begin = cpu_seconds(pids)
    done = subprocess.run(
        [
            *("taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{options.connections}"),
            *(f"-d{seconds or options.seconds}s", "-s", str(ROOT / "benchmarks/edge.lua")),
            *(f"http://127.0.0.1:{PORT}/", "--", form, str(size.keys), str(size.netblocks)),
            *(str(SEED), str(options.state / "clients")),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    spent = cpu_seconds(pids) - begin
    result = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    requests, micros, size_bytes, p50, p99, errors = map(int, result.split()[1:])
    return Run(
        per_second=requests / micros * 1e6,
        cpu_us=spent / requests * 1e6,
        answer_bytes=size_bytes / requests,
        p50_ms=p50 / 1000,
        p99_ms=p99 / 1000,
        errors=errors,
    )


def cpu_seconds(pids: list[int]) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / TICKS


def memory_mb(pids: list[int]) -> float:
    """Return the proportional share of processes, in which common pages count once."""
    lines = [
        line
        for pid in pids
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    ]
    return sum(int(line.split()[1]) for line in lines) / 1024


def show(name: str, run: Run) -> None:
    print(
        f"{name:34}{run.per_second:10,.0f}{run.cpu_us:10.1f}{run.answer_bytes:10,.0f}"
        f"{run.p50_ms:9.2f}{run.p99_ms:9.2f}{run.errors:8}"
    )


def median(runs: list[Run]) -> Run:
    return Run(*(statistics.median(getattr(run, name) for run in runs) for name in vars(runs[0])))


def compare(options: Options, snapshot: Path, form: str) -> bool:
    """Print floor and edge for one form of answer; tell whether the budget is kept."""
    floors, cores, edges = [], [], []
    for _ in range(options.rounds):
        with floor(FLOORS[form]) as pids:
            floors.append(ask(options, form, pids))
        with serving(["benchmarks/edge_bare.py", str(PORT), str(snapshot)]) as pids:
            ask(options, form, pids)
            cores.append(ask(options, form, pids))
        with edge(options, snapshot) as pids:
            ask(options, form, pids)  # to be warm
            edges.append(ask(options, form, pids))
    show(f"floor, {form}", median(floors))
    show(f"bare core, {form}", median(cores))
    show(f"edge, {form}", median(edges))
    ratio = statistics.median(
        edge.per_second / floor.per_second for edge, floor in zip(edges, floors, strict=True)
    )
    by_cpu = statistics.median(
        floor.cpu_us / edge.cpu_us for edge, floor in zip(edges, floors, strict=True)
    )
    print(f"{'  ratio':34}{ratio:10.2f}{by_cpu:10.2f}   at least {LEAST[form]:.2f}")
    bound = statistics.median(
        floor.cpu_us / core.cpu_us for core, floor in zip(cores, floors, strict=True)
    )
    print(f"{'  ratio of the bare core':34}{'':10}{bound:10.2f}   the most in Python")
    return by_cpu >= LEAST[form]


def growth(options: Options) -> None:
    """Print what more Hosts and Directories cost when answers stay of the same size."""
    few = Size(hosts=200, least=60, most=60)
    sizes = {
        "200 Hosts, 7,000 directories": few,
        "2,000 Hosts": Size(hosts=2_000, least=60, most=60),
        "100,000 directories": Size(hosts=200, least=60, most=60, directories=100_000),
    }
    first = 0.0
    for name, size in sizes.items():
        snapshot = options.state / f"{name}.sqlite"
        write_world(snapshot, size, seed=SEED)
        with edge(options, snapshot) as pids:
            ask(options, "mirrorlist", pids)
            run = ask(options, "mirrorlist", pids)
            show(name, run)
            print(
                f"{'  processor ×, memory MB':34}{run.cpu_us / (first or run.cpu_us):10.2f}", end=""
            )
            print(f"{memory_mb(pids):10.1f}   at most 1.25")
        first = first or run.cpu_us


def memory(options: Options, snapshot: Path) -> None:
    """Print the memory of one, two and three workers that answered."""
    before = 0.0
    for workers in (1, 2, 3):
        with edge(options, snapshot, workers=workers) as pids:
            for form in FLOORS:
                ask(options, form, pids)
            used = memory_mb(pids)
        print(f"{f'memory, {workers} workers':34}{used:10.1f} MB, {used - before:.1f} MB more")
        before = used


def switching(options: Options, snapshot: Path) -> None:
    """Print latencies while a new snapshot is put in place every two seconds."""
    current = options.state / "switching.sqlite"
    shutil.copy(snapshot, current)
    # Copied before: the processors are to be the server's and the client's.
    copies = [options.state / f"next-{number}" for number in range(options.seconds)]
    for copy in copies:
        shutil.copy(snapshot, copy)
    with edge(options, current) as pids:
        ask(options, "mirrorlist", pids)
        show("without switching", ask(options, "mirrorlist", pids, seconds=2 * options.seconds))
        stop = threading.Event()
        publisher = threading.Thread(target=_publish, args=[copies, current, stop])
        publisher.start()
        show("a switch every 2 s", ask(options, "mirrorlist", pids, seconds=2 * options.seconds))
        stop.set()
        publisher.join()


def _publish(copies: list[Path], current: Path, stop: threading.Event) -> None:
    for copy in copies:
        if stop.wait(2):
            break
        os.replace(copy, current)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=int, default=6, help="of each run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--hosts", type=int, default=800)
    parser.add_argument("--keys", type=int, default=600, help="Repositories")
    parser.add_argument("--kind", choices=[*FLOORS, "growth", "memory", "switching"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mirrorsite-benchmark-") as state:
        size = Size(hosts=given.hosts, keys=given.keys)
        options = Options(Path(state), given.seconds, given.rounds, given.connections, size)
        snapshot = options.state / "snapshot.sqlite"
        write_world(snapshot, size, seed=SEED)
        write_clients(options.state / "clients", seed=SEED)
        print(f"{size}, seed {SEED}, {given.connections} connections, {given.seconds} s a run")
        print(
            f"{'':34}{'answers/s':>10}{'cpu µs':>10}{'bytes':>10}{'p50 ms':>9}{'p99 ms':>9}", end=""
        )
        print(f"{'errors':>8}")
        forms = [form for form in FLOORS if given.kind in (None, form)]
        kept = [compare(options, snapshot, form) for form in forms]
        others: dict[str, Callable[[], None]] = {
            "switching": lambda: switching(options, snapshot),
            "memory": lambda: memory(options, snapshot),
            "growth": lambda: growth(options),
        }
        for name, other in others.items():
            if given.kind in (None, name):
                other()
    if kept:
        print("Within the ratios." if all(kept) else "NOT within the ratios.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
