"""Letters about accounts: written from templates, sent now. Called by tasks, never by requests.

Other letters tell of Events and go through the outbox; these carry a secret that is not stored.
"""

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from registry.models import Invitation
from registry.services.accounts import confirmation_of
from registry.services.letter_languages import language_for
from registry.services.people import link_text


def send_confirmation(user: User, email: str) -> None:
    """Ask whoever reads an address to confirm it."""
    link = reverse("my:confirm", args=[confirmation_of(user, email)])
    _send(email, "confirm", {"user": user, "link": settings.BASE_URL + link}, user=user)


def send_known_address(user: User) -> None:
    """Tell the owner of an account that somebody tried to register with their address."""
    link = reverse("my:password-reset")
    facts = {"user": user, "link": settings.BASE_URL + link}
    _send(user.email, "known_address", facts, user=user)


def send_password_reset(user: User) -> None:
    """Send the link by which a new password can be chosen; it works once and for a day."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    link = reverse("my:password-choose", args=[uid, default_token_generator.make_token(user)])
    facts = {"user": user, "link": settings.BASE_URL + link}
    _send(user.email, "password_reset", facts, user=user)


def send_invitation(row: Invitation) -> None:
    """Invite somebody to become SiteAdmin.

    Whoever has no account yet is written to in the language of the person who invites them.
    """
    link = reverse("my:invitation", args=[link_text(row)])
    facts = {"invitation": row, "link": settings.BASE_URL + link}
    known = User.objects.filter(email__iexact=row.email, is_active=True).first()
    _send(row.email, "invitation", facts, user=known or row.created_by)


def _send(email: str, name: str, facts: dict[str, object], *, user: User | None) -> None:
    """Render a letter in a person's language; its first line is the subject."""
    code = language_for(user=user.pk) if user else language_for(address=email)
    with translation.override(code):
        text = render_to_string(
            f"registry/letters/{name}.txt", {**facts, "network_name": settings.SITE_NAME}
        )
    subject, _, body = text.partition("\n")
    send_mail(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [email])
