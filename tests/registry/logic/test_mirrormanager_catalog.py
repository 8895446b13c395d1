import pytest

from registry.logic.mirrormanager.choices import ChoiceReason
from registry.logic.mirrormanager.rows import (
    ArchRow,
    CategoryRow,
    ContinentRedirectRow,
    DirectoryNameRow,
    EmbargoedCountryRow,
    NetblockCountryRow,
    ProductRow,
    RepositoryRedirectRow,
    SiteRow,
    VersionRow,
)
from tests.registry.logic.mirrormanager_rows import draft, labels, row, sentences, values


def test_products_versions_and_arches_keep_what_pages_show() -> None:
    found = draft(
        row(ProductRow, name="Fedora", publiclist=False),
        row(VersionRow, display_name="Forty-two", display=False, is_test=True),
        row(ArchRow, name="x86_64", publiclist=True, primary_arch=False),
    )
    assert values(found, "product") == [{"name": "Fedora", "publiclist": False}]
    assert values(found, "version") == [
        {"name": "42", "display_name": "Forty-two", "display": False, "is_test": True}
    ]
    assert values(found, "arch") == [{"name": "x86_64", "publiclist": True, "primary": False}]
    assert labels(found, "version") == ["Fedora / 42"]


def test_a_version_without_product_or_name_is_left_out() -> None:
    found = draft(
        row(ProductRow, name="Fedora"), row(VersionRow, product_id=None),
        row(VersionRow, 2, product_id=9), row(VersionRow, 3, name=None),
    )  # fmt: skip
    assert values(found, "version") == []
    assert len(sentences(found, ChoiceReason.NO_PARENT)) == 2
    assert sentences(found, ChoiceReason.NO_NAME) == [
        "version 3: The Version has no name, so it is left out."
    ]
    assert ("version", 3) not in found.draft.keys


def test_a_category_gets_the_path_of_its_top_directory() -> None:
    found = draft(
        row(ProductRow, name="Fedora"), row(DirectoryNameRow, name="/pub/fedora/"),
        row(CategoryRow, product_id=1, admin_only=True, publiclist=False),
        row(DirectoryNameRow, 2, name="pub/epel"), row(CategoryRow, 2, name="EPEL", topdir_id=2),
    )  # fmt: skip
    assert values(found, "category") == [
        {
            "name": "Fedora Linux", "product": ("Fedora",), "top_directory": "pub/fedora",
            "publiclist": False, "admin_only": True,
        },
        {"name": "EPEL", "product": None, "top_directory": "pub/epel"},
    ]  # fmt: skip
    assert found.tops() == {1: ("Fedora Linux", "pub/fedora"), 2: ("EPEL", "pub/epel")}


def test_a_category_without_top_directory_is_left_out() -> None:
    found = draft(row(CategoryRow, topdir_id=None), row(CategoryRow, 2, name="B", topdir_id=9))
    assert values(found, "category") == []
    assert sentences(found, ChoiceReason.NO_PARENT)[0] == (
        "category 1: Its top directory is missing or left out, so it is left out, too."
    )


def test_of_two_categories_with_one_top_directory_the_first_stays() -> None:
    found = draft(row(DirectoryNameRow), row(CategoryRow), row(CategoryRow, 2, name="Twin"))
    assert labels(found, "category") == ["Fedora Linux"]
    assert sentences(found, ChoiceReason.TWICE) == [
        "category 2: “pub/fedora” is the top directory of “Fedora Linux”; that one is taken."
    ]


def test_redirects_of_repositories_are_taken_unless_they_lead_nowhere() -> None:
    found = draft(
        row(RepositoryRedirectRow, from_repo="rawhide", to_repo="fedora-43"),
        row(RepositoryRedirectRow, 2, from_repo="gone", to_repo=None),
    )
    assert values(found, "repository_redirect") == [
        {"from_prefix": "rawhide", "to_prefix": "fedora-43"}
    ]
    assert sentences(found, ChoiceReason.NO_NAME) == [
        "repository_redirect 2: The RepositoryRedirect has no to_prefix, so it is left out."
    ]


@pytest.mark.parametrize(
    ("good", "bad", "kind", "expected"),
    [
        (
            row(ContinentRedirectRow, country="de", continent="as"),
            row(ContinentRedirectRow, 2, country="A1", continent="EU"),
            "country_continent_redirect",
            {"country": ("DE",), "continent": "AS"},
        ),
        (
            row(NetblockCountryRow, netblock=" 192.0.2.9/24 ", country="UK"),
            row(NetblockCountryRow, 2, netblock="192.0.2.0/24", country=None),
            "netblock_country",
            {"netblock": "192.0.2.0/24", "country": ("GB",)},
        ),
        (
            row(EmbargoedCountryRow, country_code="FR"),
            row(EmbargoedCountryRow, 2, country_code="??"),
            "embargoed_country",
            {"country": ("FR",)},
        ),
    ],
)
def test_places_are_taken_if_their_country_exists(good, bad, kind, expected) -> None:
    found = draft(good, bad)
    assert values(found, kind) == [expected]
    assert len(sentences(found, ChoiceReason.UNKNOWN_COUNTRY)) == 1


def test_a_continent_that_is_none_is_left_out() -> None:
    found = draft(row(ContinentRedirectRow, country="DE", continent=None))
    assert values(found, "country_continent_redirect") == []
    assert len(sentences(found, ChoiceReason.NO_NAME)) == 1


def test_only_the_first_choices_of_a_reason_are_kept_and_all_are_counted() -> None:
    rows = [row(VersionRow, id, product_id=None) for id in range(1, 1003)]
    found = draft(row(SiteRow), *rows)
    assert len(sentences(found, ChoiceReason.NO_PARENT)) == 1000
    assert found.draft.ledger.counts[ChoiceReason.NO_PARENT] == 1002
