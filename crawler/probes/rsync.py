"""Ask mirrors by rsync: a listing of the whole tree as it arrives, and a few files.

rsync runs without a shell, towards a vetted address, in a process group of its own that is killed
when its time is over. What the lines mean is decided elsewhere.
"""

import asyncio
import hashlib
import os
import resource
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple, Self, cast
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver

from crawler.logic.observations import Ask, Fault, Observation
from crawler.logic.rsync_endings import Ending, Proof, explain_ending
from crawler.probes.addresses import addresses_of
from registry.vetting import AddressRefusedError, VettingResolver

SCHEMES = frozenset({"rsync"})
PORT = 873
CHUNK_BYTES = 256 * 1024
WORDS_BYTES = 4096
# Where rsync leaves what it has of a file when it ends before the whole has come.
REST = ".mirrorsite-rest"
# Of what is never published: snapshots of file servers, unfinished transfers.
EXCLUDES = ("--exclude=.snapshot", "--exclude=.~tmp~", "--exclude=lost+found")
# Nothing of our own environment: RSYNC_PROXY or RSYNC_CONNECT_PROG would lead elsewhere.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


class RsyncLimits(NamedTuple):
    """What one run of rsync may cost."""

    connect_seconds: int = 20
    silent_seconds: int = 120
    listing_seconds: float = 3600
    listing_bytes: int = 4_000_000_000
    line_bytes: int = 16_384
    fetch_seconds: float = 120
    at_once: int = 8


