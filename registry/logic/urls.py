"""Base URLs of mirrors: their canonical form and what is wrong with those that cannot be used.

Deliberately makes no request and resolves no name; whether a URL works is the crawler's question.
"""

from urllib.parse import urlsplit, urlunsplit

SCHEMES = ("https", "http", "rsync", "ftp")
# By what a crawl can prove with each: a whole tree at once, digests, sizes.
DEFAULT_PROTOCOLS = "rsync https http ftp"


def normalize_url(text: str) -> str:
    """Return a base URL with scheme and host in lower case and without trailing slashes.

    Raises ValueError with a sentence for the person who typed it.
    """
    text = text.strip()
    if any(character.isspace() or ord(character) < 32 for character in text):
        raise ValueError("A URL cannot contain blanks or control characters.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"“{text}” is not a URL.") from None
    if parts.scheme.lower() not in SCHEMES:
        raise ValueError(
            f"“{text}” must begin with one of {', '.join(f'{s}://' for s in SCHEMES)}."
        )
    if not parts.hostname:
        raise ValueError(f"“{text}” names no host.")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "A URL must not contain a user name or password; it is shown to everybody."
        )
    if parts.query or parts.fragment:
        raise ValueError("A base URL has no ? or # part.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, parts.path.rstrip("/"), "", ""))


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
