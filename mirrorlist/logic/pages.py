"""Pieces of the HTML pages that an edge gives: the frame, breadcrumbs, sizes and times.

Knows HTML and escaping: everything that comes from a tree or an owner goes through `text`. The
pages need no script, no inline style and nothing from elsewhere.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from mirrorlist.logic.files import SAFE_IN_PATH

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
Headers = tuple[tuple[str, str], ...]
JSON: Headers = (("Content-Type", "application/json"),)
HTML: Headers = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", _CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
)
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def text(value: str) -> str:
    """Return text as it may stand in HTML, also in an attribute."""
    return escape(value, quote=True)


def link(address: str, label: str) -> str:
    """Return a link; the address is percent-encoded already."""
    return f'<a href="{text(address)}">{text(label)}</a>'


def address_of(path: str, prefix: str) -> str:
    """Return the address of a path on this server."""
    return prefix + quote(path, safe=SAFE_IN_PATH)


def breadcrumbs(path: str, prefix: str, *, last: str) -> str:
    """Return links to everything above a page; the last component is the page itself."""
    components = path.split("/") if path else []
    links = [link(prefix, "Top") if components else '<span aria-current="page">Top</span>']
    for depth, name in enumerate(components[:-1], start=1):
        links.append(link(f"{address_of('/'.join(components[:depth]), prefix)}/", name))
    if components:
        links.append(f'<span aria-current="page">{text(last)}</span>')
    return f'<nav aria-label="Path">{" / ".join(links)}</nav>'


def page(*, title: str, crumbs: str, style: str, main: Iterable[str], footer: str) -> bytes:
    """Return a whole document."""
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(title)}</title>",
            f'<link rel="stylesheet" href="{text(style)}">',
            "</head>",
            "<body>",
            '<a class="skip" href="#main">Skip to the content</a>',
            crumbs,
            '<main id="main">',
            f"<h1>{text(title)}</h1>",
            *main,
            "</main>",
            f"<footer>{footer}</footer>",
            "</body>",
            "</html>",
            "",
        )
    ).encode(errors="replace")


def size_text(size: int) -> str:
    """Return a size for people, in powers of 1024; up to 1023 bytes as they are."""
    if size < 1024:
        return f"{size} B"
    amount, unit = float(size), 0
    while amount >= 1023.95 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}"


def iso_time(at: int) -> str:
    """Return Unix seconds as machines read them; times no calendar knows are the epoch."""
    try:
        return f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00Z"


def time_element(at: int) -> str:
    """Return a time as an element, to the minute."""
    machine = iso_time(at)
    return f'<time datetime="{machine}">{machine[:10]} {machine[11:16]}</time>'
