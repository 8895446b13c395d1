"""The listing of a remote master, as `rsync --list-only` prints it.

Starts rsync without a shell, in a process group of its own, towards vetted addresses only. What
its exit code means is decided in `crawler.logic.rsync_exit`.
"""

import fcntl
import os
import re
import selectors
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import chain
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from crawler.logic.rsync_exit import Exit, Outcome, judge_exit
from crawler.logic.rsync_listing import parse_blocks
from crawler.logic.scope import ScanScope
from crawler.master.base import (
    Oddity,
    OddityReason,
    ScannedDirectory,
    SourceError,
    SourcePlace,
    SourcePolicy,
    no_beat,
)
from crawler.master.lines import whole_lines
from crawler.master.listed import ListedTree
from crawler.master.web import Web, web_address
from registry.logic.addresses import judge_address

PORT = 873
# Symlinks with their targets, sizes in bytes, no greeting; the rest would only be in the way.
LIST = ("--recursive", "--links", "--list-only", "--no-human-readable", "--no-motd")
# What a shell would bring along could say something else (RSYNC_PROXY, RSYNC_CONNECT_PROG).
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}
BEAT_SECONDS = 10
# rsync writes line by line; to wake up for each would cost more than the whole listing.
GATHER_SECONDS = 0.01
# So far rsync gets ahead of us.
PIPE_BYTES = 1024 * 1024
MESSAGE_BYTES = 20_000
# What cannot be listed at all shows in the listing as empty; what breaks off does not show.
BROKE_OFF = re.compile(r"readdir|IO error|I/O error")


class _Address(NamedTuple):
    """A vetted address and the rest of an rsync URL."""

    host: str
    rest: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"rsync://{host}:{self.port}/{self.rest}"


