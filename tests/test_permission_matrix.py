"""Every address of the program, asked by everybody: nobody breaks it, and nobody sees too much."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, get_resolver

from registry.models import Host, Site
from registry.querysets import REVIEWERS
from tests.factories import HostCategoryFactory, HostCategoryUrlFactory, HostFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

SECRET = "inside.example.org"
ROLES = ["stranger", "other owner", "owner", "reviewer", "operator"]
SEE_PRIVATE_HOSTS = {"owner", "reviewer", "operator"}
STAFF = {"reviewer", "operator"}
# What the address of a pattern is filled with; anything else is 1 or a word.
WORDS = {"code": "de", "name": "use", "kind": "allowed", "object_id": "1", "rest": "statistics"}
OPEN_TO_ALL = ("admin/login/", "admin/logout/", "admin/jsi18n/")


def addresses() -> list[str]:
    """Return an address for every pattern; those by regular expression are asked elsewhere."""
    return sorted({address for address in _walk(get_resolver(), "") if "^" not in address})


def _walk(resolver: Any, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from _walk(pattern, route)
            continue
        for key, converter in pattern.pattern.converters.items():
            value = WORDS.get(key, "1")
            for kind in ("int", "str", "slug", "path"):
                route = route.replace(f"<{kind}:{key}>", value)
            assert converter is not None
        yield route


@pytest.fixture
def hidden(site: Site) -> Host:
    """A private Host of Ben's, of which strangers must learn nothing."""
    host: Host = HostFactory.create(site=site, name=SECRET, private=True)
    copy = HostCategoryFactory.create(host=host)
    HostCategoryUrlFactory.create(host_category=copy, url=f"https://{SECRET}/pub")
    return host


@pytest.fixture
def people(ada: User, ben: User, cara: User) -> dict[str, User | None]:
    reviewer = User.objects.create_user("rex", is_staff=True)
    reviewer.groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])
    everybody = {"other owner": cara, "owner": ben, "reviewer": reviewer, "operator": ada}
    return {"stranger": None} | everybody


@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_everybody_and_tells_no_more_than_it_may(
    role: str, people: dict[str, User | None], hidden: Host
) -> None:
    client = Client(raise_request_exception=False)
    if (user := people[role]) is not None:
        client.force_login(user)
    assert len(addresses()) > 500
    wrong = [
        f"{answer.status_code} {address}: {problem}"
        for address in addresses()
        if "logout" not in address
        for answer in [client.get(f"/{address}")]
        if (problem := what_is_wrong(role, address, answer))
    ]
    assert wrong == []


def what_is_wrong(role: str, address: str, answer: Any) -> str:
    """Return what an answer must not be, or nothing."""
    to_sign_in = answer.status_code == 302 and "/login/" in answer["Location"]
    if answer.status_code >= 500 and answer.status_code != 503:
        return "it breaks"
    if address.startswith("admin/") and address not in OPEN_TO_ALL and role not in STAFF:
        return "" if to_sign_in or answer.status_code in {403, 404, 405} else "the admin is open"
    if address.startswith("my/") and role == "stranger" and not to_sign_in:
        return "no sign-in is asked for"
    body = b"" if getattr(answer, "streaming", False) else answer.content
    if SECRET.encode() in body and role not in SEE_PRIVATE_HOSTS:
        return "a private Host is named"
    return ""


@pytest.mark.parametrize(
    "address",
    [
        "admin/registry/host/add/",
        "admin/registry/site/1/change/",
        "admin/registry/hosttoken/",
        "admin/registry/personaltoken/",
        "admin/registry/notification/",
        "admin/auth/user/",
        "admin/django_q/schedule/",
    ],
)
def test_a_reviewer_changes_nothing_and_sees_no_secrets(
    address: str, people: dict[str, User | None], hidden: Host
) -> None:
    client = Client()
    client.force_login(people["reviewer"])  # type: ignore[arg-type]
    answer = client.get(f"/{address}")
    if answer.status_code == 200:  # a page to look at, without anything to save
        assert b'name="_save"' not in answer.content
    else:
        assert answer.status_code in {302, 403}
