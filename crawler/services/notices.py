"""Write down what turned about a Host and let its owners be told; sends nothing itself.

Each turn is one Event and at most one letter to each person, because a turn is noticed once: the
state before it is what the database had. Whoever changes the state of URLs or the system's
verdict calls these functions in the same transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from crawler.logic.health import HostReason, HostVerdict, Turn
from crawler.logic.news import UrlTurn, compose_url_messages
from registry.logic.standing import Standing
from registry.models import Event, EventKind, Host, HostCategoryUrl
from registry.services.events import compose_event
from registry.services.notifications import Mailing, queue_mailings
from registry.services.standing import host_standing

# People decided that such a Host serves nobody; they need no letters about it.
UNWANTED = frozenset({Standing.PENDING, Standing.REJECTED, Standing.DISABLED})
URL_KINDS = {
    Turn.FAILED: EventKind.URL_FAILED,
    Turn.RECOVERED: EventKind.URL_RECOVERED,
    Turn.EXPIRING: EventKind.CERTIFICATE_EXPIRING,
}
HOST_KINDS = {Turn.FAILED: EventKind.SYSTEM_DISABLED, Turn.RECOVERED: EventKind.SYSTEM_RECOVERED}


class News(NamedTuple):
    """One Event that is not written yet, the Host it is about, and whether owners are told."""

    event: Event
    host: Host
    told: bool


def is_wanted(host: Host) -> bool:
    """Tell whether people want a Host in service; no query if it was loaded with `NEEDED`."""
    return host_standing(host).standing not in UNWANTED


def news_of_urls(
    host: Host,
    turns: Sequence[UrlTurn],
    *,
    urls: Mapping[str, HostCategoryUrl],
    host_turn: Turn = Turn.NONE,
    now: datetime,
) -> list[News]:
    """Return what is to be noted and told of the URLs of a Host that turned in one visit.

    `urls` are the rows by address. One Event for all that failed, one for all that recovered, one
    for all whose certificates expire.
    """
    news = []
    for message in compose_url_messages(turns, host_turn=host_turn, wanted=is_wanted(host)):
        alone = len(message.urls) == 1
        subject = urls[message.urls[0]] if alone else host
        facts = {} if alone else {"urls": list(message.urls)}
        kind = URL_KINDS[message.turn]
        event = compose_event(subject, kind, message.sentence, now=now, facts=facts)
        news.append(News(event, host, message.told))
    return news


def news_of_host(host: Host, verdict: HostVerdict, *, now: datetime) -> list[News]:
    """Return what is to be noted and told of the system's verdict; nothing unless it turned."""
    if verdict.turn is Turn.NONE:
        return []
    kind, facts = HOST_KINDS[verdict.turn], {"reason": verdict.reason.value}
    event = compose_event(host, kind, verdict.sentence, now=now, facts=facts)
    return [News(event, host, is_wanted(host))]


def publish(news: Sequence[News]) -> None:
    """Write Events and let owners be told of them; at most three queries, whatever the number."""
    if not news:
        return
    Event.objects.bulk_create([each.event for each in news])
    queue_mailings([Mailing(each.event, each.host.site, each.host) for each in news if each.told])


def system_fields(host: Host, verdict: HostVerdict, *, now: datetime) -> dict[str, object]:
    """Return what a verdict changes of the system's own fields of a Host; nothing if it stays.

    An embargo that comes over a Host that is out already replaces the reason without a letter,
    since its state stays the same.
    """
    reason_only = verdict.reason is HostReason.EMBARGOED and host.system_rule != verdict.reason
    if verdict.turn is Turn.NONE and not reason_only:
        return {}
    after: dict[str, object] = {
        "system_active": verdict.active,
        "system_rule": "" if verdict.active else verdict.reason.value,
        "system_reason": "" if verdict.active else verdict.sentence,
    }
    if verdict.turn is not Turn.NONE:
        after["system_changed_at"] = now
    return after


def turn_host(host: Host, verdict: HostVerdict, *, now: datetime) -> bool:
    """Write the system's verdict about a Host and tell its owners if it turned; return whether.

    Only the system's own fields are written, and only if they still are what the verdict was
    based on: of two that decide at once one tells.
    """
    after = system_fields(host, verdict, now=now)
    if not after:
        return False
    unchanged = {"system_active": host.system_active, "system_rule": host.system_rule}
    if not Host.objects.filter(pk=host.pk, **unchanged).update(**after):
        return False
    publish(news_of_host(host, verdict, now=now))
    return verdict.turn is not Turn.NONE
