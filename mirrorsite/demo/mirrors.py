"""The demo's mirrors: small HTTP servers on loopback, each for one directory.

Knows HTTP as package managers use it: GET, HEAD, single byte ranges. Deliberately knows no table.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from typing import IO, Any

ADDRESS = "127.0.0.1"
# Each mirror has a port of its own, counted from the first.
MIRRORS = ("good", "stale", "broken", "private")
BYTE_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def mirror_ports(first_port: int) -> dict[str, int]:
    """Return the port of each mirror."""
    return {name: first_port + number for number, name in enumerate(MIRRORS)}


class MirrorServer(ThreadingHTTPServer):
    """One mirror. Connections that package managers keep open do not hold up its end."""

    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        """Listen without asking DNS for our own name, which can take seconds and is not needed."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]


class MirrorHandler(SimpleHTTPRequestHandler):
    """Answer one connection from a directory, without a line of log per request."""

    protocol_version = "HTTP/1.1"
    server_version = "mirror"
    sys_version = ""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a crawl makes many requests."""

    def send_head(self) -> Any:
        """Send status and headers; return what is to be copied to the client, or None."""
        wanted = BYTE_RANGE.match(self.headers.get("Range", ""))
        path = self.translate_path(self.path)
        if wanted is None or not os.path.isfile(path):
            return super().send_head()
        return self._send_part(Path(path), wanted[1], wanted[2])

    def _send_part(self, path: Path, first: str, last: str) -> IO[bytes] | None:
        size = path.stat().st_size
        span = find_span(first, last, size=size)
        if span is None:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {span.start}-{span.stop - 1}/{size}")
        self.send_header("Content-Length", str(len(span)))
        self.send_header("Last-Modified", self.date_time_string(int(path.stat().st_mtime)))
        self.end_headers()
        if self.command == "GET":
            with path.open("rb") as file:
                file.seek(span.start)
                self.wfile.write(file.read(len(span)))
        return None


def find_span(first: str, last: str, *, size: int) -> range | None:
    """Return the bytes that a Range header asks for, or None if the file has none of them.

    Without a first byte, the last so many are meant (RFC 9110, 14.1.2).
    """
    if first:
        span = range(int(first), min(int(last) + 1 if last else size, size))
    else:
        span = range(max(size - int(last or 0), 0), size)
    return span if span else None


@contextmanager
def serve_mirrors(roots: Mapping[str, Path], ports: Mapping[str, int]) -> Iterator[None]:
    """Serve each mirror's directory on its port until the block ends.

    Raises OSError if a port is taken. Port 0 is not useful here: Hosts are known by their URLs.
    """
    with ExitStack() as stack:
        for name, root in roots.items():
            handler = partial(MirrorHandler, directory=str(root))
            server = stack.enter_context(MirrorServer((ADDRESS, ports[name]), handler))
            serve = partial(server.serve_forever, poll_interval=0.1)
            thread = Thread(target=serve, name=f"mirror {name}", daemon=True)
            thread.start()
            stack.callback(server.shutdown)
        yield
