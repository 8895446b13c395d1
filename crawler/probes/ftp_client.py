"""One connection of the FTP probe: no server keeps it waiting, and it can be ended at any time.

Used by one thread at a time; `interrupt` may come from another.
"""

import ftplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

# The longest greetings of mirrors have a few thousand bytes.
ANSWER_CHARACTERS = 64 * 1024
GREATEST_PORT = 65535


class FtpLimits(NamedTuple):
    """What one question may cost; `listing_seconds` are those of the whole question."""

    answer_seconds: float = 20
    listing_seconds: float = 60
    listing_lines: int = 200_000
    listing_bytes: int = 10_000_000
    body_bytes: int = 20_000_000
    at_once: int = 8


class TooMuchError(Exception):
    """A file has more bytes than are read."""


class LongListingError(Exception):
    """A listing is longer than is read."""


class NonsenseError(ftplib.Error):
    """The server says what FTP has no place for."""


class FtpClient(ftplib.FTP):
    """A connection to a server that may talk without end, or slowly."""

    def __init__(self, address: str, port: int, *, limits: FtpLimits) -> None:
        super().__init__(encoding="utf-8")
        self._address, self._port, self._limits = address, port, limits
        self._connections: list[_Connection] = []
        self._until = 0.0
        self._interrupted = False

    def begin(self) -> None:
        """Start the clock of another question; connect and log in unless that has been done."""
        self._until = time.monotonic() + self._limits.listing_seconds
        if self.sock is not None:
            return
        try:
            self.sock = self._connect(self._address, self._port)
            self.af = self.sock.family
            self.file = self.sock.makefile("r", encoding=self.encoding)
            self.welcome = self.getresp()
            self.login()
        except BaseException:
            self.close()
            raise

    def interrupt(self) -> None:
        """End whatever another thread is waiting for; nothing more can be asked."""
        self._interrupted = True
        for connection in self._connections:
            with suppress(OSError):  # it has been closed
                connection.shutdown(socket.SHUT_RDWR)

    def lines(self, command: str) -> Iterator[str]:
        """Yield what a command lists, as it arrives."""
        self.sendcmd("TYPE A")
        data = self._transfer(command)
        limits, count = self._limits, 0
        with data, data.makefile("r", encoding=self.encoding) as file:
            while line := file.readline(self.maxline + 1):
                count += 1
                if len(line) > self.maxline:
                    raise NonsenseError("a line of the listing does not end")
                if count > limits.listing_lines:
                    raise LongListingError(
                        f"the listing has more than {limits.listing_lines:,} lines"
                    )
                if data.received > limits.listing_bytes:
                    raise LongListingError(
                        f"the listing has more than {limits.listing_bytes:,} bytes"
                    )
                yield line.rstrip("\r\n")
        self.voidresp()

    def getmultiline(self) -> str:
        """Read one answer, all lines of which together have the time of one."""
        whole = self._until
        self._until = min(whole, time.monotonic() + self._limits.answer_seconds)
        self._said = 0
        try:
            return super().getmultiline()
        finally:
            self._until = whole

    def getline(self) -> str:
        """Read a line of an answer, unless the answer is too long already."""
        line = super().getline()
        self._said += len(line)
        if self._said > ANSWER_CHARACTERS:
            raise NonsenseError("an answer does not end")
        return line

    def makepasv(self) -> tuple[str, int]:
        """Return where the server waits with data; the address is always that of the server."""
        host, port = super().makepasv()
        if not 0 < port <= GREATEST_PORT:
            raise NonsenseError("it offers data at a port that does not exist")
        return host, port

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """Begin a transfer; what the server thinks of its size is of no use."""
        return self._transfer(cmd), None

    def _transfer(self, command: str) -> "_Connection":
        data = self._connect(*self.makepasv())
        try:
            answer = self.sendcmd(command)
            if answer.startswith("2"):  # as ftplib: some servers say 200 before their 150
                answer = self.getresp()
            if not answer.startswith("1"):
                raise NonsenseError(answer)
        except BaseException:
            data.close()
            raise
        return data

    def _connect(self, address: str, port: int) -> "_Connection":
        plain = socket.create_connection((address, port), self._seconds_left())
        connection = _Connection(plain, self._seconds_left)
        still_open = [each for each in self._connections if each.fileno() >= 0]
        self._connections = [*still_open, connection]
        return connection

    def _seconds_left(self) -> float:
        """Return how long the next byte is waited for."""
        if self._interrupted:
            raise ConnectionAbortedError("it was interrupted")
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("it takes too long")
        return min(left, self._limits.answer_seconds)


class _Connection(socket.socket):
    """A connection on which nothing is waited for longer than there is time; counts its bytes."""

    def __init__(self, plain: socket.socket, seconds_left: Callable[[], float]) -> None:
        timeout = plain.gettimeout()
        super().__init__(plain.family, plain.type, plain.proto, plain.detach())
        self.settimeout(timeout)
        self._seconds_left = seconds_left
        self.received = 0

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        self.settimeout(self._seconds_left())
        data = super().recv(bufsize, flags)
        self.received += len(data)
        return data

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(self._seconds_left())
        count = super().recv_into(buffer, nbytes, flags)
        self.received += count
        return count

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        self.settimeout(self._seconds_left())
        super().sendall(data, flags)
