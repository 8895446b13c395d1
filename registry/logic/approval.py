"""Who waits for an operator, and which decisions may be taken.

Knows kinds of objects and the policy of an installation. Deliberately knows nothing about how a
decision is stored or who is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Claim(Protocol):
    """What somebody says is theirs, judged already."""

    @property
    def sentence(self) -> str: ...

    @property
    def needs_approval(self) -> bool: ...


class Kind(Enum):
    """What can wait for approval."""

    SITE = "site"
    HOST = "host"
    NETBLOCK = "netblock"
    URL = "url"
    NODE = "node"


@dataclass(frozen=True)
class ApprovalPolicy:
    """The kinds that wait; what is not among them counts at once."""

    kinds: frozenset[Kind]


def parse_kinds(names: Iterable[str]) -> frozenset[Kind]:
    """Return the kinds that a setting names.

    Raises ValueError with a sentence that lists the names that exist.
    """
    known = {kind.value: kind for kind in Kind}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(
            f"Nothing is called {', '.join(unknown)}; what can wait is {', '.join(known)}."
        )
    return frozenset(known[name] for name in names)


class AdmissionReason(Enum):
    """Why something new waits or counts at once."""

    BY_OPERATOR = "by_operator"
    NOT_ASKED = "not_asked"
    FINE = "fine"
    WAITS = "waits"


@dataclass(frozen=True)
class Admission:
    """What becomes of something new, with the sentence for whoever added it."""

    reason: AdmissionReason
    sentence: str

    @property
    def waits(self) -> bool:
        return self.reason is AdmissionReason.WAITS


def judge_new(
    kind: Kind,
    *,
    by_operator: bool,
    policy: ApprovalPolicy,
    claim: Claim | None = None,
) -> Admission:
    """Say whether something new waits for an operator.

    What operators add never waits; a netblock or URL only waits if it is one that an owner cannot
    claim.
    """
    if by_operator:
        return Admission(AdmissionReason.BY_OPERATOR, "An operator added it, so it counts at once.")
    if kind not in policy.kinds:
        return Admission(
            AdmissionReason.NOT_ASKED, f"A {kind.value} needs no approval here and counts at once."
        )
    if claim is not None and not claim.needs_approval:
        return Admission(AdmissionReason.FINE, claim.sentence)
    if claim is not None:
        return Admission(AdmissionReason.WAITS, claim.sentence)
    return Admission(AdmissionReason.WAITS, "It waits until an operator has looked at it.")


class DecisionReason(Enum):
    """Why a decision may or may not be taken."""

    OPEN = "open"
    NOT_OPERATOR = "not_operator"
    DECIDED = "decided"


@dataclass(frozen=True)
class Ruling:
    """Whether a decision may be taken, with the sentence for whoever wanted to."""

    reason: DecisionReason
    sentence: str

    @property
    def allowed(self) -> bool:
        return self.reason is DecisionReason.OPEN


def judge_decision(approval: str, *, may_decide: bool) -> Ruling:
    """Say whether somebody may approve or reject something in this state.

    What is decided stays decided, so that of two operators with the same page open the first one
    counts; to think again, it is put back into the queue.
    """
    if not may_decide:
        return Ruling(
            DecisionReason.NOT_OPERATOR, "Only operators and reviewers approve and reject."
        )
    if approval != "pending":
        return Ruling(DecisionReason.DECIDED, f"It is {approval} already.")
    return Ruling(DecisionReason.OPEN, "It waits for a decision.")
