"""What everybody, owners and operators see of statistics."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mirrorlist.models import AccessStat, FileStat, StatisticsBatch
from mirrorlist.services.edge_keys import issue_edge_key
from mirrorlist.services.statistics import statistics_policy, take_batch
from mirrorlist.services.statistics_pages import file_counts
from registry.logic.listings import Entry
from tests.factories import (
    DirectoryFactory,
    HostFactory,
    RepositoryFactory,
    RepositoryRedirectFactory,
)
from tests.mirrorlist.counted import a_batch
from tests.test_pages import assert_well_formed

pytestmark = pytest.mark.django_db
PAGE = "/statistics/"
BUDGET = 12
ISO = "pub/fedora/Fedora-42.iso"
EVIL = "pub/fedora/<script>alert(1)</script>"


def take(sequence: int = 0, *, days: int = 0, **over) -> None:
    now = timezone.now()
    batch = a_batch(sequence, day=now.date() - timedelta(days=days), **over)
    take_batch(batch, now=now, policy=statistics_policy())


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def counted(db: None) -> None:
    RepositoryFactory.create(prefix="fedora-42")
    RepositoryRedirectFactory.create(from_prefix="rawhide", to_prefix="fedora-42")
    RepositoryFactory.create(prefix="hidden", disabled=True)
    category = RepositoryFactory.create(prefix="x").category
    entries = (Entry("Fedora-42.iso", 1, 1),)
    DirectoryFactory.create(category=category, path="pub/fedora", entries=entries)
    public, secret = (
        HostFactory.create(name="good"),
        HostFactory.create(name="secret", private=True),
    )
    take(
        country={"DE": 50, "LI": 9, "N/A": 11},
        repository={"fedora-42": 30, "rawhide": 20, "hidden": 40},
        host={str(public.pk): 30, str(secret.pk): 20, "999999": 50},
        file={ISO: 20, EVIL: 30, "": 3},
        countme={"fedora-42 x86_64 1": 12, "fedora-42 x86_64 4": 30},
    )


def test_the_page_is_well_formed_and_cheap(
    client: Client, counted, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(BUDGET):
        answer = client.get(PAGE)
    assert answer.status_code == 200
    assert_well_formed(text(answer))
    for shown in ("Germany", "fedora-42", "rawhide", "x86_64", "good", ISO, "Numbers as of"):
        assert shown in text(answer), shown


@pytest.mark.parametrize("hidden", ["secret", "hidden", "Liechtenstein", "alert(1)", "999999"])
@pytest.mark.parametrize("page", [PAGE, "/statistics.json", "/statistics.csv"])
def test_what_is_private_hostile_or_rare_is_other(
    client: Client, counted, page: str, hidden: str
) -> None:
    assert hidden not in text(client.get(page))


def test_the_page_without_numbers_says_how_to_get_some(client: Client) -> None:
    answer = client.get(PAGE)
    assert_well_formed(text(answer))
    assert "Nothing was counted" in text(answer)


def test_the_json_twin_has_the_same_numbers(client: Client, counted) -> None:
    document = client.get("/statistics.json").json()
    assert document["total"] == 10
    assert document["country"]["rows"][0] == {
        "key": "DE", "label": "Germany", "requests": 50, "percent": 71.4,
    }  # fmt: skip
    assert document["host"]["other"]["requests"] == 70
    assert document["file"]["total"] == 53
    assert document["weeks"][0]["systems"]["older"] == 30
    assert len(document["requests"]) == 30


def test_systems_of_the_last_whole_week_are_named(client: Client, counted) -> None:
    systems = {"Fedora Linux 42/kde fedora-42": 40, "Fedora Linux 42/kde rawhide": 30}
    take(1, days=timezone.now().weekday() + 3, system=systems | {"Rare 1/x fedora-42": 2})
    document = client.get("/statistics.json").json()["system"]
    assert [(row["label"], row["requests"]) for row in document["rows"]] == [
        ("Fedora Linux 42/kde", 40)
    ]
    assert document["other"]["requests"] == 2
    assert "Fedora Linux 42/kde" in text(client.get(PAGE))


def test_the_csv_twin_is_a_table(client: Client, counted) -> None:
    answer = client.get("/statistics.csv?period=day")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "arch,x86_64,x86_64,10,100.0\r\n" in text(answer)


def test_a_period_adds_up_its_days(client: Client, counted) -> None:
    take(1, days=20)
    take(2, days=29)
    today = timezone.now().date()
    for query, total in (
        ("", 30),
        ("?period=day", 10),
        ("?period=year", 30),
        (f"?period=week&until={today - timedelta(days=19)}", 10),
        ("?period=<b>&until=9999-99-99", 30),
    ):
        assert client.get(f"/statistics.json{query}").json()["total"] == total, query


def test_caches_may_keep_the_page_and_ask_again(client: Client, counted) -> None:
    first = client.get(PAGE)
    assert first.headers["Cache-Control"] == "max-age=300, public"
    again = client.get(PAGE, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    take(1)
    changed = client.get(PAGE, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_page_with_a_name_in_it_is_private(client: Client, ben) -> None:
    client.force_login(ben)
    assert "private" in client.get(PAGE).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("2026-11-19/", "period=day&until=2026-11-19"),
        ("2026-11-19/archs/", "period=day&until=2026-11-19#arch"),
        ("%3Cb%3E/x/", "period=day&until=%3Cb%3E"),
    ],
)
def test_addresses_of_mirrormanager_lead_here(client: Client, path: str, query: str) -> None:
    answer = client.get(f"{PAGE}{path}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PAGE}?{query}")


def test_the_downloads_of_a_public_file_are_told(client: Client, counted) -> None:
    today = timezone.now().date()
    assert client.get("/statistics/file.json", {"path": f"/{ISO}"}).json()["total"] == 20
    for path in (EVIL, "", "\0", "x" * 9999):
        assert client.get("/statistics/file.json", {"path": path}).json()["total"] == 0
    assert file_counts(EVIL, today).days == ((today, 30),)
    assert file_counts(ISO, today + timedelta(days=1)).total == 0


def test_an_owner_sees_the_share_of_the_host(client: Client, ben, site) -> None:
    host = HostFactory.create(site=site)
    client.force_login(ben)
    assert "No client was offered this Host first" in text(client.get(f"/my/hosts/{host.pk}/"))
    take(host={str(host.pk): 30, "999999": 90})
    page = text(client.get(f"/my/hosts/{host.pk}/"))
    assert "30 clients were offered this Host first" in " ".join(page.split())
    assert "25.0 % of all" in page
    assert_well_formed(page)


@pytest.mark.parametrize("table", ["accessstat", "filestat", "statisticsbatch", "edgekey"])
def test_operators_see_every_table(admin: Client, counted, table: str) -> None:
    issue_edge_key("edge1", now=timezone.now())
    answer = admin.get(f"/admin/mirrorlist/{table}/")
    assert answer.status_code == 200
    assert "alert(1)</script>" not in text(answer)
    assert admin.get(f"/admin/mirrorlist/{table}/add/").status_code == 403


def test_operators_revoke_a_key(admin: Client) -> None:
    issue_edge_key("edge1", now=timezone.now())
    chosen = {"action": "revoke", "_selected_action": ["1"]}
    answer = admin.post("/admin/mirrorlist/edgekey/", chosen, follow=True)
    assert "token(s) are refused from now on" in text(answer)


def test_rows_say_what_they_are(counted) -> None:
    assert str(AccessStat.objects.get(span="day", key="DE")).startswith("country DE on")
    assert "other on" in str(FileStat.objects.get(span="day", path=""))
    assert str(StatisticsBatch.objects.get()) == "edge1_65f0-abc_0"
