"""The same change for many rows: who changes, who stays, in which words."""

from registry.logic.operations.bulk_changes import (
    Carrier,
    Row,
    plan_adding,
    plan_fields,
    plan_removing,
)


def test_only_rows_that_differ_change() -> None:
    plan = plan_fields(
        [Row(1, "m1", {"bandwidth_mbps": "100"}), Row(2, "m2", {"bandwidth_mbps": "1000"})],
        {"bandwidth_mbps": "1000"},
    )
    assert [step.line for step in plan.steps] == [
        "~ m1: bandwidth_mbps: 100 → 1000.",
        "= m2: bandwidth_mbps is 1000 already.",
    ]
    assert [step.row_id for step in plan.writes] == [1]


HOSTS = [Carrier(1, "m1", None), Carrier(2, "m2", 3)]


def test_hosts_that_do_not_carry_a_category_begin_to() -> None:
    plan = plan_adding(HOSTS, "Linux")
    assert [step.row_id for step in plan.writes] == [1]
    assert plan.steps[1].line == "= m2: carries “Linux” already."


def test_hosts_that_carry_a_category_lose_it_with_its_urls() -> None:
    plan = plan_removing(HOSTS, "Linux")
    assert [step.row_id for step in plan.writes] == [2]
    assert plan.writes[0].sentence == "no longer carries “Linux”; URLs that go with it: 3."
