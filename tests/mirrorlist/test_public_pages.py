"""Help, map, status, health, feeds, robots and old addresses; and what caches may keep of pages."""

from datetime import timedelta

import pytest
from defusedxml import ElementTree
from django.test import Client

from mirrorlist.models import Snapshot
from mirrorsite.network_state import load_state, worst_of
from registry.logic.vitals import Tone
from registry.models import EventKind, Host, Repository
from tests import factories

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
CACHED = ["/", "/mirrors/", "/mirrors.json", "/map/", "/help/", "/help/use/", "/feeds/mirrors.atom"]
MEASURED = ["/propagation/", "/propagation.json"]


@pytest.mark.parametrize("url", [*CACHED, *MEASURED])
def test_a_page_for_everybody_is_kept_by_caches(policy, client: Client, url: str) -> None:
    answer = client.get(url)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert {part.strip() for part in answer.headers["Vary"].split(",")} >= {
        "Accept-Language",
        "Cookie",
    }
    assert not answer.cookies


@pytest.mark.parametrize("url", [*CACHED, *MEASURED])
def test_who_has_the_page_already_gets_none(
    policy, client: Client, url: str, django_assert_max_num_queries
) -> None:
    etag = client.get(url).headers["ETag"]
    with django_assert_max_num_queries(2):
        again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag


def test_a_page_is_new_when_people_change_something_or_speak_another_language(
    policy, client: Client
) -> None:
    first = client.get("/mirrors/").headers["ETag"]
    german = client.get("/mirrors/", headers={"Accept-Language": "de"}).headers["ETag"]
    factories.EventFactory.create()
    assert len({first, german, client.get("/mirrors/").headers["ETag"]}) == 3


def test_what_shows_a_name_is_kept_by_nobody(policy, client: Client, ben) -> None:
    etag = client.get("/").headers["ETag"]
    client.force_login(ben)
    answer = client.get("/", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert b"ben" in answer.content
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "ETag" not in answer.headers


def test_the_map_draws_hosts_where_they_are_or_where_their_country_is(client: Client) -> None:
    factories.HostFactory.create(name="exact.example.org", latitude=50.1, longitude=-8.6)
    factories.HostFactory.create(name="somewhere.example.org")
    text = client.get("/map/").content.decode()
    assert '<circle cx="-86" cy="-501"' in text
    assert text.count("<circle") == 2
    assert "2 of 2 mirrors are on the map; of 1 only the country is known" in text
    assert text.count("somewhere.example.org") == 2
    assert len(client.get("/map/?format=json").json()["mirrors"]) == 2


def entries(client: Client, url: str) -> list[str]:
    feed = ElementTree.fromstring(client.get(url).content)
    return [entry.findtext(f"{ATOM}title", "") for entry in feed.iter(f"{ATOM}entry")]


def test_a_feed_tells_of_mirrors_that_come_go_and_return(client: Client, now) -> None:
    host = factories.HostFactory.create(name="m1")
    gone = factories.HostFactory.create(name="m2", system_active=False)
    secret = factories.HostFactory.create(name="secret", private=True)
    for each in (gone, secret):
        factories.EventFactory.create(
            kind=EventKind.SYSTEM_DISABLED, host=each, at=now, sentence="rsync://secret/ failed"
        )
    factories.EventFactory.create(kind=EventKind.SYSTEM_RECOVERED, host=host, at=now)
    titles = entries(client, "/feeds/mirrors.atom")
    assert sorted(titles) == ["Mirror is back: m1", "Mirror out of service: m2", "New mirror: m1"]
    assert b"secret" not in client.get("/feeds/mirrors.atom").content


def test_a_feed_tells_of_new_repositories_that_are_public(client: Client) -> None:
    factories.RepositoryFactory.create(prefix="fedora-42")
    factories.RepositoryFactory.create(prefix="secret", disabled=True)
    assert Repository.objects.count() == 2
    assert entries(client, "/feeds/repositories.atom") == ["fedora-42 x86_64"]


def test_the_status_says_what_is_late(client: Client, now) -> None:
    Snapshot.objects.create(built_at=now - timedelta(hours=3), state=Snapshot.State.PUBLISHED)
    tones = {part.name: part.tone for part in load_state(now=now)}
    assert tones["snapshot"] is Tone.WARN
    assert tones["scan"] is Tone.OK
    assert tones["schedules"] is Tone.BAD
    assert worst_of(load_state(now=now)) is Tone.BAD
    answer = client.get("/status/")
    assert answer.status_code == 200
    assert "much too late" in answer.content.decode()
    found = client.get("/status/?format=json").json()
    assert found["state"] == "bad"
    assert {part["name"] for part in found["parts"]} == set(tones)


def test_health_is_told_to_machines(client: Client) -> None:
    for url in ("/healthz/live", "/healthz/ready"):
        assert client.get(url).json() == {"status": 200, "title": "OK"}


@pytest.mark.parametrize("name", ["", "use/", "mirror/", "api/"])
def test_help_has_pages(client: Client, name: str) -> None:
    assert client.get(f"/help/{name}").status_code == 200
    assert client.get("/help/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/maps/", "/map/"),
        ("/maps/interactive/", "/map/"),
        ("/propgation/", "/propagation/"),
        ("/mirrors/Fedora/42/x86_64?country=DE", "/mirrors/Fedora/42/x86_64/?country=DE"),
        ("/statistics", "/statistics/"),
        ("/mirrormanager/", "/"),
        ("/mirrormanager/mirrors/Fedora/42?country=DE", "/mirrors/Fedora/42?country=DE"),
        ("/mirrormanager//evil.example.org/", "/evil.example.org/"),
        ("/mirrormanager/%5Cevil.example.org/", "/evil.example.org/"),
    ],
)
def test_old_addresses_lead_to_new_ones(client: Client, old: str, new: str) -> None:
    answer = client.get(old)
    assert answer.status_code == 301
    assert answer.headers["Location"] == new


def test_robots_stay_away_from_what_is_not_for_everybody(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /my/" in text
    assert "Disallow: /mirrors/\n" not in text


@pytest.mark.parametrize("url", [*CACHED, "/status/", "/mirrors/for-me/"])
def test_only_reading_is_allowed(policy, client: Client, url: str) -> None:
    assert client.post(url).status_code == 405
    assert not Host.objects.exists()
