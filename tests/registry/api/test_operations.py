"""Operations through the API: shown first, carried out as shown, the same as in the admin."""

import pytest

from registry.admin.operation_pages import ADD_RELEASE  # noqa: F401 -- fills the table of pages
from registry.admin.operations import _PAGES
from registry.api.operations import OPERATIONS
from registry.models import Product, Version
from tests.registry.api.calling import Caller

pytestmark = pytest.mark.django_db

RELEASE = {"product": "Fedora", "versions": "99"}


def test_the_api_offers_what_the_admin_offers_to_the_same_people() -> None:
    pages = {slug: (page.form, page.permissions) for slug, page in _PAGES.items()}
    offered = {slug: (each.form, each.permissions) for slug, each in OPERATIONS.items()}
    assert {slug: pages[slug] for slug in offered} == offered


def test_an_operation_is_shown_before_it_is_carried_out(callers: dict[str, Caller]) -> None:
    ask = callers["operator"]
    shown = ask("POST", "/operations/add-release/", RELEASE).json()
    assert (shown["written"], [step["step"] for step in shown["steps"]]) == (False, ["add", "add"])
    assert not Product.objects.filter(name="Fedora").exists()
    agreed = {**RELEASE, "dry_run": False, "fingerprint": shown["fingerprint"]}
    assert ask("POST", "/operations/add-release/", agreed).json()["written"] is True
    assert Version.objects.filter(product__name="Fedora", name="99").exists()


def test_nothing_is_done_if_it_is_no_longer_what_was_shown(callers: dict[str, Caller]) -> None:
    ask = callers["operator"]
    shown = ask("POST", "/operations/add-release/", RELEASE).json()
    Product.objects.create(name="Fedora")
    late = {**RELEASE, "dry_run": False, "fingerprint": shown["fingerprint"]}
    answer = ask("POST", "/operations/add-release/", late)
    assert answer.status_code == 412
    assert not Version.objects.filter(name="99").exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"product": ["Fedora"]},
        {"product": "Fedora", "dry_run": "no"},
        {"product": "Fedora", "fingerprint": 7},
        {"product": "Fedora", "rm": "-rf"},
        {"product": "a\0b"},
    ],
)
def test_parameters_that_make_no_sense_are_refused(
    body: dict[str, object], callers: dict[str, Caller]
) -> None:
    answer = callers["operator"]("POST", "/operations/add-release/", body)
    assert answer.status_code == 422
    assert answer.json()["sentence"]


def test_there_is_no_other_operation(callers: dict[str, Caller]) -> None:
    assert callers["operator"]("POST", "/operations/drop-everything/", {}).status_code == 404
