"""What follows from good and bad visits: for a URL, for a copy, and for the Host as a whole.

Knows the history of failures, embargoes, and when the system steps in. Deliberately never touches
what people decided: the switches of operators and SiteAdmins are not even passed in.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from crawler.logic.fallback import UrlOutcome
from registry.logic.wording import counted


class HealthPolicy(NamedTuple):
    """After how many failed visits in a row a URL counts as gone."""

    disable_after: int = 4


class Standing(StrEnum):
    """What the last visits of a URL found."""

    UNKNOWN = "unknown"
    WORKING = "working"
    FAILING = "failing"


@dataclass(frozen=True)
class UrlHistory:
    """What is remembered of a URL between visits."""

    standing: Standing = Standing.UNKNOWN
    sentence: str = ""
    consecutive_failures: int = 0
    failing_since_at: datetime | None = None
    last_success_at: datetime | None = None
    last_probed_at: datetime | None = None


class Turn(StrEnum):
    """What about a URL or a Host is worth telling its owner."""

    NONE = "none"
    FAILED = "failed"
    RECOVERED = "recovered"
    EXPIRING = "expiring"


class UrlChange(NamedTuple):
    """The history of a URL after a visit, whether it turned, and the sentence for the owner."""

    history: UrlHistory
    turn: Turn
    sentence: str


class HostReason(StrEnum):
    """Why the system keeps a Host in or out of service."""

    NOT_VISITED = "not_visited"
    WORKS = "works"
    FAILING = "failing"
    ALL_URLS_GONE = "all_urls_gone"
    STILL_GONE = "still_gone"
    VOUCHED_FOR = "vouched_for"
    RECOVERED = "recovered"
    EMBARGOED = "embargoed"
    EMBARGO_ENDED = "embargo_ended"


class HostVerdict(NamedTuple):
    """The system's own switch of a Host after a visit, whether it turned, and why."""

    active: bool
    turn: Turn
    reason: HostReason
    sentence: str


def next_history(history: UrlHistory, outcome: UrlOutcome, *, now: datetime) -> UrlChange:
    """Return the history of a URL after a visit; the first failure and the recovery are turns.

    The first visit of all can fail, but it cannot recover anything.
    """
    if outcome.worked:
        after = UrlHistory(Standing.WORKING, outcome.sentence, 0, None, now, now)
        recovered = history.standing is Standing.FAILING
        failures = history.consecutive_failures
        # Without failed visits it was a canary that could not reach it.
        sentence = "It works again."
        if failures:
            sentence = f"It works again after {counted(failures, 'failed visit')}."
        return UrlChange(after, Turn.RECOVERED if recovered else Turn.NONE, sentence)
    after = replace(
        history,
        standing=Standing.FAILING,
        sentence=outcome.sentence,
        consecutive_failures=history.consecutive_failures + 1,
        failing_since_at=history.failing_since_at or now,
        last_probed_at=now,
    )
    first = history.standing is not Standing.FAILING
    return UrlChange(after, Turn.FAILED if first else Turn.NONE, outcome.sentence)


def all_gone(histories: Sequence[UrlHistory], *, policy: HealthPolicy) -> bool:
    """Tell whether there are URLs and each has failed the last N visits.

    Then what they once had is no longer believed: silence alone never makes a copy bad, but
    silence for N visits in a row does.
    """
    return bool(histories) and all(
        history.consecutive_failures >= policy.disable_after for history in histories
    )


def saw_everything(
    copies: Iterable[tuple[Collection[UrlOutcome], Sequence[UrlHistory]]], *, policy: HealthPolicy
) -> bool:
    """Tell whether a visit that left nothing out has looked at every copy that can be seen.

    Each copy comes with how its URLs did and with their histories after the visit. One URL that
    worked is enough, whatever the others did. A copy that is gone needs no look: nothing of it is
    believed, so any visit looks at all of it once it is back. None at all has seen nothing.
    """
    copies = list(copies)
    worked = [any(outcome.worked for outcome in outcomes) for outcomes, _ in copies]
    return any(worked) and all(
        seen or all_gone(histories, policy=policy)
        for seen, (_, histories) in zip(worked, copies, strict=True)
    )


def judge_host(
    histories: Sequence[UrlHistory], *, active: bool, vouched: bool, policy: HealthPolicy
) -> HostVerdict:
    """Decide whether the system has a Host in service, by all URLs that we can visit.

    `active` is the system's verdict so far. `vouched` says that an operator declared one of the
    Host's copies always up2date; then the Host stays or is back, and only its other copies are
    withdrawn.
    One URL that works brings it back. URLs never visited count as neither.
    """
    failing = [h for h in histories if h.standing is Standing.FAILING]
    count = _count(failing, histories)
    if any(history.standing is Standing.WORKING for history in histories):
        if not active:
            return _turn(HostReason.RECOVERED, "It answers again.", active=True)
        return _stay(HostReason.FAILING if failing else HostReason.WORKS, count, active=active)
    if back := judge_vouched(active=active, vouched=vouched):
        return back
    if not failing:
        return _stay(HostReason.NOT_VISITED, "None of its URLs was asked.", active=active)
    if not all_gone(histories, policy=policy):
        return _stay(HostReason.FAILING, count, active=active)
    if vouched:
        sentence = f"{count} It stays in service for what is always up2date."
        return _stay(HostReason.VOUCHED_FOR, sentence, active=active)
    if not active:
        return _stay(HostReason.STILL_GONE, count, active=active)
    return _turn(
        HostReason.ALL_URLS_GONE,
        f"All its URLs failed {policy.disable_after} visits in a row or more, the last time "
        f"because: {histories[0].sentence} It comes back by itself once one of them works.",
        active=False,
    )


def judge_vouched(*, active: bool, vouched: bool) -> HostVerdict | None:
    """Bring back a Host one of whose copies is always up2date now; None if that changes nothing.

    Embargoes decide first.
    """
    if active or not vouched:
        return None
    sentence = "It is back in service for what is always up2date."
    return _turn(HostReason.VOUCHED_FOR, sentence, active=True)


def judge_embargo(
    *, active: bool, rule: str, country: str, embargo: str | None
) -> HostVerdict | None:
    """Decide about a Host by the embargo of its country; None if that decides nothing.

    `rule` is the HostReason for which the system took it out, if it did; `embargo` is the reason
    of the embargo, None without one. While it lasts no visit brings the Host back. When it ends
    the Host is back at once; whether its URLs work is for the next visit to say.
    """
    if embargo is not None:
        why = embargo.rstrip(".")
        sentence = (
            f"{country} is under embargo{f': {why}' if why else ''}. "
            "It comes back by itself when that ends."
        )
        if active:
            return _turn(HostReason.EMBARGOED, sentence, active=False)
        return _stay(HostReason.EMBARGOED, sentence, active=False)
    if rule == HostReason.EMBARGOED and not active:
        return _turn(HostReason.EMBARGO_ENDED, f"The embargo of {country} has ended.", active=True)
    return None


def _stay(reason: HostReason, sentence: str, *, active: bool) -> HostVerdict:
    return HostVerdict(active, Turn.NONE, reason, sentence)


def _turn(reason: HostReason, sentence: str, *, active: bool) -> HostVerdict:
    return HostVerdict(active, Turn.RECOVERED if active else Turn.FAILED, reason, sentence)


def _count(failing: Sequence[UrlHistory], histories: Sequence[UrlHistory]) -> str:
    if not failing:
        return "Its URLs work."
    return f"{len(failing)} of its {len(histories)} URLs failed the last visit."
