from dataclasses import replace

import pytest

from registry.logic.operations.release import Existing, Wanted, plan_addition
from registry.logic.operations.steps import Mark

URL = "https://dl.example.org/pub/fedora/linux"
COPY = "Fedora Linux on dl.example.org"
WANTED = Wanted(
    product="Fedora",
    versions=("43", "44", "43"),
    category="Fedora Linux",
    top_directory="pub/fedora/linux",
    source_location="/srv/pub/fedora/linux",
    host="dl.example.org",
    url=URL,
)
ALL = Existing(
    product=True,
    versions=frozenset({"43", "44"}),
    category=("Fedora", "pub/fedora/linux"),
    tops={"pub/fedora/linux": "Fedora Linux"},
    copy=frozenset({URL}),
    urls={URL: COPY},
)


def test_what_is_missing_is_added_in_the_order_in_which_it_is_needed() -> None:
    plan = plan_addition(WANTED, Existing())
    assert [(step.mark, step.subject) for step in plan.steps] == [
        (Mark.ADD, "Product Fedora"),
        (Mark.ADD, "Category Fedora Linux"),
        (Mark.ADD, "Version Fedora 43"),
        (Mark.ADD, "Version Fedora 44"),
        (Mark.ADD, COPY),
        (Mark.ADD, f"URL {URL}"),
    ]


def test_what_exists_stays() -> None:
    assert {step.mark for step in plan_addition(WANTED, ALL).steps} == {Mark.KEEP}


def test_only_versions_are_added_without_a_category() -> None:
    plan = plan_addition(Wanted(product="Fedora", versions=("45",)), ALL)
    assert [step.line for step in plan.steps] == [
        "= Product Fedora: It exists.",
        "+ Version Fedora 45: It is new.",
    ]


def test_a_category_without_source_is_said_not_to_be_scanned() -> None:
    plan = plan_addition(replace(WANTED, source_location=""), Existing())
    assert plan.steps[1].sentence == (
        "It is new; its top directory is “pub/fedora/linux”. It is not scanned until it has a "
        "source."
    )


def test_a_host_may_carry_a_category_without_url() -> None:
    plan = plan_addition(replace(WANTED, url=""), replace(ALL, copy=None))
    assert plan.steps[-1].line.startswith(f"+ {COPY}: It is new, always up2date")


@pytest.mark.parametrize(
    ("existing", "sentence"),
    [
        (
            Existing(tops={"pub/fedora/linux": "Other"}),
            "“pub/fedora/linux” is the top directory of the Category “Other”. Choose another.",
        ),
        (
            replace(ALL, category=("", "pub/elsewhere")),
            "It exists, with the Product “none” and the top directory “pub/elsewhere”. Change it "
            "on its page if that is wrong.",
        ),
        (replace(ALL, urls={URL: "EPEL on m1"}), "It is that of EPEL on m1. Choose another."),
    ],
)
def test_what_contradicts_is_refused_and_nothing_is_added(
    existing: Existing, sentence: str
) -> None:
    plan = plan_addition(replace(WANTED, versions=("99",)), existing)
    assert [step.sentence for step in plan.refused] == [sentence]
    assert plan.writes == ()
