"""What a Host token looks like, and how it is compared. Deliberately draws no random numbers."""

import hmac
from hashlib import sha256

MARK = "mirrorsite"
PREFIX_LENGTH = 12


def build_token(prefix: str, secret: str) -> str:
    """Return the token that its owner keeps. The mark lets secret scanners find a leaked one."""
    return f"{MARK}_{prefix}_{secret}"


def prefix_of(token: str) -> str | None:
    """Return the public part by which a token is found, or None if it is no token."""
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    return prefix if mark == MARK and len(prefix) == PREFIX_LENGTH and secret else None


def hash_token(token: str) -> str:
    """Return what is stored. A fast hash suffices: nobody guesses 256 random bits."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def is_token(token: str, stored: str) -> bool:
    """Compare a token with a stored hash, in time that tells nothing."""
    return hmac.compare_digest(hash_token(token), stored)
