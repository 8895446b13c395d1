"""Background tasks of the registry: each calls the service of its name."""

from django.utils import timezone

from registry.services import expiry


def expire_check_ins() -> str:
    return expiry.expire_check_ins(now=timezone.now()).sentence
