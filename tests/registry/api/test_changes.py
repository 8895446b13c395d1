"""Changes through the API: what is refused and why, and that none is lost."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.logic.owner_fields import HOST, OPERATOR, SITE
from registry.models import Event, Host, HostNetblock, Site, SiteAdmin
from tests import factories
from tests.registry.api.calling import Caller, World

pytestmark = pytest.mark.django_db


def test_what_was_read_already_is_not_sent_again(callers: dict[str, Caller], host: Host) -> None:
    ask = callers["anonymous"]
    first = ask("GET", f"/hosts/{host.pk}/")
    again = ask("GET", f"/hosts/{host.pk}/", None, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Host.objects.filter(pk=host.pk).update(comment="new")
    anew = ask("GET", f"/hosts/{host.pk}/", None, **{"If-None-Match": first["ETag"]})
    assert anew.status_code == 200


def test_strangers_answers_may_be_cached_and_those_of_owners_not(
    callers: dict[str, Caller], host: Host
) -> None:
    public = callers["anonymous"]("GET", "/hosts/")
    assert public["Cache-Control"] == "public, max-age=60"
    assert {"Authorization", "Cookie"} <= {each.strip() for each in public["Vary"].split(",")}
    assert callers["owner"]("GET", "/hosts/")["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["/hosts/{host}/", "/sites/{site}/"])
def test_of_two_who_change_at_once_the_second_is_told(
    path: str, callers: dict[str, Caller], world: World
) -> None:
    ask, address = callers["owner"], world.address_of(path)
    seen = ask("GET", address)["ETag"]
    assert ask("PATCH", address, {"user_active": False}).status_code == 428
    first = ask("PATCH", address, {"user_active": False}, **{"If-Match": seen})
    assert first.status_code == 200
    late = ask("PATCH", address, {"user_active": True}, **{"If-Match": seen})
    assert late.status_code == 412
    assert late.json()["error"] == "changed_meanwhile"
    assert ask("DELETE", address, None, **{"If-Match": seen}).status_code == 412
    assert ask("GET", address).json()["user_active"] is False


def test_what_the_crawler_finds_meanwhile_is_no_clash(
    callers: dict[str, Caller], host: Host
) -> None:
    ask = callers["owner"]
    seen = ask("GET", f"/hosts/{host.pk}/")["ETag"]
    Host.objects.filter(pk=host.pk).update(stability_percent=99)
    answer = ask("PATCH", f"/hosts/{host.pk}/", {"comment": "x"}, **{"If-Match": seen})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "name"),
    [("/hosts/{host}/", name) for name in sorted(OPERATOR[HOST])]
    + [("/sites/{site}/", name) for name in sorted(OPERATOR[SITE])],
)
def test_fields_of_operators_are_refused_to_owners_with_a_sentence(
    path: str, name: str, callers: dict[str, Caller], world: World
) -> None:
    body = {name: 0, "name": "taken along"}
    answer = callers["owner"]("PATCH", world.address_of(path), body, **{"If-Match": "*"})
    assert answer.status_code == 403
    assert answer.json()["sentence"] == f"Only operators may change {name}."
    world.host.refresh_from_db()
    assert world.host.name == "mirror.example.org"


@pytest.mark.parametrize("name", ["approval", "system_active", "site", "id", "revision", "nothing"])
def test_fields_that_nobody_changes_are_refused_to_everybody(
    name: str, callers: dict[str, Caller], host: Host
) -> None:
    for role in ("owner", "operator"):
        answer = callers[role]("PATCH", f"/hosts/{host.pk}/", {name: "x"}, **{"If-Match": "*"})
        assert answer.status_code == 422
        assert answer.json()["sentence"] == f"{name} cannot be changed here."


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sites/", {"name": "N", "approval": "approved"}),
        ("/sites/", {"name": "N", "created_by": 1}),
        ("/hosts/", {"site": 1, "name": "n", "country": "DE", "approval": "approved"}),
        ("/hosts/{host}/categories/", {"category": 1, "always_up2date": True}),
        ("/hosts/{host}/netblocks/", {"netblock": "10.0.0.0/8", "approval": "approved"}),
    ],
)
def test_nothing_extra_is_taken_along_when_something_is_added(
    path: str, body: dict[str, Any], callers: dict[str, Caller], world: World
) -> None:
    answer = callers["owner"]("POST", world.address_of(path), body)
    assert answer.status_code == 422
    assert "cannot be" in answer.json()["sentence"]


def test_only_operators_add_private_urls(callers: dict[str, Caller], world: World) -> None:
    path = world.address_of("/hosts/{host}/categories/{copy}/urls/")
    body = {"url": "https://mirror.example.org/p", "private": True}
    refused = callers["owner"]("POST", path, body)
    assert (refused.status_code, refused.json()["error"]) == (422, "refused")
    assert callers["operator"]("POST", path, body).json()["private"] is True


HOSTILE: list[tuple[str, Any]] = [
    ("name", "a\0b"),
    ("name", "\ud800"),
    ("name", "x" * 300),
    ("name", ""),
    ("name", None),
    ("name", {"$gt": ""}),
    ("country", "XX"),
    ("country", "de"),
    ("country", 7),
    ("latitude", "nan"),
    ("latitude", 91),
    ("longitude", "-inf"),
    ("bandwidth_mbps", 1.5),
    ("bandwidth_mbps", 0),
    ("bandwidth_mbps", 10**30),
    ("max_connections", -1),
    ("asn", 2**32),
    ("private", "perhaps"),
    ("contact", "not an address"),
    ("crawl_from", 24),
    ("reach", "galaxy"),
]


@pytest.mark.parametrize(("name", "value"), HOSTILE, ids=[f"{n}={v!a:.20}" for n, v in HOSTILE])
def test_hostile_values_are_refused_by_the_name_of_their_field(
    name: str, value: Any, callers: dict[str, Caller], host: Host
) -> None:
    answer = callers["owner"]("PATCH", f"/hosts/{host.pk}/", {name: value}, **{"If-Match": "*"})
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [name]


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ('{"latitude": NaN}', 400), ('{"latitude": 1e999}', 422), ("[]", 422), ("7", 422)],
)
def test_what_is_no_json_object_is_refused(
    body: str, status: int, callers: dict[str, Caller], host: Host
) -> None:
    answer = callers["owner"]("PATCH", f"/hosts/{host.pk}/", body, **{"If-Match": "*"})
    assert answer.status_code == status
    assert answer.json()["sentence"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp//x"])
def test_home_pages_are_web_addresses(url: str, callers: dict[str, Caller], site: Site) -> None:
    body = {"organization_url": url}
    answer = callers["owner"]("PATCH", f"/sites/{site.pk}/", body, **{"If-Match": "*"})
    assert list(answer.json()["fields"]) == ["organization_url"]


def test_names_that_are_taken_clash(callers: dict[str, Caller], site: Site, host: Host) -> None:
    second = factories.HostFactory.create(site=site, name="second.example.org")
    body = {"name": "MIRROR.example.org"}
    renamed = callers["owner"]("PATCH", f"/hosts/{second.pk}/", body, **{"If-Match": "*"})
    assert renamed.status_code in {409, 422}
    new = {"site": site.pk, "name": "mirror.EXAMPLE.org", "country": "DE"}
    assert callers["owner"]("POST", "/hosts/", new).status_code == 422


def test_a_session_changes_nothing_without_its_csrf_token(ben: User, host: Host) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ben)
    body = json.dumps({"comment": "by a form elsewhere"})
    arguments: dict[str, Any] = {"content_type": "application/json", "headers": {"If-Match": "*"}}
    refused = browser.patch(f"/api/v1/hosts/{host.pk}/", body, **arguments)
    assert refused.status_code == 403
    browser.get("/my/account/")
    token = browser.cookies["csrftoken"].value
    arguments["headers"]["X-CSRFToken"] = token
    assert browser.patch(f"/api/v1/hosts/{host.pk}/", body, **arguments).status_code == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
def test_forms_are_not_taken_for_json(kind: str, callers: dict[str, Caller], host: Host) -> None:
    headers = {"Authorization": f"Bearer {callers['owner'].token}", "If-Match": "*"}
    answer = Client().patch(
        f"/api/v1/hosts/{host.pk}/", "comment=x", content_type=kind, headers=headers
    )
    assert answer.status_code == 415


def test_every_change_is_on_the_timeline_with_its_actor(
    callers: dict[str, Caller], host: Host, ben: User
) -> None:
    callers["owner"]("PATCH", f"/hosts/{host.pk}/", {"bandwidth_mbps": 5}, **{"If-Match": "*"})
    event = Event.objects.filter(host=host).latest("pk")
    assert (event.actor, event.facts) == (ben, {"bandwidth_mbps": [100, 5]})
    (row, *_) = callers["owner"]("GET", f"/hosts/{host.pk}/events/").json()["results"]
    assert (row["actor"], row["sentence"]) == ("ben", event.sentence)


def test_the_last_siteadmin_stays(callers: dict[str, Caller], site: Site) -> None:
    (only,) = SiteAdmin.objects.filter(site=site)
    answer = callers["owner"]("DELETE", f"/sites/{site.pk}/admins/{only.pk}/")
    assert answer.status_code == 422
    assert "only SiteAdmin" in answer.json()["sentence"]


def test_ranges_of_published_lists_are_not_taken_away_by_hand(
    callers: dict[str, Caller], host: Host
) -> None:
    source = factories.HostNetblockSourceFactory.create(host=host)
    row = factories.HostNetblockFactory.create(host=host, source=source)
    answer = callers["owner"]("DELETE", f"/hosts/{host.pk}/netblocks/{row.pk}/")
    assert answer.status_code == 422
    assert HostNetblock.objects.filter(pk=row.pk).exists()


def test_what_is_decided_is_not_decided_again(callers: dict[str, Caller], world: World) -> None:
    path = world.address_of("/approvals/hostnetblock/{waiting}/")
    assert callers["reviewer"]("POST", f"{path}approve/").json()["approval"] == "approved"
    again = callers["reviewer"]("POST", f"{path}reject/", {"sentence": "Too late."})
    assert (again.status_code, again.json()["error"]) == (422, "refused")
    assert callers["reviewer"]("POST", "/approvals/event/1/approve/").status_code == 404


@pytest.mark.parametrize("body", [{}, {"sentence": " "}, {"sentence": "No.", "approval": "x"}])
def test_a_rejection_needs_its_sentence_and_nothing_else(
    body: dict[str, str], callers: dict[str, Caller], world: World
) -> None:
    path = world.address_of("/approvals/hostnetblock/{waiting}/reject/")
    assert callers["operator"]("POST", path, body).status_code == 422
