"""Write down what turned about a Host and let its owners be told; sends nothing itself.

Each turn is one Event and at most one letter to each person, because a turn is noticed once: the
state before it is what the database had. Whoever changes the state of URLs or the system's
verdict calls these functions in the same transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from crawler.logic.health import HostReason, HostVerdict, Turn
from crawler.logic.news import UrlTurn, compose_url_messages
from registry.logic.standing import Standing
from registry.models import EventKind, Host, HostCategoryUrl
from registry.services.events import record_event
from registry.services.notifications import queue_emails
from registry.services.standing import host_standing

# People decided that such a Host serves nobody; they need no letters about it.
UNWANTED = frozenset({Standing.PENDING, Standing.REJECTED, Standing.DISABLED})
URL_KINDS = {Turn.FAILED: EventKind.URL_FAILED, Turn.RECOVERED: EventKind.URL_RECOVERED}
HOST_KINDS = {Turn.FAILED: EventKind.SYSTEM_DISABLED, Turn.RECOVERED: EventKind.SYSTEM_RECOVERED}


def is_wanted(host: Host) -> bool:
    """Tell whether people want a Host in service; no query if it was loaded with `NEEDED`."""
    return host_standing(host).standing not in UNWANTED


def tell_of_urls(
    host: Host,
    turns: Sequence[UrlTurn],
    *,
    urls: Mapping[str, HostCategoryUrl],
    host_turn: Turn = Turn.NONE,
    now: datetime,
) -> None:
    """Note the URLs of a Host that failed or recovered in one visit, and tell the owners.

    `urls` are the rows by address. One Event for all that failed, one for all that recovered.
    """
    messages = compose_url_messages(turns, host_turn=host_turn, wanted=is_wanted(host))
    for message in messages:
        alone = len(message.urls) == 1
        subject = urls[message.urls[0]] if alone else host
        facts = {} if alone else {"urls": list(message.urls)}
        kind = URL_KINDS[message.turn]
        event = record_event(subject, kind, message.sentence, now=now, facts=facts)
        if message.told:
            queue_emails(event, site=host.site, host=host)


def turn_host(host: Host, verdict: HostVerdict, *, now: datetime) -> bool:
    """Write the system's verdict about a Host and tell its owners if it turned; return whether.

    Only the system's own fields are written, and only if they still are what the verdict was
    based on: of two that decide at once one tells. An embargo that comes over a Host that is out
    already replaces the reason without a letter, since its state stays the same.
    """
    reason_only = verdict.reason is HostReason.EMBARGOED and host.system_rule != verdict.reason
    if verdict.turn is Turn.NONE and not reason_only:
        return False
    wanted = is_wanted(host)
    after: dict[str, object] = {
        "system_active": verdict.active,
        "system_rule": "" if verdict.active else verdict.reason.value,
        "system_reason": "" if verdict.active else verdict.sentence,
    }
    if verdict.turn is not Turn.NONE:
        after["system_changed_at"] = now
    unchanged = {"system_active": host.system_active, "system_rule": host.system_rule}
    if not Host.objects.filter(pk=host.pk, **unchanged).update(**after):
        return False
    if verdict.turn is Turn.NONE:
        return False
    facts = {"reason": verdict.reason.value}
    kind = HOST_KINDS[verdict.turn]
    event = record_event(host, kind, verdict.sentence, now=now, facts=facts)
    if wanted:
        queue_emails(event, site=host.site, host=host)
    return True
