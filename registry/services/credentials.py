"""Issue, check and revoke what Hosts prove themselves with: a password per Site, tokens per Host.

Secrets are drawn here, returned once and stored as hashes only. Deliberately does not know who may
ask for one; edges do.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from registry.logic.tokens import PREFIX_LENGTH, build_token, hash_token, is_token, prefix_of
from registry.models import EventKind, Host, HostToken, Site
from registry.services.events import record_event

PASSWORD_BYTES = 20
TOKEN_BYTES = 32
# Often enough to see that a token is in use, seldom enough to cost nothing.
LAST_USE_EVERY = timedelta(hours=1)
# Enough for one to follow on another; a list that people can read.
TOKENS_PER_HOST = 20


class TooManyTokensError(ValueError):
    """The Host has as many tokens as it may; one must be revoked first."""


@dataclass(frozen=True)
class IssuedToken:
    """A new token: its row, and the text that nobody sees again."""

    row: HostToken
    text: str


def set_check_in_password(site: Site, *, now: datetime, actor: User | None = None) -> str:
    """Give a Site a new check-in password and return it, once; the old one ends at once."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with transaction.atomic():
        site.password = hash_check_in_password(password)
        site.save(update_fields=["password"])
        record_event(
            site,
            EventKind.CREDENTIAL_ISSUED,
            f"“{site}” got a new check-in password; the old one no longer works.",
            now=now,
            actor=actor,
        )
    return password


def hash_check_in_password(password: str) -> str:
    """Return what is stored of a password, for example of one that another system kept in clear.

    An empty password has no hash: nobody can check in with it.
    """
    return make_password(password) if password else ""


def issue_host_token(host: Host, *, now: datetime, actor: User | None = None) -> IssuedToken:
    """Give a Host one more token for checking in; older ones stay valid until revoked.

    Raises TooManyTokensError if it has `TOKENS_PER_HOST` that work.
    """
    if host.tokens.filter(revoked_at=None).count() >= TOKENS_PER_HOST:
        raise TooManyTokensError(
            f"“{host}” has {TOKENS_PER_HOST} tokens that work; revoke one that is not in use."
        )
    prefix = secrets.token_hex(PREFIX_LENGTH // 2)
    text = build_token(prefix, secrets.token_urlsafe(TOKEN_BYTES))
    with transaction.atomic():
        row = HostToken.objects.create(
            host=host,
            prefix=prefix,
            token_hash=hash_token(text),
            scopes=[HostToken.Scope.CHECK_IN],
            created_at=now,
            created_by=actor,
        )
        record_event(
            host,
            EventKind.CREDENTIAL_ISSUED,
            f"“{host}” got a token, {prefix}…, to check in with.",
            now=now,
            actor=actor,
        )
    return IssuedToken(row, text)


def revoke_host_tokens(
    host: Host, *, now: datetime, actor: User | None = None, prefix: str = ""
) -> int:
    """End the tokens of a Host, or the one with this prefix; return how many worked until now."""
    rows = host.tokens.filter(revoked_at=None)
    if prefix:
        rows = rows.filter(prefix=prefix)
    with transaction.atomic():
        count = rows.update(revoked_at=now)
        if count:
            record_event(
                host,
                EventKind.CREDENTIAL_REVOKED,
                f"{count} token(s) of “{host}” were revoked.",
                now=now,
                actor=actor,
            )
    return count


def authenticate_token(text: str, *, scope: HostToken.Scope, now: datetime) -> HostToken | None:
    """Return the token a request came with, or None if it is none that may do this now."""
    prefix = prefix_of(text)
    if prefix is None or not prefix.isalnum():
        return None
    row = HostToken.objects.select_related("host__site").filter(prefix=prefix).first()
    if row is None or not is_token(text, row.token_hash):
        return None
    if row.revoked_at is not None or scope not in row.scopes:
        return None
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_EVERY)
    HostToken.objects.filter(long_ago, pk=row.pk).update(last_used_at=now)
    return row
