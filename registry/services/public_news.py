"""Load what is new for everybody: mirrors that came, went and returned, and new Repositories.

Sentences are made here and not taken from the timeline, which knows more than the public may.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from registry.models import Event, EventKind, Host, Repository

ITEMS = 30
# What happened before is no news, and looking for it would take long.
LATELY = timedelta(days=30)
WENT = "went"
RETURNED = "returned"
_KINDS = {EventKind.SYSTEM_DISABLED: WENT, EventKind.SYSTEM_RECOVERED: RETURNED}


class News(NamedTuple):
    """One entry of a feed; `key` stays the same for the same piece of news."""

    key: str
    title: str
    sentence: str
    at: datetime
    link: str


def mirror_news(*, now: datetime) -> list[News]:
    """Return the newest mirrors in service, and which ones went and returned of late; two queries.

    Hosts that their people switched off or hid are not news to strangers.
    """
    came = (
        Host.objects.listable()
        .order_by("-created_at")
        .values_list("pk", "name", "country__name", "created_at")[:ITEMS]
    )
    news = [
        News(
            key=f"mirror-{pk}",
            title=_("New mirror: %(name)s") % {"name": name},
            sentence=_("%(name)s in %(country)s is in service.")
            % {"name": name, "country": country},
            at=at,
            link=reverse("public:mirror", args=[pk]),
        )
        for pk, name, country, at in came
    ]
    turns = (
        Event.objects.since(now - LATELY)
        .filter(kind__in=list(_KINDS), host__in=Host.objects.crawlable().order_by().values("pk"))
        .order_by("-at", "-id")
        .values_list("pk", "kind", "host", "host__name", "at")[:ITEMS]
    )
    news += [
        _turn(pk, _KINDS[EventKind(kind)], host, name, at) for pk, kind, host, name, at in turns
    ]
    return sorted(news, key=lambda item: item.at, reverse=True)[:ITEMS]


def _turn(pk: int, turn: str, host: int, name: str, at: datetime) -> News:
    titles = {WENT: _("Mirror out of service: %(name)s"), RETURNED: _("Mirror is back: %(name)s")}
    sentences = {
        WENT: _("%(name)s could not be used anymore; clients are sent elsewhere."),
        RETURNED: _("%(name)s works again; clients are sent there."),
    }
    return News(
        key=f"turn-{pk}",
        title=titles[turn] % {"name": name},
        sentence=sentences[turn] % {"name": name},
        at=at,
        link=reverse("public:mirror", args=[host])
        if turn == RETURNED
        else reverse("public:mirrors"),
    )


def repository_news() -> list[News]:
    """Return the newest public Repositories; one query."""
    rows = (
        Repository.objects.publiclisted()
        .order_by("-created_at", "-id")
        .values_list("pk", "prefix", "arch__name", "category__name", "created_at")[:ITEMS]
    )
    return [
        News(
            key=f"repository-{pk}",
            title=f"{prefix} {arch}",
            sentence=_("A new repository in %(category)s: repo=%(prefix)s&arch=%(arch)s")
            % {"category": category, "prefix": prefix, "arch": arch},
            at=at,
            link=f"{reverse('public:mirrors')}?{urlencode({'repo': prefix, 'arch': arch})}",
        )
        for pk, prefix, arch, category, at in rows
    ]
