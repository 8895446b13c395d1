"""Whether a new snapshot may replace the last one.

Knows what each contains by name only, and what was put live meanwhile. Deliberately does not know
how the snapshot was made, nor what a clock says: it may have been set back.
"""

from datetime import datetime
from enum import Enum
from typing import NamedTuple

# In a small network two Hosts are a large share, and two Hosts do fail on the same day.
SMALL_LOSS = 2


class Publication(Enum):
    """What may become of a snapshot."""

    ALLOWED = "allowed"
    FORCED = "forced"
    EMPTY = "empty"
    LOST_HOSTS = "lost_hosts"
    LOST_REPOSITORIES = "lost_repositories"
    OVERTAKEN = "overtaken"


class Holdings(NamedTuple):
    """What a snapshot offers: Hosts that have something up2date, Repositories, Directories."""

    hosts: frozenset[int]
    repositories: frozenset[tuple[str, str]]
    directories: int


class Live(NamedTuple):
    """The snapshot that clients are answered from, and what tells two times it was put live apart.

    The time is compared with itself only.
    """

    id: int
    since: datetime | None


class Start(NamedTuple):
    """What a build saw when it began: the live snapshot, and builds that had begun before."""

    live: Live | None
    earlier: frozenset[int]


class Verdict(NamedTuple):
    """Whether to publish, and the sentence for the operator."""

    reason: Publication
    sentence: str

    @property
    def allows(self) -> bool:
        """Tell whether the snapshot may be published."""
        return self.reason in {Publication.ALLOWED, Publication.FORCED}


def judge_publication(
    new: Holdings, last: Holdings | None, *, greatest_loss_percent: int, force: bool
) -> Verdict:
    """Say whether a snapshot may be published after the last one.

    It may not when it is empty, nor when a larger share of Hosts or Repositories than allowed
    vanished since the last one; new ones do not make up for them. Losing up to two of many is
    always allowed, losing all never. `force` allows everything and keeps the sentence.
    """
    found = _objection(new, last, greatest_loss_percent)
    if found is None:
        return Verdict(Publication.ALLOWED, "All guard rails held.")
    if force:
        return Verdict(Publication.FORCED, f"Published although: {found.sentence}")
    return found


def judge_turn(start: Start, live: Live | None) -> Verdict:
    """Say whether a build that began at `start` may replace what is live now.

    It may if that is what it began with, or comes from a build that began before it did; neither
    after a later build nor after a rollback.
    """
    if live is None or live == start.live or live.id in start.earlier:
        return Verdict(Publication.ALLOWED, "Nothing later was put live meanwhile.")
    return Verdict(Publication.OVERTAKEN, "Another snapshot was put live after this build began.")


def _objection(new: Holdings, last: Holdings | None, greatest_loss_percent: int) -> Verdict | None:
    if not new.directories:
        return Verdict(
            Publication.EMPTY, "There is no Repository and no Directory yet: run umdl first."
        )
    if last is None:
        return None
    lost = (
        (Publication.LOST_HOSTS, "Hosts", last.hosts - new.hosts, last.hosts),
        (
            Publication.LOST_REPOSITORIES,
            "Repositories",
            last.repositories - new.repositories,
            last.repositories,
        ),
    )
    for reason, name, gone, before in lost:
        share = 100 * len(gone) / max(len(before), 1)
        if len(gone) and (
            len(gone) == len(before) or (len(gone) > SMALL_LOSS and share > greatest_loss_percent)
        ):
            return Verdict(
                reason,
                f"{len(gone)} of {len(before)} {name} vanished since the last snapshot, which is "
                f"more than {greatest_loss_percent} percent. If that is right, build it again "
                "and force it.",
            )
    return None
