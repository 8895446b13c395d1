"""Background tasks of the registry: each calls the service of its name."""

from random import Random

from django.contrib.auth.models import User
from django.utils import timezone

from registry import letters
from registry.models import HostNetblockSource, Invitation
from registry.services import cloud_ranges, expiry, notification_delivery


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


def update_cloud_ranges() -> str:
    policy, now = cloud_ranges.ranges_policy(), timezone.now()
    sources = HostNetblockSource.objects.all()
    outcomes = cloud_ranges.update_sources(sources, now=now, policy=policy)
    return "\n".join(each.sentence for each in outcomes) or "No Host has a list of ranges."


def send_notifications() -> str:
    rng = Random()  # noqa: S311 -- spreads attempts over time, keeps no secret
    return notification_delivery.send_notifications(clock=timezone.now, rng=rng).sentence
