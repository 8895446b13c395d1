"""Issue, check and revoke the tokens with which edges send what they counted.

Secrets are drawn here, returned once and stored as hashes only.
"""

import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from mirrorlist.logic.statistics_batch import EDGE
from mirrorlist.models import EdgeKey
from registry.logic.tokens import PREFIX_LENGTH, build_token, hash_token, is_token, prefix_of

TOKEN_BYTES = 32
LAST_USE_EVERY = timedelta(hours=1)


class EdgeNameError(ValueError):
    """An edge cannot be called so."""


def issue_edge_key(edge: str, *, now: datetime) -> str:
    """Give an edge one more token and return it, once; older ones stay valid until revoked.

    Raises EdgeNameError for a name that no edge can have.
    """
    if not EDGE.fullmatch(edge):
        raise EdgeNameError(f"An edge's name is letters, digits, dots and hyphens, not “{edge}”.")
    prefix = secrets.token_hex(PREFIX_LENGTH // 2)
    text = build_token(prefix, secrets.token_urlsafe(TOKEN_BYTES))
    EdgeKey.objects.create(edge=edge, prefix=prefix, token_hash=hash_token(text), created_at=now)
    return text


def revoke_edge_keys(edge: str, *, now: datetime, prefix: str = "") -> int:
    """End the tokens of an edge, or the one with this prefix; return how many worked until now."""
    rows = EdgeKey.objects.filter(edge=edge, revoked_at=None)
    return (rows.filter(prefix=prefix) if prefix else rows).update(revoked_at=now)


def authenticate_edge(text: str, *, now: datetime) -> EdgeKey | None:
    """Return the key a request came with, or None if it is none that works."""
    prefix = prefix_of(text)
    if prefix is None or not (prefix.isascii() and prefix.isalnum()):
        return None
    row = EdgeKey.objects.filter(prefix=prefix, revoked_at=None).first()
    if row is None or not is_token(text, row.token_hash):
        return None
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_EVERY)
    EdgeKey.objects.filter(long_ago, pk=row.pk).update(last_used_at=now)
    return row
