"""Start everything in one terminal: what `make run` does.

    python -m mirrorsite.demo [--empty] [--port 8000] [--edge-port 8080] [--mirror-port 8181]

Prepares the database and the demo world, then runs mirrors, web, workers and edge until Ctrl-C.
Imports nothing of Django: the settings are given to the programs in their environment.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from mirrorsite.demo.processes import Interrupted, ProgramEnded, Terminal, say, taken_ports

BASE_DIR = Path(__file__).resolve().parent.parent.parent
MANAGE = (sys.executable, str(BASE_DIR / "manage.py"))
ADDRESS = "127.0.0.1"
MIRROR_COUNT = 4
READY_SECONDS = 60
# What the environment does not say itself: a demo changes within minutes instead of hours.
EVERYWHERE = {"DEBUG": "1", "LOG_LEVEL": "WARNING"}
DEMO = {
    "PROBE_ALLOW_PRIVATE": "1",
    "CRAWLER_INTERVAL_SECONDS": "120",
    "SCHEDULE_UMDL_MINUTES": "2",
    "SCHEDULE_SNAPSHOT_MINUTES": "1",
}


class StepFailedError(Exception):
    """A step of the preparation went wrong; the sentence says which."""


def main(arguments: list[str] | None = None) -> int:
    """Run everything; return 0 after Ctrl-C, 1 if something went wrong."""
    options = parse(arguments)
    os.umask(0o022)
    if taken := taken_ports((ADDRESS, port) for port in ports_of(options)):
        say_taken(taken)
        return 1
    with Terminal(environment_of(options, os.environ)) as terminal:
        try:
            prepare(terminal, options)
            run(terminal, options)
        except Interrupted:
            say("Stopping everything.")
            return 0
        except (StepFailedError, ProgramEnded) as error:
            say(f"{error} Everything else is stopped, too.")
            return 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m mirrorsite.demo", description=__doc__)
    parser.add_argument("--empty", action="store_true", help="Start without the demo world.")
    parser.add_argument("--port", type=int, default=8000, help="Port of the web pages.")
    parser.add_argument("--edge-port", type=int, default=8080, help="Port of the edge.")
    parser.add_argument("--mirror-port", type=int, default=8181, help="First of the mirrors' four.")
    return parser.parse_args(arguments)


def ports_of(options: argparse.Namespace) -> list[int]:
    """Return all ports that will be listened on."""
    first = options.mirror_port
    mirrors = [] if options.empty else list(range(first, first + MIRROR_COUNT))
    return [options.port, options.edge_port, *mirrors]


def say_taken(taken: list[tuple[str, int]]) -> None:
    """Tell which ports are taken, and what to do about it."""
    named = ", ".join(f"{address}:{port}" for address, port in taken)
    say(
        f"Something listens on {named} already: perhaps another “make run”. Stop it, or choose "
        "other ports: “python -m mirrorsite.demo --port … --edge-port … --mirror-port …”."
    )


def environment_of(options: argparse.Namespace, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of all programs: what is given wins over what a demo would choose."""
    chosen = {
        "STATE_DIR": str(BASE_DIR / "var"),
        "BASE_URL": f"http://{ADDRESS}:{options.port}",
        **EVERYWHERE,
        **({} if options.empty else DEMO),
    }
    environment = {**chosen, **given}
    if "SECRET_KEY" not in given and "SECRET_KEY_FILE" not in given:
        environment["SECRET_KEY_FILE"] = str(secret_key_file(Path(environment["STATE_DIR"])))
    return environment


def secret_key_file(state: Path) -> Path:
    """Return the file of this installation's secret key; written once, readable by its owner."""
    path = state / "secret_key"
    if not path.exists():
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50) + "\n")
        fresh.rename(path)
    return path


def prepare(terminal: Terminal, options: argparse.Namespace) -> None:
    """Bring database, account, schedules and, unless empty, the demo world up to date."""
    step(terminal, "Preparing the database", "migrate", "--verbosity=0")
    if not options.empty:
        first_port = f"--port={options.mirror_port}"
        step(terminal, "Building the demo world", "demo", "build", first_port)
        terminal.start("mirrors", (*MANAGE, "demo", "mirrors", first_port))
        wait_for(terminal, "mirrors", options.mirror_port + MIRROR_COUNT - 1)
    step(terminal, "Comparing the schedules", "sync_schedules")
    if not options.empty:
        # Read before and after the first update, so that the stale mirror is known to be stale.
        step(terminal, "Reading the master tree", "umdl")
        step(terminal, "Publishing an update", "demo", "advance", "--once")
        step(terminal, "Reading the master tree again", "umdl")
        step(terminal, "Visiting the mirrors", "crawl")
        step(terminal, "Building the first snapshot", "build_snapshot")
    # Last, so that the password stands right above the addresses.
    step(terminal, "Looking for the operator's account", "demo", "operator")


def step(terminal: Terminal, title: str, *command: str) -> None:
    """Run one management command to its end; raises StepFailedError if it fails."""
    say(f"{title} …")
    if status := terminal.run(command[0], (*MANAGE, *command)):
        raise StepFailedError(
            f"“manage.py {' '.join(command)}” failed with exit status {status}; "
            "what it said is above."
        )


def run(terminal: Terminal, options: argparse.Namespace) -> NoReturn:
    """Start what keeps running, say where it is, and watch it until the end."""
    bind = f"{ADDRESS}:{options.port}"
    gunicorn = (sys.executable, "-m", "gunicorn", "mirrorsite.wsgi")
    modest = ("--workers=1", "--threads=4", "--log-level=warning", "--no-control-socket")
    terminal.start("web", (*gunicorn, f"--bind={bind}", *modest))
    terminal.start("worker", (*MANAGE, "qcluster"))
    terminal.start("crawler", (*MANAGE, "qcluster"), Q_CLUSTER_NAME="crawl")
    terminal.start("edge", (*MANAGE, "edge", f"--bind={ADDRESS}:{options.edge_port}"))
    wait_for(terminal, "web", options.port)
    wait_for(terminal, "edge", options.edge_port)
    say_ready(options)
    terminal.watch()


def wait_for(terminal: Terminal, name: str, port: int) -> None:
    """Wait until a program answers; raises StepFailedError if it takes too long."""
    if not terminal.wait_for_port((ADDRESS, port), seconds=READY_SECONDS):
        raise StepFailedError(f"“{name}” did not answer on port {port} in {READY_SECONDS} s.")


def say_ready(options: argparse.Namespace) -> None:
    """Print the addresses to open and a command to try."""
    web, edge = f"http://{ADDRESS}:{options.port}", f"http://{ADDRESS}:{options.edge_port}"
    say("")
    say(f"Mirrorsite is running. Mirrors: {web}/   Operators: {web}/admin/   Clients: {edge}/")
    if not options.empty:
        say(f"Try: curl '{edge}/metalink?repo=updates-released-f42&arch=x86_64'")
    else:
        say("The edge says so until there is content: add a Category, then run “manage.py umdl”.")
    say("Ctrl-C stops everything and keeps the data.")
    say("")


if __name__ == "__main__":
    sys.exit(main())
