"""The table of kinds against the models: every field has a column that can hold what it allows."""

from typing import Any

import pytest
from django.db import models

from registry.logic.network.schema import KIND, KINDS, Field, Kind
from registry.services.network_tables import COLUMNS, MODELS

# Columns of these models that a network file leaves out, and why.
LEFT_OUT = {
    "id", "created_at", "created_by",  # ids and histories belong to one installation
    "approval_decided_at", "approval_decided_by", "revision",
    "password",  # a secret
    "source",  # what published lists say is fetched again
    "last_fetched_at",
    # What the system saw; it will see it again.
    "system_active", "system_rule", "system_reason", "system_changed_at", "last_crawled_at",
    "stability_percent", "place_hint", "behind",
    "last_crawl_duration", "last_checked_in_at", "silent_since_at", "silence_warned_at",
    "scanned_at", "vanished_at", "state", "consecutive_failures",
    "failing_since_at", "canary_failures", "ipv4_state", "ipv4_reason", "ipv6_state", "ipv6_reason",
    "ipv4_failures", "ipv6_failures", "certificate_until_at", "certificate_reason",
    "last_full_crawl_at", "last_success_at", "last_probed_at",
    "reason", "up2date_revision", "up2date_changed_at", "issue_count",
    # What follows from other fields.
    "up2date_count", "file_count", "size_bytes", "digest", "listing",
}  # fmt: skip
ROWS = [(kind, each) for kind in KINDS for each in kind.fields]


def column(kind: Kind, each: Field) -> "models.Field[Any, Any]":
    found = MODELS[kind.name]._meta.get_field(COLUMNS.get((kind.name, each.name), each.name))
    assert isinstance(found, models.Field)
    return found


@pytest.mark.parametrize(("kind", "each"), ROWS, ids=[f"{k.name}.{e.name}" for k, e in ROWS])
def test_a_field_allows_what_its_column_can_hold(kind, each) -> None:
    found = column(kind, each)
    assert found.null == each.nullable
    if each.refers:
        assert found.related_model is MODELS[each.refers]
    elif found.choices:
        options = ", ".join(value for value, _ in found.flatchoices)
        assert each.type.wants == f"one of {options}"
    elif isinstance(found, models.CharField) and each.type.wants.startswith("text"):
        assert str(found.max_length) in each.type.wants


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_column_is_in_the_file_or_left_out_on_purpose(kind) -> None:
    told = {COLUMNS.get((kind.name, each.name), each.name) for each in kind.fields}
    columns = {each.name for each in MODELS[kind.name]._meta.concrete_fields}
    assert columns - told - LEFT_OUT == ({kind.parent} - {""})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_may_be_missing_has_a_default(kind) -> None:
    for each in kind.fields:
        found = column(kind, each)
        empty = found.empty_strings_allowed and found.blank
        optional = found.has_default() or found.null or empty
        assert each.key or each.required or optional, each.name


def test_every_kind_has_a_model() -> None:
    assert MODELS.keys() == KIND.keys()
