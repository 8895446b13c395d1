"""Take a check-in as it comes from the wire: who is it, may it, what is it answered.

One path for all protocols: whoever knows the Host calls `accept_report`. Deliberately knows no
HTTP; the texts are those of registry.logic.check_in_texts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from registry.logic.check_in_payload import Payload, PayloadError, PayloadPolicy, read_payload
from registry.logic.check_in_request import Encoding, read_request
from registry.logic.check_in_texts import Counts, Refusal, accepted_text, refusal_text
from registry.logic.throttle import ThrottlePolicy, ThrottleReason
from registry.models import Event, EventKind, Host, Site
from registry.services.carriage import ConcurrentChangeError
from registry.services.check_ins import CheckInOutcome, Origin, record_check_in
from registry.services.passwords import guesses_for_site, judge_password, load_guesses

XMLRPC = "XML-RPC"
JSON = "JSON"
LIMITED = {ThrottleReason.NETWORK_LIMITED, ThrottleReason.SITE_LIMITED}


@dataclass(frozen=True)
class Reporter:
    """Who a report is from. The numbers are of the last hour."""

    site: Site | None
    host: Host | None = None
    guesses: int = 0
    check_ins: int = 0


@dataclass(frozen=True)
class Report:
    """What a known Host reports, whatever the protocol."""

    categories: Mapping[str, Collection[str]]
    origin: Origin
    user_active: bool | None = None
    dry_run: bool = False


def check_in_by_xmlrpc(
    parameter: str,
    *,
    address: str,
    now: datetime,
    payloads: PayloadPolicy,
    throttle: ThrottlePolicy,
) -> str:
    """Take the parameter of `checkin`; return the text that its client prints.

    A network that has guessed too much is refused before anything of its report is read.
    """
    guesses = load_guesses(address, policy=throttle, now=now)
    if guesses.exhausted(throttle):
        return refusal_text(Refusal.TOO_MANY_GUESSES)
    try:
        payload = read_payload(parameter, policy=payloads)
    except PayloadError as error:
        return error.text
    reporter = find_reporter(payload.site, payload.host, policy=throttle, now=now)
    right, verdict = judge_password(
        reporter.site,
        payload.site,
        payload.password,
        guesses,
        guessed_for_site=reporter.guesses,
        policy=throttle,
        now=now,
    )
    if not right:
        limited = verdict in LIMITED
        return refusal_text(Refusal.TOO_MANY_GUESSES if limited else Refusal.WRONG_PASSWORD)
    if reporter.host is None:
        return refusal_text(Refusal.UNKNOWN_HOST)
    report = _report(payload, parameter, address=address)
    result = accept_report(
        reporter.host, report, check_ins=reporter.check_ins, policy=throttle, now=now
    )
    return refusal_text(result) if isinstance(result, Refusal) else accepted_text(_counts(result))


def check_in_by_json(
    host: Host,
    body: bytes,
    *,
    encoding: Encoding,
    address: str,
    now: datetime,
    payloads: PayloadPolicy,
    throttle: ThrottlePolicy,
    dry_run: bool = False,
) -> tuple[CheckInOutcome | Refusal, bool]:
    """Take a JSON report of a Host that proved who it is; also return whether it was a dry run.

    Raises registry.logic.check_in_request.RequestError for a body that cannot be read.
    """
    request = read_request(body, encoding=encoding, policy=payloads)
    report = Report(
        request.categories,
        Origin(JSON, address, len(body), sha256(body).hexdigest()),
        request.user_active,
        request.dry_run or dry_run,
    )
    recent = recent_check_ins(host, policy=throttle, now=now)
    result = accept_report(host, report, check_ins=recent, policy=throttle, now=now)
    return result, report.dry_run


def accept_report(
    host: Host, report: Report, *, check_ins: int, policy: ThrottlePolicy, now: datetime
) -> CheckInOutcome | Refusal:
    """Take over what a Host reports, if it may; `check_ins` is how often it did within the hour."""
    if not host.counts_as_private:
        return Refusal.NOT_PRIVATE
    if check_ins >= policy.check_ins_per_host:
        return Refusal.TOO_OFTEN
    try:
        return record_check_in(
            host,
            report.categories,
            now=now,
            origin=report.origin,
            user_active=report.user_active,
            dry_run=report.dry_run,
        )
    except ConcurrentChangeError:
        return Refusal.BUSY


def find_reporter(site: str, host: str, *, policy: ThrottlePolicy, now: datetime) -> Reporter:
    """Return the Site and the Host of these exact names, as far as they exist.

    One query in the usual case. Names that no database can hold belong to nobody.
    """
    if not (_is_storable(site) and _is_storable(host)):
        return Reporter(None)
    guesses = guesses_for_site("site", policy=policy, now=now)
    row: Any = (  # Any: with the annotations
        Host.objects.filter(site__name=site, name=host)
        .select_related("site")
        .annotate(guesses=guesses, check_ins=_recent_check_ins(policy, now=now))
        .first()
    )
    if row is not None:
        return Reporter(row.site, row, row.guesses, row.check_ins)
    guesses = guesses_for_site("pk", policy=policy, now=now)
    alone: Any = Site.objects.annotate(guesses=guesses).filter(name=site).first()
    return Reporter(alone, guesses=alone.guesses) if alone is not None else Reporter(None)


def recent_check_ins(host: Host, *, policy: ThrottlePolicy, now: datetime) -> int:
    """Count how often a Host checked in lately, with or without effect."""
    counted = Host.objects.annotate(check_ins=_recent_check_ins(policy, now=now))
    count: int = counted.values_list("check_ins", flat=True).get(pk=host.pk)
    return count


def _recent_check_ins(policy: ThrottlePolicy, *, now: datetime) -> Coalesce:
    rows = Event.objects.since(now - policy.window).filter(
        host=OuterRef("pk"), kind__in=[EventKind.CHECKED_IN, EventKind.CHECK_IN_IGNORED]
    )
    count = rows.order_by().values("host").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0)


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _report(payload: Payload, parameter: str, *, address: str) -> Report:
    """Return what counts of a payload; of two sections with one name, the first."""
    categories: dict[str, Collection[str]] = {}
    ignored: dict[str, str] = {}
    for section in payload.sections:
        if section.ignored:
            ignored[section.name] = section.ignored
        elif section.name not in categories:
            categories[section.name] = section.directories
    raw = parameter.encode("utf-8", "replace")
    origin = Origin(XMLRPC, address, len(raw), sha256(raw).hexdigest(), ignored)
    return Report(categories, origin, payload.user_active)


def _counts(outcome: CheckInOutcome) -> list[Counts]:
    return [
        Counts(one.match.name, one.kept, one.added, one.removed)
        for one in outcome.categories
        if one.match.applied
    ]
