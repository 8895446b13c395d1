"""Groups of a provider make operators and reviewers."""

from typing import Any

import pytest

from registry.logic.roles import Role, RolePolicy, groups_in, name_in, role_of

POLICY = RolePolicy(frozenset({"sysadmin", "web"}), frozenset({"reviewers"}))


@pytest.mark.parametrize(
    ("groups", "role", "word"),
    [
        (["web"], Role.OPERATOR, "“web”"),
        (["web", "sysadmin"], Role.OPERATOR, "“sysadmin”"),
        (["reviewers", "web"], Role.OPERATOR, "“web”"),
        (["reviewers"], Role.REVIEWER, "“reviewers”"),
        (["others"], Role.MEMBER, "None"),
        ([], Role.MEMBER, "None"),
    ],
)
def test_the_greatest_role_that_a_group_gives_counts(
    groups: list[str], role: Role, word: str
) -> None:
    got = role_of(groups, POLICY)
    assert got.role is role
    assert word in got.sentence


def test_without_a_policy_nobody_gets_a_role() -> None:
    assert role_of(["", "sysadmin"], RolePolicy()).role is Role.MEMBER


@pytest.mark.parametrize(
    ("claims", "claim", "groups"),
    [
        ({"groups": ["b", "a", "b"]}, "groups", ("a", "b")),
        ({"groups": "solo"}, "groups", ("solo",)),
        ({"groups": ["a", 1, None, ""]}, "groups", ("a",)),
        ({}, "groups", ()),
        ({"groups": {"a": 1}}, "groups", ()),
        ({"realm_access": {"roles": ["x"]}}, "realm_access.roles", ("x",)),
        ({"realm_access": "x"}, "realm_access.roles", ()),
        ({"https://id/scope.groups": ["y"]}, "https://id/scope.groups", ("y",)),
    ],
)
def test_a_groups_claim_may_be_missing_or_strange(
    claims: dict[str, Any], claim: str, groups: tuple[str, ...]
) -> None:
    assert groups_in(claims, claim) == groups


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"nickname": "ada", "sub": "1"}, "ada"),
        ({"nickname": " ", "preferred_username": "ben l", "sub": "1"}, "ben-l"),
        ({"nickname": 3, "sub": "a/b"}, "a-b"),
        ({"nickname": "é@x.org", "sub": "1"}, "é@x.org"),
    ],
)
def test_a_name_comes_from_the_first_claim_that_has_one(claims: dict[str, Any], name: str) -> None:
    assert name_in(claims, ["nickname", "preferred_username"]) == name


def test_somebody_without_a_subject_is_nobody() -> None:
    with pytest.raises(ValueError, match="no subject"):
        name_in({}, ["nickname"])
