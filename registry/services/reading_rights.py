"""Let the people of one Site read the private URLs of another, with an Event for both Sites.

What the right is worth is said in `HostCategoryUrl.objects.readable_by`.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from registry.models import EventKind, Site, SiteToSite
from registry.services.events import record_event


class ReadingRightError(ValueError):
    """The right cannot be given; the sentence says why and what to do."""


@transaction.atomic
def grant_reading(site: Site, name: str, *, actor: User, now: datetime) -> SiteToSite:
    """Let the Site of exactly this name read; raise ReadingRightError if that is not possible.

    A Site that is not active is answered like one that does not exist, since names of Sites that
    wait for approval are nobody else's business.
    """
    wanted = name.strip()
    downstream = None if "\0" in wanted else Site.objects.active().filter(name=wanted).first()
    if downstream is None:
        raise ReadingRightError(
            "There is no active Site of exactly this name. Ask its people how it is written."
        )
    if downstream == site:
        raise ReadingRightError("A Site reads its own URLs anyway; name another one.")
    right, new = SiteToSite.objects.get_or_create(upstream=site, downstream=downstream)
    if not new:
        raise ReadingRightError(f"“{downstream}” may read already.")
    _record(
        right, f"“{downstream}” may read the private URLs of “{site}” now.", actor=actor, now=now
    )
    return right


@transaction.atomic
def withdraw_reading(right: SiteToSite, *, actor: User, now: datetime) -> None:
    """End a right at once; what was read before cannot be unread."""
    sentence = f"“{right.downstream}” may no longer read the private URLs of “{right.upstream}”."
    _record(right, sentence, actor=actor, now=now)
    right.delete()


def _record(right: SiteToSite, sentence: str, *, actor: User, now: datetime) -> None:
    for site in (right.upstream, right.downstream):
        record_event(site, EventKind.CHANGED, sentence, now=now, actor=actor)
