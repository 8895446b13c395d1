"""What a client asks for: the query string, and the address it asks from.

Follows mirrorlist-server to the letter, and accepts more where nobody can have relied on less:
percent-encoding, any number of trusted proxies. Knows nothing about what exists.
"""

import re
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

NOTHING_ASKED = "# either path=, or repo= and arch= must be specified"


class Kind(Enum):
    """The two forms of an answer; the values are the last component of their addresses."""

    MIRRORLIST = "mirrorlist"
    METALINK = "metalink"


class Refusal(NamedTuple):
    """Why there is no list: the status and text that clients know.

    A metalink wraps the text in a failure document, unless it is `bare`.
    """

    status: int
    text: str
    bare: bool = False


class Request(NamedTuple):
    """One question. `path` is None when it is by `repo` and `arch`.

    `countries` is None when none were asked for; else they are sorted, each once, as typed.
    `protocols` is None when any will do. `protocol` is that parameter as typed. `countme` is how
    old the client says its system is; it changes nothing. `avoided` are countries in upper case;
    `limit` is 0 without one; `ipv4` and `ipv6` ask for URLs of that family only. `version` belongs
    to `repo`, if there is no Repository of that name alone.
    """

    path: str | None
    repo: str
    arch: str
    ip: str
    countries: tuple[str, ...] | None
    by_network: bool
    protocol: str
    protocols: tuple[str, ...] | None
    redirect: bool
    time: bool
    countme: str
    avoided: frozenset[str] = frozenset()
    limit: int = 0
    ipv4: bool = False
    ipv6: bool = False
    version: str = ""


class Client(NamedTuple):
    """Who asks: the socket's peer and the X-Forwarded-For header, as they came."""

    peer: str
    forwarded_for: str = ""


def kind_of(path: str) -> Kind | None:
    """Return what an address asks for; any prefix is allowed, a trailing slash is not."""
    last = path.rpartition("/")[2] if "/" in path else ""
    return next((kind for kind in Kind if kind.value == last), None)


def parse_query(query: bytes) -> Request | Refusal:
    """Read a query string.

    Pieces are split at `&`, then at `=` (a third part is lost), and only then percent-decoded;
    `+` stays `+`. The last duplicate wins; unknown keys are ignored. `path` beats `repo` and
    `arch`, and needs only to be there: an empty value counts as given. `cc` means `country` where
    that is missing; a `limit` that is no number from 1 on is ignored.
    """
    values = _values(query)
    path = values.get("path")
    if path is None and not ("repo" in values and "arch" in values):
        return Refusal(200, NOTHING_ASKED)
    repo = values.get("repo", "")
    protocol = values.get("protocol")
    countries = values.get("country", values.get("cc") or None)
    return Request(
        path=None if path is None else "/".join(filter(None, path.split("/"))),
        repo=repo,
        arch="source" if "source" in repo else values.get("arch", ""),
        ip=values.get("ip", ""),
        countries=None if countries is None else _each_once(countries),
        by_network=countries is None and values.get("netblock", "1") == "1",
        protocol=protocol or "",
        protocols=None if protocol is None else _each_once(protocol),
        redirect="redirect" in values,
        time="time" in values,
        countme=values.get("countme", ""),
        avoided=frozenset(filter(None, values.get("avoid_country", "").upper().split(","))),
        limit=_limit(values.get("limit", "")),
        ipv4=values.get("ipv4", "0") != "0",
        ipv6=values.get("ipv6", "0") != "0",
        version=values.get("version", ""),
    )


def client_address(client: Client, *, trusted_proxy_count: int) -> str:
    """Return the text of the address that the outermost trusted proxy saw.

    Each proxy appends the address it was called from, so with n of them the n-th entry from the
    right counts; what stands further left is the client's own claim. A shorter chain gives its
    first entry; no chain, or no trusted proxy, gives the peer.
    """
    # The usual case is one proxy, which mostly answers it with the end of the chain.
    if trusted_proxy_count == 1 and (last := client.forwarded_for.rpartition(",")[2].strip()):
        return last
    hops = [hop for hop in map(str.strip, client.forwarded_for.split(",")) if hop]
    if not hops or trusted_proxy_count < 1:
        return client.peer
    return hops[max(0, len(hops) - trusted_proxy_count)]


def clean(text: str) -> str:
    """Return a client's text as it may be repeated in an answer: one line, no control codes."""
    return _CONTROL.sub("?", text)


def _values(query: bytes) -> dict[str, str]:
    pieces = (piece.split(b"=") for piece in query.split(b"&"))
    return {_decode(parts[0]): _decode(parts[1]) if parts[1:] else "" for parts in pieces}


def _decode(text: bytes) -> str:
    return (unquote_to_bytes(text) if b"%" in text else text).decode(errors="replace")


def _limit(text: str) -> int:
    # No answer has a billion Hosts.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _each_once(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(text.split(",")), key=str.encode))
