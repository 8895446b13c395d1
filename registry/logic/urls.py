"""Base URLs of mirrors: their canonical form and what is wrong with those that cannot be used.

Deliberately makes no request and resolves no name; whether a URL works is the crawler's question.
"""

from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from registry.logic.host_names import normalize_host_name

SCHEMES = ("https", "http", "rsync", "ftp")
PORTS = {"https": 443, "http": 80, "rsync": 873, "ftp": 21}
PAGE_SCHEMES = ("https", "http")
LONGEST = 2000
# What a path may contain as it is (RFC 3986, 3.3), and the percent sign of what is quoted already.
IN_PATHS = "/%:@!$&'()*+,;=~"
# By what a crawl can prove with each: a whole tree at once, digests, sizes.
DEFAULT_PROTOCOLS = "rsync https http ftp"


def normalize_url(text: str) -> str:
    """Return a base URL with scheme and host in lower case and without trailing slashes.

    Names in other scripts become `xn--` labels, the usual port goes, other letters in the path are
    quoted. Raises ValueError with a sentence for the person who typed it.
    """
    parts = _split(text, SCHEMES)
    if parts.query or parts.fragment:
        raise ValueError("A base URL has no ? or # part.")
    if any(part in {".", ".."} for part in parts.path.split("/")):
        raise ValueError("Leave out the . and .. in the path.")
    path = quote(parts.path.rstrip("/"), safe=IN_PATHS)
    return urlunsplit((parts.scheme.lower(), _netloc(parts), path, "", ""))


def normalize_page(text: str) -> str:
    """Return the address of a web page as it is linked; the empty text stays empty.

    Raises ValueError with a sentence for anything but http and https.
    """
    if not text.strip():
        return ""
    parts = _split(text, PAGE_SCHEMES)
    safe = IN_PATHS + "?"
    return urlunsplit(
        (
            parts.scheme.lower(),
            _netloc(parts),
            quote(parts.path, safe=IN_PATHS),
            quote(parts.query, safe=safe),
            quote(parts.fragment, safe=safe),
        )
    )


def _split(text: str, schemes: tuple[str, ...]) -> SplitResult:
    """Take an address apart; raise ValueError if it is none, or shows a password to everybody."""
    text = text.strip()
    if not text.isprintable() or " " in text:
        raise ValueError("A URL cannot contain blanks or control characters.")
    if len(text) > LONGEST:
        raise ValueError(f"This is too long for a URL: {len(text):,} characters.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"“{text}” is not a URL.") from None
    if parts.scheme.lower() not in schemes:
        raise ValueError(
            f"“{text}” must begin with one of {', '.join(f'{s}://' for s in schemes)}."
        )
    if not parts.hostname:
        raise ValueError(f"“{text}” names no host.")
    if port == 0 or "\\" in parts.netloc:
        raise ValueError(f"“{text}” is not a URL.")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "A URL must not contain a user name or password; it is shown to everybody."
        )
    return parts


def _netloc(parts: SplitResult) -> str:
    name = normalize_host_name(parts.hostname or "")
    host = f"[{name}]" if ":" in name else name
    usual = PORTS.get(parts.scheme.lower())
    return host if parts.port in {None, usual} else f"{host}:{parts.port}"


def parse_protocols(text: str) -> tuple[str, ...]:
    """Return protocols in order of preference, written with blanks or commas between them.

    Raises ValueError with a sentence for the person who typed them.
    """
    found = tuple(text.replace(",", " ").lower().split())
    unknown = next((name for name in found if name not in SCHEMES), None)
    if unknown is not None:
        raise ValueError(f"“{unknown}” is not one of {', '.join(SCHEMES)}.")
    if not found:
        raise ValueError(f"Name at least one of {', '.join(SCHEMES)}.")
    return tuple(dict.fromkeys(found))
