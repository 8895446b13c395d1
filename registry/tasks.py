"""Background tasks of the registry: each calls the service of its name."""

from django.contrib.auth.models import User
from django.utils import timezone

from registry import letters
from registry.models import Invitation
from registry.services import expiry


def expire_check_ins() -> str:
    return expiry.expire_check_ins(now=timezone.now()).sentence


def write_confirmation(user_id: int, email: str) -> None:
    letters.send_confirmation(User.objects.get(pk=user_id), email)


def write_known_address(user_id: int) -> None:
    letters.send_known_address(User.objects.get(pk=user_id))


def write_password_reset(user_id: int) -> None:
    letters.send_password_reset(User.objects.get(pk=user_id))


def write_invitation(invitation_id: int) -> None:
    for row in Invitation.objects.select_related("site", "created_by").filter(pk=invitation_id):
        letters.send_invitation(row)
