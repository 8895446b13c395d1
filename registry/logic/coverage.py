"""What one copy of one Directory is, from the up2date set and the issues stored beside it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CopyState:
    """The state of a copy in one word, and the sentence that says how that is known."""

    state: str
    sentence: str


def judge_copy(*, in_set: bool, always_up2date: bool, issue: tuple[str, str] | None) -> CopyState:
    """Return the state of a copy; `issue` is state and sentence of the stored issue, if any.

    An operator's word comes first, then what was found wrong, then the set. A Directory in neither
    is unknown: nobody looked since it appeared on the master, or more is wrong than is stored.
    """
    if always_up2date:
        return CopyState("up2date", "An operator takes this copy for up2date without looking.")
    if issue is not None:
        return CopyState(*issue)
    if in_set:
        return CopyState("up2date", "It was complete and current when last visited.")
    return CopyState("unknown", "Nothing is known of it yet, or too much is wrong to store it all.")


def share_percent(have: int, total: int) -> int | None:
    """Return how much of a Category a Host has, in whole percent; None if there is nothing to have.

    Rounded down, so that 100 means everything, and never 0 for a Host that has something.
    """
    if total <= 0:
        return None
    return min(100, max(have * 100 // total, 1 if have else 0))