class RsyncListing:
    """The tree below a directory of a remote rsync module."""

    def __init__(self, place: SourcePlace, scope: ScanScope, policy: SourcePolicy) -> None:
        self._place = place
        self._scope = scope
        self._policy = policy
        self._messages = ""
        self._exit = Exit(Outcome.COMPLETE, "")
        self._begun: Iterator[bytes] | None = None

    @contextmanager
    def started(self, *, beat: Callable[[], None] = no_beat) -> Iterator[None]:
        """Start rsync and wait until it lists; how far it gets meanwhile is up to its buffers."""
        pieces = self._pieces(beat)
        with closing(pieces):
            self._begun = chain([next(pieces, b"")], pieces)
            try:
                yield
            finally:
                self._begun = None

    def directories(
        self, *, unchanged: Mapping[str, datetime], beat: Callable[[], None] = no_beat
    ) -> Iterator[ScannedDirectory | Oddity]:
        """Yield every directory, most of them as soon as rsync has listed its files.

        If it could not list some, the rest counts and nothing is taken for gone. Raises
        SourceError with a sentence for everything else that went wrong.
        """
        tree = ListedTree(self._scope, complete=self._is_complete)
        pieces = self._begun or self._pieces(beat)
        yield from tree.directories(parse_blocks(whole_lines(pieces)))
        if self._exit.outcome is Outcome.PARTIAL:
            yield Oddity(OddityReason.PARTIAL, self._exit.sentence)

    def read_file(self, path: str, *, limit: int) -> bytes:
        """Return at most `limit` bytes of a file from the checksum base."""
        return read_from_base(self._place.checksum_base, path, limit=limit, policy=self._policy)

    def hint(self, path: str) -> tuple[str, str] | None:
        """Return nothing: rsync publishes no digests."""
        return None

    def _is_complete(self) -> bool:
        return self._exit.outcome is Outcome.COMPLETE

    def _pieces(self, beat: Callable[[], None]) -> Generator[bytes, None, None]:
        """Yield the output of rsync; try the next address of the master if one is refused."""
        sent = False
        for address in _vetted(self._place.location, allow_private=self._policy.allow_private):
            for piece in self._run(address, beat):
                sent = True
                yield piece
            if sent or self._exit.outcome is not Outcome.NETWORK:
                break
        usable = self._exit.outcome is Outcome.COMPLETE or (
            self._exit.outcome is Outcome.PARTIAL and sent and not BROKE_OFF.search(self._messages)
        )
        if not usable:
            raise SourceError(self._exit.sentence)

    def _run(self, address: _Address, beat: Callable[[], None]) -> Iterator[bytes]:
        command = [
            "rsync",
            *LIST,
            f"--timeout={self._policy.silence_seconds}",
            f"--contimeout={int(self._policy.answer_seconds)}",
            *self._place.options,
            "--",
            address.url,
        ]
        with tempfile.TemporaryFile() as messages:
            try:
                process = subprocess.Popen(  # noqa: S603 -- a vector of vetted parts, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=messages,
                    env=ENVIRONMENT,
                    start_new_session=True,
                )
            except OSError as error:
                raise SourceError(
                    f"rsync cannot be started ({error.strerror}); install it."
                ) from error
            try:
                yield from self._output(process, beat)
                code = process.wait(timeout=self._policy.silence_seconds)
            finally:
                _end(process)
            messages.seek(0)
            self._messages = messages.read(MESSAGE_BYTES).decode("utf-8", "replace")
        self._exit = judge_exit(code, self._messages)

    def _output(
        self, process: "subprocess.Popen[bytes]", beat: Callable[[], None]
    ) -> Iterator[bytes]:
        """Yield what rsync prints; show signs of life while it prints nothing."""
        output: IO[bytes] | None = process.stdout
        if output is None:
            return
        with suppress(OSError):  # a smaller pipe is only slower
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        read_at = 0.0
        latest = time.monotonic() + self._policy.total_seconds
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while True:
                beat()
                if time.monotonic() > latest:
                    raise SourceError(
                        f"rsync did not end within {self._policy.total_seconds:,} seconds."
                    )
                if selector.select(BEAT_SECONDS):
                    time.sleep(max(0.0, read_at + GATHER_SECONDS - time.monotonic()))
                    read_at = time.monotonic()
                    piece = os.read(output.fileno(), PIPE_BYTES)
                    if not piece:
                        return
                    yield piece


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End rsync with all of its processes, unless it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _vetted(location: str, *, allow_private: bool) -> list[_Address]:
    """Return the addresses of a master that may be connected to.

    Raises SourceError with a sentence if there are none.
    """
    host, port, rest = _split(location)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise SourceError(f"The name {host} leads nowhere ({error.strerror}).") from error
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    verdicts = [judge_address(address, allow_private=allow_private) for address in addresses]
    allowed = [
        _Address(address, rest, port)
        for address, verdict in zip(addresses, verdicts, strict=True)
        if verdict.allowed
    ]
    if not allowed:
        raise SourceError(f"{host} leads to {verdicts[0].sentence}")
    return allowed


def _split(location: str) -> tuple[str, int, str]:
    """Return host, port, and module with path; also of the form host::module."""
    if "::" in location and "//" not in location:
        host, _, rest = location.partition("::")
        location = f"rsync://{host}/{rest}"
    parts = urlsplit(location)
    try:
        port = parts.port or PORT
    except ValueError:
        port = 0
    rest = location.partition("://")[2].partition("/")[2].strip("/")
    if parts.scheme != "rsync" or not parts.hostname or not rest or not port:
        raise SourceError(
            f"“{location}” is not where rsync can list. Write rsync://host/module/path."
        )
    if parts.username or parts.password:
        raise SourceError("An rsync source has no user name or password; it would be shown.")
    return parts.hostname, port, f"{rest}/"


def read_from_base(base: str, path: str, *, limit: int, policy: SourcePolicy) -> bytes:
    """Return at most `limit` bytes of a file below the web address that a Category names.

    Raises OSError with a sentence.
    """
    if not base:
        raise OSError("the Category has no checksum base to read it from")
    return Web(policy).read(web_address(base, path), limit=limit)
