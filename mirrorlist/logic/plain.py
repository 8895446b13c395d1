"""The plain-text forms of an answer: mirrorlist, redirect, and the list of Repositories.

Knows bytes and line ends (LF only: librepo takes a CR for a part of the URL). Chooses nothing.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from mirrorlist.logic.offers import PATH
from mirrorlist.logic.query import clean

_UNSAFE = re.compile(rb"[^!-~]")

# Everything printable stays as the owner wrote it; blanks, controls and non-ASCII do not fit into
# a header.
SAFE_IN_LOCATION = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"


def render_mirrorlist(header: bytes, texts: Sequence[bytes], path: bytes) -> bytes:
    """Return the header line and one URL a line; `path` is what all URLs end in.

    Without any Host the header line stands alone.
    """
    if not texts:
        return header + b"\n"
    tail = path + b"\n"
    lines = tail.join((*texts, b""))
    if PATH in lines:
        lines = lines.replace(PATH, tail)
    return b"%b\n%b" % (header, lines)


def render_location(text: bytes, path: bytes) -> str:
    """Return the URL of a redirect as it may stand in a header."""
    url = text + path
    return quote(url, safe=SAFE_IN_LOCATION) if _UNSAFE.search(url) else url.decode()


def render_path(below: str, filename: str) -> bytes:
    """Return the end of every URL: the path below the base URL, and the file or a slash.

    Nothing is escaped, as clients are used to, except control characters, which would break the
    line or the document.
    """
    path = f"/{below}/{filename}" if below else f"/{filename}"
    if clean(path) == path:
        return path.encode()
    return "".join(c if clean(c) == c else quote(c) for c in path).encode()


def render_repositories(repositories: Iterable[tuple[str, str]]) -> str:
    """Return the list that follows a question for an unknown Repository, sorted bytewise."""
    keys = sorted(repositories, key=lambda repository: "+".join(repository).encode())
    return "".join(f"# repo={prefix}&arch={arch}\n" for prefix, arch in keys)
