"""Tokens for people's scripts: issue, find, revoke. A token may never do more than its person."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from registry.logic.tokens import PREFIX_LENGTH, build_token, hash_token, is_token, prefix_of
from registry.models import PersonalToken

TOKEN_BYTES = 32
TOKENS_PER_PERSON = 20
LAST_USE_EVERY = timedelta(hours=1)


class TooManyPersonalTokensError(ValueError):
    """Somebody has as many tokens as they may; one must be revoked first."""


@dataclass(frozen=True)
class IssuedPersonalToken:
    """A new token: its row, and the text that nobody sees again."""

    row: PersonalToken
    text: str


def issue_personal_token(
    user: User,
    name: str,
    *,
    scope: PersonalToken.Scope,
    lifetime: timedelta | None,
    now: datetime,
) -> IssuedPersonalToken:
    """Give somebody a token for a script; without a lifetime it works until it is revoked.

    Raises TooManyPersonalTokensError if `TOKENS_PER_PERSON` work already.
    """
    if working_tokens(user, now=now).count() >= TOKENS_PER_PERSON:
        raise TooManyPersonalTokensError(
            f"You have {TOKENS_PER_PERSON} tokens that work. Revoke one that is not in use."
        )
    prefix = secrets.token_hex(PREFIX_LENGTH // 2)
    text = build_token(prefix, secrets.token_urlsafe(TOKEN_BYTES))
    row = PersonalToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        token_hash=hash_token(text),
        scope=scope,
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
    )
    return IssuedPersonalToken(row, text)


def working_tokens(user: User, *, now: datetime) -> QuerySet[PersonalToken]:
    """Return the tokens of somebody that are neither revoked nor expired."""
    return user.personal_tokens.filter(_works(now))


def revoke_personal_token(row: PersonalToken, *, now: datetime) -> None:
    """End a token; revoking twice changes nothing."""
    PersonalToken.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now)


def authenticate_personal_token(text: str, *, now: datetime) -> PersonalToken | None:
    """Return the token that a request came with, or None if it is none that works now."""
    prefix = prefix_of(text)
    if prefix is None or not prefix.isalnum():
        return None
    rows = PersonalToken.objects.select_related("user").filter(_works(now), prefix=prefix)
    row = rows.filter(user__is_active=True).first()
    if row is None or not is_token(text, row.token_hash):
        return None
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_EVERY)
    PersonalToken.objects.filter(long_ago, pk=row.pk).update(last_used_at=now)
    return row


def _works(now: datetime) -> Q:
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
