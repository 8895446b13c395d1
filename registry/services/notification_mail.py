"""Send the letters that are due: choose what goes, claim it, hand it over, note what came of it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from registry.logic.notifications.quiet import (
    LetterPlan,
    Line,
    QuietPolicy,
    SentLetter,
    plan_letter,
)
from registry.logic.notifications.retrying import DeliveryPolicy
from registry.logic.notifications.topics import Topic
from registry.mail import Mailer, MailError
from registry.models import Notification
from registry.models.notifications import DIGEST
from registry.services.notification_claims import claim, hold, mark_failed, mark_sent
from registry.services.notification_letters import build_mail

# One run hands over at most so many letters; the next run, a minute later, takes the rest.
LETTERS_PER_RUN = 500
# A slow mail server must not keep a run until its worker is killed (Q_CLUSTER's timeout).
RUN_FOR = timedelta(minutes=4)
# A letter that nobody reads to its end.
LINES_PER_LETTER = 500
DAY = timedelta(days=1)


@dataclass
class MailTally:
    """What became of letters in one run, and messages that were held back."""

    sent: int = 0
    failed: int = 0
    held: int = 0


def quiet_policy() -> QuietPolicy:
    """Return what the settings say about too many letters."""
    return QuietPolicy(
        gather=settings.NOTIFY_GATHER,
        spacing=settings.NOTIFY_SPACING,
        letters_per_host=settings.NOTIFY_LETTERS_PER_HOST,
    )


def mail_is_configured() -> bool:
    """Tell whether there is a mail server to send letters to."""
    return not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")


def send_letters(
    *,
    clock: Callable[[], datetime],
    rng: Random,
    quiet: QuietPolicy | None = None,
    policy: DeliveryPolicy = DeliveryPolicy(),  # noqa: B008 -- a named tuple does not change
) -> MailTally:
    """Send every letter that is due; the run ends early if the mail server cannot be used.

    Must not run inside a transaction.
    """
    quiet, tally = quiet or quiet_policy(), MailTally()
    if not mail_is_configured():
        return tally
    begun = clock()
    with Mailer() as mailer:
        for recipient, bundle in mailboxes(now=begun):
            if clock() - begun > RUN_FOR:
                break
            plan = plan_mailbox(recipient, bundle, now=clock(), quiet=quiet)
            _hold(plan)
            tally.held += len(plan.held)
            rows = claim(plan.send, now=clock()) if plan.send else []
            if rows and not _send(mailer, rows, tally, clock=clock, rng=rng, policy=policy):
                break
    return tally


def mailboxes(*, now: datetime) -> list[tuple[str, str]]:
    """Return recipient and bundle of every letter that may be due, the longest waiting first."""
    rows = Notification.objects.due(at=now).filter(channel=Notification.Channel.EMAIL)
    waiting = rows.order_by("due_at", "id").values_list("recipient", "bundle")
    return list(dict.fromkeys(waiting.iterator()))[:LETTERS_PER_RUN]


def plan_mailbox(recipient: str, bundle: str, *, now: datetime, quiet: QuietPolicy) -> LetterPlan:
    """Return what of a recipient's messages goes now; what would be due soon joins it."""
    soon = now if bundle else now + quiet.gather
    waiting = Notification.objects.due(at=soon).filter(
        channel=Notification.Channel.EMAIL, recipient=recipient, bundle=bundle
    )
    lines = [
        Line(pk, Topic(topic), host, due_at)
        for pk, topic, host, due_at in waiting.order_by("id").values_list(
            "pk", "topic", "event__host", "due_at"
        )[:LINES_PER_LETTER]
    ]
    sent = [] if bundle else _sent_lately(recipient, now=now)
    return plan_letter(lines, sent, digest=bundle == DIGEST, now=now, policy=quiet)


def _sent_lately(recipient: str, *, now: datetime) -> list[SentLetter]:
    rows = Notification.objects.filter(
        channel=Notification.Channel.EMAIL,
        recipient=recipient,
        bundle="",
        state=Notification.State.SENT,
        sent_at__gt=now - DAY,
    )
    letters: dict[datetime, set[int]] = defaultdict(set)
    for sent_at, host in rows.values_list("sent_at", "event__host"):
        if sent_at is not None:
            letters[sent_at] |= {host} if host else set()
    return [SentLetter(at, frozenset(hosts)) for at, hosts in letters.items()]


def _hold(plan: LetterPlan) -> None:
    """Write down what is held back; one query for each reason."""
    same: dict[tuple[datetime | None, str], list[int]] = defaultdict(list)
    for each in plan.held:
        same[each.until, each.sentence].append(each.id)
    for (until, sentence), ids in same.items():
        hold(ids, until=until, reason=sentence)


def _send(
    mailer: Mailer,
    rows: Sequence[Notification],
    tally: MailTally,
    *,
    clock: Callable[[], datetime],
    rng: Random,
    policy: DeliveryPolicy,
) -> bool:
    """Hand one letter over; return whether it makes sense to go on."""
    try:
        mailer.send(build_mail(rows))
    except MailError as error:
        tally.failed += 1
        mark_failed(
            rows, str(error), permanent=error.permanent, now=clock(), policy=policy, rng=rng
        )
        return error.about_letter
    tally.sent += 1
    mark_sent(rows, reason="The mail server took the letter.", now=clock())
    return True
