"""Which fields are whose."""

import pytest

from registry.logic.owner_fields import HOST, OPERATOR, OWNER, SITE, changeable, why_refused


@pytest.mark.parametrize(
    ("kind", "fields", "by_operator", "sentence"),
    [
        (SITE, ["name", "private"], False, None),
        (HOST, ["bandwidth_mbps"], False, None),
        (HOST, ["admin_active"], True, None),
        (HOST, ["name", "admin_active"], False, "Only operators may change admin_active."),
        (SITE, ["password"], True, "password cannot be changed here."),
        (HOST, ["site", "id"], False, "id, site cannot be changed here."),
    ],
)
def test_fields_belong_to_owners_to_operators_or_to_nobody(
    kind: str, fields: list[str], *, by_operator: bool, sentence: str | None
) -> None:
    assert why_refused(kind, fields, by_operator=by_operator) == sentence


@pytest.mark.parametrize("kind", list(OWNER))
def test_no_field_is_in_both_lists(kind: str) -> None:
    assert not OWNER[kind] & OPERATOR[kind]
    assert changeable(kind, by_operator=True) == OWNER[kind] | OPERATOR[kind]
