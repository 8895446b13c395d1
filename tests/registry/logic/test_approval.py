import pytest

from registry.logic.approval import (
    AdmissionReason,
    ApprovalPolicy,
    DecisionReason,
    Kind,
    judge_decision,
    judge_new,
    parse_kinds,
)
from registry.logic.netblocks import NetblockPolicy, judge_netblock, parse_netblock

ALL = ApprovalPolicy(frozenset(Kind))
NONE = ApprovalPolicy(frozenset())


@pytest.mark.parametrize("kind", list(Kind))
def test_what_somebody_else_adds_waits(kind: Kind) -> None:
    admission = judge_new(kind, by_operator=False, policy=ALL)
    assert admission.reason is AdmissionReason.WAITS
    assert admission.waits


@pytest.mark.parametrize("kind", list(Kind))
def test_what_an_operator_adds_counts_at_once(kind: Kind) -> None:
    admission = judge_new(kind, by_operator=True, policy=ALL)
    assert admission.reason is AdmissionReason.BY_OPERATOR
    assert not admission.waits


def test_a_kind_that_needs_no_approval_counts_at_once() -> None:
    admission = judge_new(Kind.HOST, by_operator=False, policy=NONE)
    assert admission.reason is AdmissionReason.NOT_ASKED
    assert admission.sentence == "A host needs no approval here and counts at once."


@pytest.mark.parametrize(
    ("netblock", "policy", "reason", "sentence"),
    [
        ("11.0.0.0/8", ALL, AdmissionReason.WAITS, "11.0.0.0/8 is wider than /16;"),
        ("10.1.2.0/24", ALL, AdmissionReason.WAITS, "10.1.2.0/24 is not routed"),
        ("11.1.2.0/24", ALL, AdmissionReason.FINE, "11.1.2.0/24 is accepted."),
        ("11.0.0.0/8", NONE, AdmissionReason.NOT_ASKED, "A netblock needs no approval"),
    ],
)
def test_only_netblocks_that_are_hard_to_believe_wait(
    netblock: str, policy: ApprovalPolicy, reason: AdmissionReason, sentence: str
) -> None:
    verdict = judge_netblock(parse_netblock(netblock), policy=NetblockPolicy())
    admission = judge_new(Kind.NETBLOCK, by_operator=False, policy=policy, claim=verdict)
    assert admission.reason is reason
    assert admission.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("approval", "by_operator", "reason"),
    [
        ("pending", True, DecisionReason.OPEN),
        ("pending", False, DecisionReason.NOT_OPERATOR),
        ("approved", True, DecisionReason.DECIDED),
        ("rejected", True, DecisionReason.DECIDED),
    ],
)
def test_operators_decide_what_is_open(
    approval: str, *, by_operator: bool, reason: DecisionReason
) -> None:
    ruling = judge_decision(approval, may_decide=by_operator)
    assert ruling.reason is reason
    assert ruling.allowed is (reason is DecisionReason.OPEN)


def test_kinds_are_read_from_their_names() -> None:
    assert parse_kinds(["site", "node"]) == {Kind.SITE, Kind.NODE}


def test_a_mistyped_kind_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="Nothing is called hots; what can wait is site, host,"):
        parse_kinds(["hots"])
