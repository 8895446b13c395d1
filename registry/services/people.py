"""Who is SiteAdmin: adding by user name, inviting by e-mail, accepting, removing.

A Site never loses its last SiteAdmin here. Links of invitations are signed, and nothing secret is
stored.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction

from registry.models import EventKind, Invitation, Site, SiteAdmin
from registry.services.events import record_event

INVITED_FOR = timedelta(days=7)
_SALT = "registry.people.invitation"
INVITATIONS_AT_ONCE = 20


class PeopleError(ValueError):
    """SiteAdmins cannot be changed so; the text says why and what to do."""


def add_admin(site: Site, username: str, *, actor: User | None, now: datetime) -> SiteAdmin:
    """Let an existing account edit a Site.

    Raises PeopleError if there is no such account or it is SiteAdmin already.
    """
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    if user is None:
        raise PeopleError(
            f"There is no account “{username.strip()}”. Capitals count. Invite them by e-mail "
            "instead if they have none yet."
        )
    with transaction.atomic():
        row, created = SiteAdmin.objects.get_or_create(site=site, user=user)
        if not created:
            raise PeopleError(f"“{user}” is SiteAdmin of {site} already.")
        _note(site, EventKind.ADMIN_ADDED, f"“{user}” became SiteAdmin.", actor=actor, now=now)
    return row


def invite_admin(site: Site, email: str, *, actor: User | None, now: datetime) -> Invitation:
    """Invite whoever reads an address; a task sends the letter.

    An older open invitation of the same address ends. Raises PeopleError if a SiteAdmin has the
    address, or too many invitations are open.
    """
    if site.admins.filter(user__email__iexact=email).exists():
        raise PeopleError(f"A SiteAdmin of {site} has the address {email} already.")
    with transaction.atomic():
        opened = site.invitations.filter(accepted_at=None)
        opened.filter(email__iexact=email).delete()
        if opened.filter(expires_at__gt=now).count() >= INVITATIONS_AT_ONCE:
            raise PeopleError(
                f"{INVITATIONS_AT_ONCE} invitations are open. Withdraw one or wait for an answer."
            )
        row = Invitation.objects.create(
            site=site,
            email=email,
            created_at=now,
            created_by=actor,
            expires_at=now + INVITED_FOR,
        )
        _note(site, EventKind.ADMIN_INVITED, f"{email} was invited.", actor=actor, now=now)
    return row


def link_text(row: Invitation) -> str:
    """Return what the link of an invitation carries."""
    return signing.dumps(row.pk, salt=_SALT)


def find_invitation(text: str, *, now: datetime) -> Invitation:
    """Return the open invitation of a link.

    Raises PeopleError, with a sentence, if there is none, it was accepted or it has expired.
    """
    try:
        pk = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise PeopleError("This link is damaged. Copy all of it from the letter.") from error
    row = Invitation.objects.select_related("site", "created_by").filter(pk=pk).first()
    if row is None:
        raise PeopleError("This invitation was withdrawn. Ask for a new one.")
    if row.accepted_at is not None:
        raise PeopleError("This invitation was accepted already; each works once.")
    if row.expires_at <= now:
        raise PeopleError(
            f"This invitation expired on {row.expires_at:%Y-%m-%d}. Ask for a new one."
        )
    return row


def accept_invitation(text: str, *, user: User, now: datetime) -> Site:
    """Make somebody SiteAdmin by the link that they were sent; return the Site.

    Raises PeopleError as `find_invitation` does; two people at once cannot use one link.
    """
    row = find_invitation(text, now=now)
    with transaction.atomic():
        claimed = Invitation.objects.filter(pk=row.pk, accepted_at=None)
        if not claimed.update(accepted_at=now, accepted_by=user):
            raise PeopleError("This invitation was accepted already; each works once.")
        SiteAdmin.objects.get_or_create(site=row.site, user=user)
        sentence = f"“{user}” accepted the invitation of {row.email} and became SiteAdmin."
        _note(row.site, EventKind.ADMIN_ADDED, sentence, actor=user, now=now)
    return row.site


def remove_admin(row: SiteAdmin, *, actor: User | None, now: datetime) -> None:
    """Take somebody's right to edit a Site.

    Raises PeopleError for the last SiteAdmin: nobody but operators could edit the Site then.
    """
    with transaction.atomic():
        # The Site's row is the lock: two SiteAdmins who remove each other at once must not both
        # succeed.
        site = Site.objects.select_for_update().get(pk=row.site_id)
        if not site.admins.exclude(pk=row.pk).exists():
            raise PeopleError(
                f"“{row.user}” is the only SiteAdmin of {site}. Add another one first."
            )
        row.delete()
        _note(
            site,
            EventKind.ADMIN_REMOVED,
            f"“{row.user}” is no longer SiteAdmin.",
            actor=actor,
            now=now,
        )


def withdraw_invitation(row: Invitation, *, actor: User | None, now: datetime) -> None:
    """End an open invitation; the link in the letter no longer works."""
    with transaction.atomic():
        row.delete()
        sentence = f"The invitation of {row.email} was withdrawn."
        _note(row.site, EventKind.ADMIN_REMOVED, sentence, actor=actor, now=now)


def _note(site: Site, kind: EventKind, sentence: str, *, actor: User | None, now: datetime) -> None:
    record_event(site, kind, sentence, now=now, actor=actor)
