"""Which role an account has, from the groups that a provider names for it.

Knows names of groups only. Deliberately knows neither accounts nor protocols.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any, NamedTuple


class Role(Enum):
    """What somebody may do beside what their Sites allow; the greater one comes first."""

    OPERATOR = "operator"
    REVIEWER = "reviewer"
    MEMBER = "member"


class RolePolicy(NamedTuple):
    """Which groups at the provider give which role."""

    operator_groups: frozenset[str] = frozenset()
    reviewer_groups: frozenset[str] = frozenset()


class RoleDecision(NamedTuple):
    """A role, and the sentence that says which group gave it."""

    role: Role
    sentence: str


def role_of(groups: Collection[str], policy: RolePolicy) -> RoleDecision:
    """Decide the role of somebody who is in these groups; the greater role wins."""
    for role, giving in (
        (Role.OPERATOR, policy.operator_groups),
        (Role.REVIEWER, policy.reviewer_groups),
    ):
        if found := sorted(giving.intersection(groups)):
            return RoleDecision(role, f"The group “{found[0]}” makes them {role.value}.")
    return RoleDecision(
        Role.MEMBER, "None of their groups makes them operator or reviewer of this network."
    )


def groups_in(claims: Mapping[str, Any], claim: str) -> tuple[str, ...]:
    """Return the groups that claims name, sorted; none if the claim is missing or no list.

    A dot leads into a claim that is an object, as in Keycloak's `realm_access.roles`; a claim of
    that very name comes first. A single text counts as one group.
    """
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list | tuple):
        return ()
    return tuple(sorted({each for each in found if isinstance(each, str) and each}))


def name_in(claims: Mapping[str, Any], claims_tried: Collection[str]) -> str:
    """Return the first of some claims that is a text, as a user name can hold it.

    What a user name cannot hold becomes a hyphen. Without any of the claims the subject is taken,
    which every provider gives.
    """
    for claim in (*claims_tried, "sub"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip():
            kept = [c if c.isalnum() or c in "@.+-_" else "-" for c in value.strip()]
            return "".join(kept)[:100]
    raise ValueError("The provider named nobody: its answer has no subject.")
