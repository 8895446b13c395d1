"""A question by the address of a file: its path, its query string, and the form that is wanted.

Knows the words in which clients ask (docs/clients/redirector.md) and nothing about what exists.
"""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from mirrorlist.logic.query import Client, Refusal, Request, clean, parse_query

# No tree is deeper; a path of slashes must not cost a look-up each.
DEEPEST = 100


class Form(Enum):
    """What is given for a file; the values are the words in query strings and endings of names."""

    REDIRECT = "redirect"
    PAGE = "mirrorlist"
    JSON = "json"
    METALINK = "metalink"
    META4 = "meta4"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"
    TORRENT = "torrent"
    MAGNET = "magnet"
    STATS = "stats"


HASHES = (Form.MD5, Form.SHA1, Form.SHA256, Form.SHA512)
ENDINGS = {f".{form.value}": form for form in (Form.METALINK, Form.META4, Form.TORRENT, *HASHES)}
_WORDS = {form.value: form for form in Form}
# The order decides when a client likes several equally.
_TYPES = {
    "application/metalink4+xml": Form.META4,
    "application/metalink+xml": Form.METALINK,
    "application/json": Form.JSON,
}


class FileRequest(NamedTuple):
    """One request as it came: the path percent-encoded, headers empty where there are none."""

    path: bytes
    query: bytes
    client: Client
    method: str = "GET"
    accept: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    forwarded_proto: str = ""


class Modifiers(NamedTuple):
    """What a query string asks for: a form, Hosts (as in a mirrorlist), a protocol, an order.

    `form` is None if it names none. `secure` is True for `https=1`, False for `https=0`.
    """

    form: Form | None
    request: Request
    secure: bool | None = None
    sort: str = ""
    page: int = 1


def read_path(text: bytes) -> tuple[str, ...] | None:
    """Return the components of a percent-encoded path, or None if no file can have it.

    `+` stays `+`. Empty components and `.` (apt sends it) are dropped; `..` leads nowhere, nor do
    control characters and what is not UTF-8.
    """
    try:
        path = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return None
    components = tuple(part for part in path.split("/") if part not in ("", "."))
    if len(components) > DEEPEST or clean(path) != path or ".." in components:
        return None
    return components


def read_modifiers(query: bytes) -> Modifiers:
    """Read the query string of a file's address; unknown words are ignored.

    `ip`, `country`, `protocol` and the like mean what they mean to `/mirrorlist`.
    """
    request = parse_query(b"%b&redirect&path=" % query)
    assert not isinstance(request, Refusal)  # noqa: S101 -- it has a path
    form, secure, sort, page = None, None, "", 1
    for piece in query.split(b"&"):
        word, _, value = piece.decode("latin-1").partition("=")
        form = form or _WORDS.get(word)
        if word == "https":
            secure = value != "0"
        elif word == "sort":
            sort = value
        elif word == "page" and value.isdecimal() and len(value) < 6:
            page = max(int(value), 1)
    return Modifiers(None if form is Form.REDIRECT else form, request, secure, sort, page)


@lru_cache(1000)
def negotiated(accept: str) -> Form | None:
    """Return the form that an Accept header names, or None if a redirect is as good.

    aria2 and zypper name metalinks beside `*/*`, which browsers and curl do not (RFC 9110,
    12.5.1). A client that takes HTML is a person's, and gets JSON only by asking for it.
    """
    liked = dict(filter(None, map(_media_range, accept.lower().split(","))))
    offered = [(liked[name], form) for name, form in _TYPES.items() if liked.get(name)]
    if "text/html" in liked:
        offered = [(q, form) for q, form in offered if form is not Form.JSON]
    return max(offered, key=lambda offer: offer[0])[1] if offered else None


def _media_range(text: str) -> tuple[str, float] | None:
    """Return a media type and how much it is liked; what is no number counts as 0."""
    name, *parameters = (part.strip() for part in text.split(";"))
    quality = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
    digits = quality.replace(".", "", 1)
    return name, float(quality) if digits.isascii() and digits.isdecimal() else 0.0