class RsyncProbe:
    """Ask any number of mirrors at once, each in a thread that reads what rsync prints."""

    schemes = SCHEMES

    def __init__(self, *, limits: RsyncLimits, resolver: AbstractResolver | None = None) -> None:
        self._limits = limits
        self._resolver = resolver
        self._threads = ThreadPoolExecutor(limits.at_once, thread_name_prefix="rsync")

    def bind(self, base_url: str, *, allow_private: bool) -> "RsyncUrl":
        """Return the probe of one base URL."""
        resolver = VettingResolver(allow_private=allow_private, inner=self._resolver)
        return RsyncUrl(base_url, limits=self._limits, threads=self._threads, resolver=resolver)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for the threads; their processes have been killed with the visits."""
        self._threads.shutdown(wait=True, cancel_futures=True)


class RsyncUrl:
    """One base URL during one visit of its Host."""

    def __init__(
        self,
        base_url: str,
        *,
        limits: RsyncLimits,
        threads: ThreadPoolExecutor,
        resolver: VettingResolver,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._limits = limits
        self._threads = threads
        self._resolver = resolver

    async def list_tree(self, read: Callable[[Iterator[bytes]], None]) -> Ending:
        """List the whole tree; `read` gets the lines in a thread as they arrive."""
        limits = self._limits
        arguments = ["--list-only", "-r", "--no-human-readable", *EXCLUDES]
        seconds = limits.listing_seconds
        return await self._run(arguments, read, seconds=seconds, most_bytes=limits.listing_bytes)

    async def fetch(
        self, files: Sequence[tuple[str, Ask]], *, greatest_bytes: int
    ) -> list[Observation]:
        """Fetch small files by path below the base URL; return what is known of each.

        One that has more bytes than wanted by its list counts as not there. One that has more when
        it comes is too large, and ends the run: those that come after it are not known.
        """
        with tempfile.TemporaryDirectory(prefix="mirrorsite-rsync-") as folder:
            wanted = Path(folder, "wanted")
            wanted.write_bytes(b"\0".join(os.fsencode(path) for path, _ in files))
            target = Path(folder, "files")
            arguments = [
                *("--from0", f"--files-from={wanted}", "--no-implied-dirs", "--copy-links"),
                *(f"--max-size={greatest_bytes}", "--chmod=F600,D700"),
                f"--partial-dir={REST}",
            ]
            ending = await self._run(
                arguments,
                _drain,
                seconds=self._limits.fetch_seconds,
                target=f"{target}/",
                file_bytes=greatest_bytes + 1,
            )
            fetched = partial(self._fetched, target, ending=ending, greatest_bytes=greatest_bytes)
            return [fetched(path, ask) for path, ask in files]

    async def find(self, paths: Sequence[str]) -> tuple[frozenset[str], Ending]:
        """Return which of these files are there, and how asking ended; nothing is fetched."""
        lines: list[bytes] = []
        with tempfile.TemporaryDirectory(prefix="mirrorsite-rsync-") as folder:
            wanted = Path(folder, "wanted")
            wanted.write_bytes(b"\0".join(os.fsencode(path) for path in paths))
            arguments = ["--list-only", "--from0", f"--files-from={wanted}", "--no-implied-dirs"]
            # With a list of files rsync insists on a target, which it does not touch.
            ending = await self._run(
                arguments, lines.extend, seconds=self._limits.fetch_seconds, target=f"{folder}/"
            )
        # Mode, size, date and time stand before the name.
        columns = (line.split(None, 4) for line in lines)
        names = {os.fsdecode(each[4]) for each in columns if len(each) == 5}
        return frozenset(names.intersection(paths)), ending

    def _fetched(
        self, target: Path, path: str, ask: Ask, *, ending: Ending, greatest_bytes: int
    ) -> Observation:
        url = f"{self._base}/{path}"
        file = target / path
        rest = file.parent / REST / file.name
        data = next(
            (_head(each, greatest_bytes + 1) for each in (file, rest) if each.is_file()), b""
        )
        if len(data) > greatest_bytes:
            detail = f"it has more than {greatest_bytes:,}"
            return Observation(url, fault=Fault.TOO_LARGE, detail=detail)
        if not file.is_file():
            if ending.fault is None:
                return Observation(url, 404)
            return Observation(url, fault=ending.fault, detail=ending.detail)
        digests = tuple(
            (name, hashlib.new(name, data, usedforsecurity=False).hexdigest())
            for name in ask.algorithms
        )
        return Observation(url, 200, len(data), digests=digests)

    async def _run(
        self,
        arguments: Sequence[str],
        read: Callable[[Iterator[bytes]], None],
        *,
        seconds: float,
        most_bytes: int = CHUNK_BYTES,
        target: str | None = None,
        file_bytes: int | None = None,
    ) -> Ending:
        """Run rsync to its end or until its time is over; never raises for what a server does.

        No file that it writes gets more than `file_bytes`, whatever the server sends.
        """
        try:
            source = await self._source()
        except AddressRefusedError as error:
            return Ending(Proof.NOTHING, Fault.ADDRESS_REFUSED, str(error))
        except (OSError, ValueError) as error:
            return Ending(Proof.NOTHING, Fault.DNS, f"{Fault.DNS.value} ({error})")
        run = _Run(most_bytes=most_bytes, line_bytes=self._limits.line_bytes, file_bytes=file_bytes)
        command = [
            *("rsync", "--no-motd", f"--contimeout={self._limits.connect_seconds}"),
            *(f"--timeout={self._limits.silent_seconds}", *arguments, "--", f"{source}/"),
            *((target,) if target else ()),
        ]
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, run.stop, f"it took more than {seconds:,.0f} seconds")
        try:
            return await loop.run_in_executor(self._threads, partial(run.run, command, read))
        except asyncio.CancelledError:
            run.stop("the visit was canceled")
            raise
        finally:
            timer.cancel()

    async def addresses(self) -> list[str]:
        """Return the addresses that the name leads to; none if it leads nowhere we go."""
        return await addresses_of(self._base, self._resolver)

    async def _source(self) -> str:
        """Return the URL with a vetted address instead of the name, so that it cannot flip."""
        parts = urlsplit(self._base)
        found = await self._resolver.resolve(
            parts.hostname or "", parts.port or PORT, socket.AF_UNSPEC
        )
        if not found:
            raise OSError(f"{parts.hostname} has no address")
        address = found[0]["host"]
        host = f"[{address}]" if ":" in address else address
        return f"rsync://{host}:{parts.port or PORT}{parts.path}"


class _Run:
    """One process and what ends it; `stop` may come from another thread, and before the start."""

    def __init__(self, *, most_bytes: int, line_bytes: int, file_bytes: int | None) -> None:
        self._most_bytes, self._line_bytes = most_bytes, line_bytes
        self._file_bytes = file_bytes
        self._stopped = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def run(self, command: Sequence[str], read: Callable[[Iterator[bytes]], None]) -> Ending:
        """Run a command to its end; `read` gets its lines."""
        process = self._start(command)
        if process is None:
            return explain_ending(0, "", stopped=self._stopped)
        output = cast("BufferedReader", process.stdout)
        words: list[bytes] = []
        errors = cast("BufferedReader", process.stderr)
        listener = threading.Thread(target=_listen, args=(errors, words), daemon=True)
        listener.start()
        try:
            read(self._lines(output))
        except BaseException:
            self.stop("reading its listing failed")
            raise
        finally:
            output.close()
            code = process.wait()
            listener.join()
        said = b"".join(words).decode(errors="replace")
        return explain_ending(code, said, stopped=self._stopped)

    def stop(self, why: str) -> None:
        """End the process and all it started."""
        with self._lock:
            self._stopped = self._stopped or why
            if self._process is not None and self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self, command: Sequence[str]) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if not self._stopped:
                self._process = subprocess.Popen(  # noqa: S603 -- an argument vector, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=ENVIRONMENT,
                    start_new_session=True,
                )
                self._limit_files(self._process.pid)
            return self._process

    def _limit_files(self, pid: int) -> None:
        """Limit what the process, and all it will start, can write to a file.

        From outside, because in a process with threads nothing may run between fork and exec. No
        server can have answered yet.
        """
        if self._file_bytes is not None:
            with suppress(ProcessLookupError):
                limits = (self._file_bytes, self._file_bytes)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    def _lines(self, output: BufferedReader) -> Iterator[bytes]:
        """Yield whole lines; a listing or a line without end is stopped."""
        rest, total = b"", 0
        while chunk := output.read1(CHUNK_BYTES):
            total += len(chunk)
            first, *lines = chunk.split(b"\n")
            rest += first
            if len(rest) > self._line_bytes:
                return self.stop("a line of the listing does not end")
            if lines:
                yield rest
                rest = lines.pop()
                yield from lines
            if total > self._most_bytes:
                return self.stop(f"the listing has more than {self._most_bytes:,} bytes")
        if rest:
            yield rest
        return None


def _listen(errors: BufferedReader, words: list[bytes]) -> None:
    """Keep the first words on standard error; read the rest, so that nobody waits for us."""
    kept = 0
    while chunk := errors.read1(CHUNK_BYTES):
        words.append(chunk[: max(0, WORDS_BYTES - kept)])
        kept += len(chunk)
    errors.close()


def _head(file: Path, count: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(count)


def _drain(lines: Iterator[bytes]) -> None:
    for _ in lines:
        pass
