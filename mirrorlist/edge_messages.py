"""HTTP/1.1 messages of an edge: what is read of a request, and the bytes of a response."""

from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, Protocol

# Header fields that handlers read; the others are counted against the limits and dropped.
_READ = (
    "accept", "host", "if-modified-since", "if-none-match", "range", "user-agent",
    "want-digest", "want-repr-digest", "x-forwarded-for", "x-forwarded-proto",
)  # fmt: skip
# Both usual spellings of each name, so that most need not be lowered.
READ_HEADERS = {
    spelling.encode(): name.encode() for name in _READ for spelling in (name, name.title())
}


class Request(NamedTuple):
    """One request; the target as sent, header names in lower case, the last of equal ones wins.

    Of several X-Forwarded-For fields the values are joined by commas (RFC 9110, 5.3).
    """

    method: bytes
    target: bytes
    headers: dict[bytes, bytes]
    peer: str


Fields = tuple[tuple[str, str], ...]


class Response(Protocol):
    """What the handler answers; headers without Content-Length and Connection, which are ours."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Fields: ...

    @property
    def body(self) -> bytes: ...

    @property
    def lines(self) -> bytes:
        """Further header lines, as they are to be sent."""
        ...


class Refusal(NamedTuple):
    """The answer to what is no request that we serve."""

    status: int
    headers: Fields
    body: bytes
    lines: bytes = b""


STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus
}
CONTROLS = bytes((*range(0x20), 0x7F))
BODILESS = frozenset({HTTPStatus.NO_CONTENT.value, HTTPStatus.NOT_MODIFIED.value})


def encode(
    response: Response, *, date: bytes, silent: bool, keep_alive: bool, old_client: bool
) -> bytes:
    """Return the bytes of a response: status line, header with its length, and body.

    `date` is a header line. `silent` ones (to HEAD) have no body, and some statuses have neither
    body nor length.
    """
    status, fields, body = response.status, response.headers, response.body
    if fields and fields[-1][0] == "Location":  # another one every time
        head = _encode_head(status, fields[:-1]) + _encode_field(*fields[-1])
    else:
        head = _encode_head(status, fields)
    head += response.lines
    if not keep_alive:
        head += b"Connection: close\r\n"
    elif old_client:
        head += b"Connection: keep-alive\r\n"
    if status in BODILESS:
        return b"%b%b\r\n" % (head, date)
    sent = b"" if silent else body
    return b"%b%bContent-Length: %d\r\n\r\n%b" % (head, date, len(body), sent)


@lru_cache(256)
def _encode_head(status: int, fields: Fields) -> bytes:
    """Most answers share one of few heads."""
    return STATUS_LINES[status] + b"".join(_encode_field(name, value) for name, value in fields)


def _encode_field(name: str, value: str) -> bytes:
    """Drop what cannot stand in a field: nothing a client sent may begin a field of its own."""
    text = value.encode("latin-1", "replace").translate(None, CONTROLS)
    return b"%b: %b\r\n" % (name.encode("latin-1"), text)


def refuse(status: HTTPStatus) -> Refusal:
    """Return an answer that says no more than its status."""
    body = f"{status.value} {status.phrase}\n".encode()
    return Refusal(status.value, (("Content-Type", "text/plain"),), body)
