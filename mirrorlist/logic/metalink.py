"""The XML form of an answer: metalink 3.0 as MirrorManager writes it, and its failure document.

Knows the document byte for byte. Chooses nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from mirrorlist.logic.offers import PATH, PREFERENCE
from mirrorlist.logic.query import clean
from mirrorlist.logic.snapshot import FileDetail

_HASHES = ("md5", "sha1", "sha256", "sha512")
_PREFERENCES = tuple(b"%d" % number for number in range(100, 0, -1))
_END = b"   </resources>\n  </file>\n </files>\n</metalink>\n"


def render_head(now: float) -> bytes:
    """Return the first two lines of every document; `now` is in Unix seconds."""
    date = format_datetime(datetime.fromtimestamp(int(now), tz=UTC), usegmt=True)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<metalink version="3.0" xmlns="http://www.metalinker.org/" type="dynamic" '
        f'pubdate="{date}" generator="mirrormanager" '
        'xmlns:mm0="http://fedorahosted.org/mirrormanager">\n'
    ).encode()


def render_file(filename: str, details: Sequence[FileDetail]) -> bytes:
    """Return what clients verify: the current state of a file, and the others as alternates."""
    name = quoteattr(clean(filename)).encode()
    alternates = b"".join(
        b"    <mm0:alternate>\n%b    </mm0:alternate>\n" % _state(detail, 6)
        for detail in details[1:]
    )
    if alternates:
        alternates = b"   <mm0:alternates>\n%b   </mm0:alternates>\n" % alternates
    return b' <files>\n  <file name=%b>\n%b%b   <resources maxconnections="1">\n' % (
        name,
        _state(details[0], 3),
        alternates,
    )


def render_metalink(
    head: bytes, file: bytes, pieces: Sequence[Sequence[bytes]], path: bytes
) -> bytes:
    """Return the document; preference falls by one with each Host, from 100 down to 1.

    Each Host's `pieces` are what stands between its preferences.
    """
    preferences = _PREFERENCES
    if len(pieces) > len(preferences):
        preferences += _PREFERENCES[-1:] * (len(pieces) - len(preferences))
    elements = b"".join(map(bytes.join, preferences, pieces))
    return b"".join((head, file, elements.replace(PATH, path), _END))


def render_url(url: str) -> bytes:
    """Return one `url` element for a server that is no Host, the master's for example."""
    protocol = url.partition(":")[0]
    return (
        f'    <url protocol="{protocol}" type="{protocol}" preference="'.encode()
        + PREFERENCE
        + f'">{escape(url)}'.encode()
        + PATH
        + b"</url>\n"
    )


def render_failure(head: bytes, message: str) -> bytes:
    """Return the document that says why there is no metalink, in a comment.

    A run of hyphens may neither stand in a comment nor end it.
    """
    lines = "\n".join(map(clean, message.split("\n")))
    while "--" in lines:
        lines = lines.replace("--", "- -")
    return b"%b<!-- %b\n-->\n</metalink>\n" % (head, lines.encode())


def escape_path(path: bytes) -> bytes:
    """Return the end of every URL as it stands in XML."""
    return escape(path.decode()).encode()


def _state(detail: FileDetail, indent: int) -> bytes:
    """Return timestamp, size and digests of one state; what is unknown is left out."""
    blank = " " * indent
    lines = []
    if detail.timestamp:
        lines.append(f"{blank}<mm0:timestamp>{detail.timestamp}</mm0:timestamp>\n")
    if detail.size:
        lines.append(f"{blank}<size>{detail.size}</size>\n")
    lines.append(f"{blank}<verification>\n")
    lines += [
        f'{blank} <hash type="{name}">{digest}</hash>\n'
        for name in _HASHES
        if (digest := getattr(detail, name))
    ]
    lines.append(f"{blank}</verification>\n")
    return "".join(lines).encode()
