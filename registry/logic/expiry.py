"""How long the last check-in of a private Host is believed.

A Host that says nothing is not stale: quick-fedora-mirror reports a Category only when the master
has changed. So the clock starts with the first change of the master that the Host has not
reported, and stops with its next check-in. Deliberately knows no table and sends nothing.

| silent, though the master changed, for | what happens |
|---|---|
| less than `propagation` | nothing: the Host is copying |
| `propagation` or more | Directories that changed since the last check-in leave the up2date set |
| `warn` or more | as before, and the SiteAdmins are told |
| `expire` or more | the whole up2date set is emptied, and the SiteAdmins are told |
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


@dataclass(frozen=True)
class ExpiryPolicy:
    """How long a Host may be silent after a change of the master."""

    propagation: timedelta
    warn: timedelta
    expire: timedelta


class Stage(Enum):
    """How far the silence of a Host about one Category has gone."""

    CURRENT = "current"
    WAITING = "waiting"
    OUTDATED = "outdated"
    WARNED = "warned"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Silence:
    """What is known about a Host and one Category.

    `since` is when the silence was first noticed, or None. `changed` is the number of Directories
    that the master changed since the last check-in.
    """

    category: str
    checked_in_at: datetime | None
    since: datetime | None
    changed: int


@dataclass(frozen=True)
class Verdict:
    """What is done. `since` is what to remember; `drops_changed` holds for warned Hosts, too."""

    stage: Stage
    sentence: str
    since: datetime | None

    @property
    def drops_changed(self) -> bool:
        return self.stage in {Stage.OUTDATED, Stage.WARNED}


SENTENCES = {
    Stage.CURRENT: "The master has not changed {category} since the Host's last check-in ({last}).",
    Stage.WAITING: "The master changed {category} after the Host's last check-in ({last}); the "
    "Host has until {next} to report it.",
    Stage.OUTDATED: "The Host's last check-in for {category} was {last}: what the master changed "
    "since then is no longer taken for up2date.",
    Stage.WARNED: "The Host's last check-in for {category} was {last}, and the master has changed "
    "since. Without another one by {next}, no client is sent to it any more.",
    Stage.EXPIRED: "The Host's last check-in for {category} was {last}, and the master has changed "
    "since: clients are no longer sent to it. It comes back with its next check-in.",
}


def judge_silence(silence: Silence, *, policy: ExpiryPolicy, now: datetime) -> Verdict:
    """Decide how much of a Host's last check-in still counts.

    The clock starts when the silence is first noticed, not when the master changed: a Host that
    was quiet for months because nothing happened gets its full time, and so does everybody when
    this job itself did not run.
    """
    if not silence.changed:
        return _verdict(Stage.CURRENT, silence, since=None, until=None)
    since = silence.since or now
    age = now - since
    for stage, begins in (
        (Stage.EXPIRED, policy.expire),
        (Stage.WARNED, policy.warn),
        (Stage.OUTDATED, policy.propagation),
    ):
        if age >= begins:
            return _verdict(stage, silence, since=since, until=since + policy.expire)
    return _verdict(Stage.WAITING, silence, since=since, until=since + policy.propagation)


def _verdict(
    stage: Stage, silence: Silence, *, since: datetime | None, until: datetime | None
) -> Verdict:
    sentence = SENTENCES[stage].format(
        category=silence.category, last=_moment(silence.checked_in_at), next=_moment(until)
    )
    return Verdict(stage, sentence, since)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"
