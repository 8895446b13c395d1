from datetime import UTC, datetime

from registry.logic.mirrormanager.choices import ChoiceReason
from registry.logic.mirrormanager.rows import SiteAdminRow, SiteRow
from tests.registry.logic.mirrormanager_rows import draft, labels, row, sentences, values


def test_a_site_keeps_its_switches_and_texts() -> None:
    found = draft(
        row(
            SiteRow, org_url=" https://example.edu/ ", private=True, user_active=False,
            all_sites_can_pull_from_me=True, downstream_comments=" Be kind. ", admin_active=False,
        )
    )  # fmt: skip
    assert values(found, "site") == [
        {
            "name": "Example University", "organization_url": "https://example.edu/",
            "private": True, "admin_active": False, "user_active": False,
            "all_sites_can_pull_from_me": True, "downstream_comments": "Be kind.",
        }
    ]  # fmt: skip


def test_what_no_network_file_holds_is_kept_beside_the_records() -> None:
    found = draft(row(SiteRow, password="sesame", created_by=" ben "), row(SiteRow, 2, name="B"))
    facts = found.sites["example university",]
    assert facts.created_at == datetime(2012, 5, 6, tzinfo=UTC)
    assert (facts.created_by, facts.password) == ("ben", "sesame")
    assert found.sites["b",].password is None


def test_a_time_that_is_missing_stays_missing() -> None:
    found = draft(row(SiteRow, created_at=None, created_by=None))
    assert found.sites["example university",].created_at is None


def test_an_address_without_scheme_is_one_of_the_web() -> None:
    found = draft(row(SiteRow, org_url="www.example.edu"))
    assert values(found, "site")[0]["organization_url"] == "http://www.example.edu"


def test_an_address_that_is_none_is_left_out_and_its_site_stays() -> None:
    found = draft(row(SiteRow, org_url="two words"))
    assert "organization_url" not in values(found, "site")[0]
    assert sentences(found, ChoiceReason.INVALID) == [
        "site 1: “http://two words” is not the address of a page. It has no organization_url then."
    ]


def test_two_sites_of_one_name_are_not_merged() -> None:
    found = draft(
        row(SiteRow), row(SiteRow, 2, name="EXAMPLE university"),
        row(SiteRow, 3, name="Example University (site 5)"), row(SiteRow, 5),
        row(SiteAdminRow, username="cara", site_id=2),
    )  # fmt: skip
    assert labels(found, "site") == [
        "Example University", "EXAMPLE university (site 2)", "Example University (site 5)",
        "Example University (site 5.2)",
    ]  # fmt: skip
    assert labels(found, "site_admin") == ["EXAMPLE university (site 2) / cara"]
    assert sentences(found, ChoiceReason.SAME_NAME)[0] == (
        "site 2: There are two Sites “EXAMPLE university”; "
        "this one becomes “EXAMPLE university (site 2)”."
    )


def test_a_site_without_name_is_named_by_its_id() -> None:
    assert labels(draft(row(SiteRow, 7, name=" ")), "site") == ["Site 7"]


def test_a_site_whose_name_is_too_long_is_left_out_with_its_admins() -> None:
    found = draft(row(SiteRow, name="x" * 201), row(SiteAdminRow, username="ben", site_id=1))
    assert found.draft.records.get("site") is None
    assert sentences(found, ChoiceReason.NO_PARENT) == [
        "site_admin 1: Its Site is missing or left out, so it is left out, too."
    ]


def test_site_admins_are_known_by_their_user_names() -> None:
    found = draft(
        row(SiteRow), row(SiteAdminRow, username=" ben ", site_id=1),
        row(SiteAdminRow, 2, username="ben", site_id=1),
        row(SiteAdminRow, 3, username=None, site_id=1),
        row(SiteAdminRow, 4, username="x" * 151, site_id=1),
    )  # fmt: skip
    assert found.users == {"ben"}
    assert sentences(found, ChoiceReason.TWICE) == [
        "site_admin 2: SiteAdmin Example University / ben is there already, from site_admin 1; "
        "that one is taken."
    ]
    assert sentences(found, ChoiceReason.NO_NAME) == [
        "site_admin 3: The SiteAdmin has no user name, so it is left out."
    ]
    assert sentences(found, ChoiceReason.INVALID) == [
        "site_admin 4: A user name has at most 150 characters. It is left out."
    ]


def test_every_table_says_how_many_rows_were_read_and_taken() -> None:
    found = draft(row(SiteRow), row(SiteRow, 2, name="x" * 201))
    ledger = found.draft.ledger
    assert (ledger.read["site"], ledger.taken["site"]) == (2, 1)


def test_a_database_without_rows_is_an_empty_network() -> None:
    found = draft()
    assert found.checked.records == {}
    assert found.users == set()
    assert found.tops() == {}
