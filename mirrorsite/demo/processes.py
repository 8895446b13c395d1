"""Run several programs in one terminal: lines with the program's name, one end for all.

Knows processes, signals and ports. Every program leads a process group of its own, so that nothing
it started outlives it, and only this process hears Ctrl-C.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Event, Lock, Thread
from types import FrameType
from typing import NoReturn

PATIENCE_SECONDS = 12.0
PAUSE_SECONDS = 0.1


class Interrupted(Exception):
    """Somebody asked for the end."""


class Child:
    """One running program, its lines copied to the terminal behind its name."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self.process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.reader = Thread(target=self._copy, name=f"lines of {name}", daemon=True)

    def _copy(self) -> None:
        if self.process.stdout is not None:
            with self.process.stdout as lines:
                for line in lines:
                    say(f"{self.name:>14} | {line.rstrip()}")

    def signal_leader(self, number: signal.Signals) -> None:
        """Ask the program itself; it knows in which order its own processes must end."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """End whatever is left of the program and of what it started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


class Terminal:
    """All programs of this terminal. Leave it, by whatever way, and all of them are gone."""

    def __init__(
        self, environment: Mapping[str, str], *, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self.patience_seconds = patience_seconds
        self.environment = {**environment, "PYTHONUNBUFFERED": "1"}
        self.children: list[Child] = []
        self.stopping = Event()
        self.hurry = Event()

    def __enter__(self) -> "Terminal":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set():
            self.hurry.set()
        self.stopping.set()

    def start(self, name: str, command: Sequence[str], **environment: str) -> Child:
        """Start a program that runs until the end."""
        child = Child(name, command, {**self.environment, **environment})
        self.children.append(child)
        child.reader.start()
        return child

    def run(self, name: str, command: Sequence[str]) -> int:
        """Run a program to its end and return its exit status; others keep running meanwhile."""
        child = self.start(name, command)
        while child.process.poll() is None:
            self._pause(besides=child)
        child.reader.join(self.patience_seconds)
        child.kill_group()
        self.children.remove(child)
        return child.process.returncode

    def wait_for_port(self, address: tuple[str, int], *, seconds: float) -> bool:
        """Wait until somebody answers at an address; tell whether that happened in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                socket.create_connection(address, timeout=1).close()
            except OSError:
                self._pause()
            else:
                return True
        return False

    def watch(self) -> NoReturn:
        """Wait until somebody asks for the end, or a program ends by itself, which none should."""
        while True:
            self._pause()

    def _pause(self, besides: Child | None = None) -> None:
        if self.stopping.wait(PAUSE_SECONDS):
            raise Interrupted
        for child in self.children:
            if child is not besides and child.process.poll() is not None:
                raise ProgramEnded(child)

    def stop(self) -> None:
        """Ask all programs to end, wait a while, and kill what is left with all it started."""
        self.stopping.set()
        for child in self.children:
            child.signal_leader(signal.SIGTERM)
        deadline = time.monotonic() + self.patience_seconds
        while any(child.process.poll() is None for child in self.children):
            if time.monotonic() > deadline or self.hurry.wait(PAUSE_SECONDS):
                break
        for child in self.children:
            child.kill_group()
            child.reader.join(1)
        self.children.clear()


class ProgramEnded(Exception):
    """A program that should have kept running has ended."""

    def __init__(self, child: Child) -> None:
        super().__init__(
            f"“{child.name}” has ended with exit status {child.process.returncode}; "
            "its last lines are above."
        )


_terminal_lock = Lock()


def say(line: str) -> None:
    """Write one line to the terminal, whole."""
    with _terminal_lock:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def taken_ports(addresses: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return those addresses at which somebody else listens already."""
    return [address for address in addresses if not _is_free(address)]


def _is_free(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        # As servers do it: connections of a server that has just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    return True
