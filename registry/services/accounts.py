"""Accounts of people: registering, confirming an address, and coming from a provider.

Roles are decided by `registry.logic.roles`. Sends no letters itself: tasks do, after the
transaction, and links in them are signed and not stored.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import Group, User
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from registry.logic.roles import Role, RoleDecision, RolePolicy, groups_in, name_in, role_of
from registry.models import OidcIdentity
from registry.querysets import REVIEWERS

CONFIRM_WITHIN = timedelta(days=3)
_SALT = "registry.accounts.confirm"


class AccountError(ValueError):
    """Something about an account cannot be done; the text says why and what to do."""


class ProviderPolicy(NamedTuple):
    """How accounts of a provider become accounts here."""

    issuer: str
    name_claims: Collection[str] = ("preferred_username", "nickname")
    groups_claim: str = "groups"
    roles: RolePolicy = RolePolicy()


def register(username: str, email: str, password: str) -> User | None:
    """Create an account that sleeps until its address is confirmed.

    Returns None if the address has an account already: whoever registers must not learn that, the
    owner of the address is told by letter. Raises AccountError if the user name is taken.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise AccountError(f"The user name “{username}” is taken. Choose another one.")
    if owner_of(email) is not None:
        return None
    try:
        return User.objects.create_user(username, email, password, is_active=False)
    except IntegrityError as error:
        raise AccountError(f"The user name “{username}” is taken. Choose another one.") from error


def owner_of(email: str) -> User | None:
    """Return the account of an address, without regard to case; None if there is none or several.

    Several share an address only after an import; none of them may be taken for the other.
    """
    found = list(User.objects.filter(email__iexact=email)[:2]) if email else []
    return found[0] if len(found) == 1 else None


def confirmation_of(user: User, email: str) -> str:
    """Return what a letter's link carries to prove that an address can be read.

    It works for `CONFIRM_WITHIN`, and once: it names the address that the account has now.
    """
    return signing.dumps([user.pk, user.email, email, user.is_active], salt=_SALT)


def confirm_email(text: str) -> User:
    """Wake an account, or give it its new address; return it.

    Raises AccountError if the link is damaged, too old or was used already.
    """
    try:
        pk, before, email, was_active = signing.loads(text, salt=_SALT, max_age=CONFIRM_WITHIN)
    except signing.SignatureExpired as error:
        raise AccountError("This link is too old. Ask for a new one.") from error
    except (signing.BadSignature, ValueError) as error:
        raise AccountError("This link is damaged. Copy all of it from the letter.") from error
    with transaction.atomic():
        rows = User.objects.filter(pk=pk, email=before, is_active=was_active)
        if User.objects.filter(email__iexact=email).exclude(pk=pk).exists():
            raise AccountError("Another account has this address by now.")
        if (was_active and before == email) or not rows.update(is_active=True, email=email):
            raise AccountError("This link was used already. Sign in.")
    return User.objects.get(pk=pk)


def sign_in_from_provider(
    claims: Mapping[str, Any], *, policy: ProviderPolicy, now: datetime
) -> User:
    """Return the account of somebody whom a provider vouches for, with the role of their groups.

    The subject decides, never the address: those are given to others. Raises AccountError if the
    provider named nobody, or the account was switched off here.
    """
    subject = str(claims.get("sub") or "")
    if not subject:
        raise AccountError("The provider named nobody: its answer has no subject.")
    groups = groups_in(claims, policy.groups_claim)
    decision = role_of(groups, policy.roles)
    with transaction.atomic():
        identity = (
            OidcIdentity.objects.select_related("user")
            .filter(issuer=policy.issuer, subject=subject)
            .first()
        )
        user = identity.user if identity else _new_member(claims, policy)
        if not user.is_active:
            raise AccountError("This account was switched off. Ask an operator why.")
        OidcIdentity.objects.update_or_create(
            issuer=policy.issuer,
            subject=subject,
            defaults={
                "user": user,
                "groups": list(groups),
                "reason": decision.sentence,
                "last_seen_at": now,
            },
            create_defaults={
                "user": user,
                "groups": list(groups),
                "reason": decision.sentence,
                "last_seen_at": now,
                "created_at": now,
            },
        )
        _take_over(user, claims)
        if policy.roles != RolePolicy():
            give_role(user, decision)
    return user


def give_role(user: User, decision: RoleDecision) -> None:
    """Make an account what its groups say, taking back what they no longer give."""
    operator = decision.role is Role.OPERATOR
    reviewer = decision.role is Role.REVIEWER
    user.is_staff, user.is_superuser = operator or reviewer, operator
    user.save(update_fields=["is_staff", "is_superuser"])
    group, _ = Group.objects.get_or_create(name=REVIEWERS)
    if reviewer:
        user.groups.add(group)
    else:
        user.groups.remove(group)


def _new_member(claims: Mapping[str, Any], policy: ProviderPolicy) -> User:
    """Return the account to use for somebody new: one that waits for them, or a new one.

    Accounts without a password that nobody else signs in to wait for the person of their user
    name: an import made them, and the provider knows those names.
    """
    name = name_in(claims, policy.name_claims)
    waiting = User.objects.filter(username=name, oidc_identities=None, is_staff=False).first()
    if waiting is not None and not waiting.has_usable_password():
        return waiting
    user = User(username=_free_name(name))
    user.set_unusable_password()
    user.save()
    return user


def _free_name(name: str) -> str:
    taken = set(
        User.objects.annotate(folded=Lower("username"))
        .filter(folded__startswith=name.lower())
        .values_list("folded", flat=True)
    )
    if name.lower() not in taken:
        return name
    return next(
        f"{name}-{n}" for n in range(2, len(taken) + 3) if f"{name}-{n}".lower() not in taken
    )


def _take_over(user: User, claims: Mapping[str, Any]) -> None:
    """Note name and address as the provider has them, unless it says it did not verify them."""
    email = claims.get("email")
    if isinstance(email, str) and claims.get("email_verified") is not False:
        user.email = email[:254]
    for field, claim, longest in (
        ("first_name", "given_name", 150),
        ("last_name", "family_name", 150),
    ):
        if isinstance(value := claims.get(claim), str):
            setattr(user, field, value[:longest])
    user.save(update_fields=["email", "first_name", "last_name"])
