"""What speaks for or against something that waits, one row a rule."""

import pytest

from registry.logic.approval_hints import (
    HintReason,
    Weight,
    judge_duplicates,
    judge_letters,
    judge_mail,
    judge_name,
    judge_origin,
    registered_domain,
    related,
)
from registry.logic.netblocks import parse_netblock

NETWORK = parse_netblock("192.0.2.0/24")


@pytest.mark.parametrize(
    ("address", "home_page", "reason", "weight"),
    [
        ("noc@example.org", "https://www.example.org/", HintReason.SAME_DOMAIN, Weight.FOR),
        ("noc@it.example.ac.uk", "https://example.ac.uk", HintReason.SAME_DOMAIN, Weight.FOR),
        ("noc@example.net", "https://example.org", HintReason.OTHER_DOMAIN, Weight.AGAINST),
        ("me@gmail.com", "https://example.org", HintReason.OPEN_MAIL, Weight.NONE),
        ("noc@example.org", "", HintReason.NO_HOME_PAGE, Weight.NONE),
        ("", "https://example.org", HintReason.NO_MAIL, Weight.AGAINST),
    ],
)
def test_mail_addresses_are_compared_with_the_home_page(
    address: str, home_page: str, reason: HintReason, weight: Weight
) -> None:
    hint = judge_mail(address, home_page=home_page)
    assert (hint.reason, hint.weight) == (reason, weight)


@pytest.mark.parametrize(
    ("origin", "own", "table", "reason", "sentence"),
    [
        (64500, {64500}, True, HintReason.OWN_ORIGIN, "as the Host says"),
        (64500, {64501}, True, HintReason.OTHER_ORIGIN, "the Host names AS64501."),
        (64500, set(), True, HintReason.OTHER_ORIGIN, "the Host names no ASN."),
        (None, {64500}, True, HintReason.NO_ORIGIN, "Nobody announces 192.0.2.0/24."),
        (None, {64500}, False, HintReason.NO_TABLE, "No table of origins"),
    ],
)
def test_origins_are_compared_with_what_the_host_says(
    origin: int | None, own: set[int], table: bool, reason: HintReason, sentence: str
) -> None:
    hint = judge_origin(NETWORK, origin=origin, own=own, table=table)
    assert hint.reason is reason
    assert sentence in hint.sentence


def test_hosts_of_the_same_name_are_named_but_not_endlessly() -> None:
    assert judge_duplicates("m1", []).weight is Weight.FOR
    assert judge_duplicates("m1", ["A", "B"]).sentence == "A, B has a Host m1, too."
    assert "E and 2 more has" in judge_duplicates("m1", list("ABCDEFG")).sentence


@pytest.mark.parametrize(
    ("name", "known", "reason", "weight"),
    [
        ("b.example.org", {"a.example.org"}, HintReason.RELATED_NAME, Weight.FOR),
        ("b.example.net", {"a.example.org"}, HintReason.STRANGE_NAME, Weight.AGAINST),
        ("b.example.net", set(), HintReason.STRANGE_NAME, Weight.NONE),
        ("xn--exmple-cua.org", {"example.org"}, HintReason.FOREIGN_LETTERS, Weight.AGAINST),
        ("exаmple.org", {"example.org"}, HintReason.FOREIGN_LETTERS, Weight.AGAINST),
    ],
)
def test_new_names_of_urls_are_compared_with_those_the_host_has(
    name: str, known: set[str], reason: HintReason, weight: Weight
) -> None:
    hint = judge_name(name, known=known)
    assert (hint.reason, hint.weight) == (reason, weight)


def test_plain_names_need_no_warning() -> None:
    assert judge_letters("mirror.example.org") is None


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("a.b.example.org", "example.org"),
        ("a.example.ac.uk", "example.ac.uk"),
        ("example.de", "example.de"),
        ("192.0.2.7", "192.0.2.7"),
        ("Mirror.Example.ORG.", "example.org"),
    ],
)
def test_the_registered_domain_of_a_name_follows_a_rule_of_thumb(name: str, domain: str) -> None:
    assert registered_domain(name) == domain


def test_nothing_is_related_to_no_name() -> None:
    assert not related("", "")
