"""Every operation of the API × everybody who may call it."""

import re
from typing import Any

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from tests.factories import CategoryFactory
from tests.registry.api.calling import Caller, World

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "owner", "other", "reviewer", "operator", "read")
# What each role gets, in the order of ROLES.
ALL = (200, 200, 200, 200, 200, 200)
# Inner matters of one Site: its people, reviewers and operators look.
INNER = (401, 200, 403, 200, 200, 200)


def change(good: int) -> tuple[int, ...]:
    """Changes of a Site or Host that everybody may see: its people and operators make them."""
    return (401, good, 403, 403, good, 403)


STAFF = (401, 403, 403, 200, 200, 403)
OPERATORS = (401, 403, 403, 403, 200, 403)
ANY: dict[str, str] = {"If-Match": "*"}
RELEASE = {"product": "Fedora", "versions": "99"}

TABLE: list[tuple[str, str, Any, tuple[int, ...]]] = [
    ("GET", "/countries/", None, ALL),
    ("GET", "/countries/DE/", None, ALL),
    ("GET", "/products/", None, ALL),
    ("GET", "/products/{product}/", None, ALL),
    ("GET", "/versions/", None, ALL),
    ("GET", "/versions/{version}/", None, ALL),
    ("GET", "/arches/", None, ALL),
    ("GET", "/arches/{arch}/", None, ALL),
    ("GET", "/categories/", None, ALL),
    ("GET", "/categories/{category}/", None, ALL),
    ("GET", "/repositories/", None, ALL),
    ("GET", "/repositories/{repository}/", None, ALL),
    ("GET", "/repositories/{repository}/propagation/", None, ALL),
    ("GET", "/snapshots/", None, ALL),
    ("GET", "/status/", None, ALL),
    ("GET", "/hosts/", None, ALL),
    ("GET", "/hosts/{host}/", None, ALL),
    ("POST", "/hosts/", {"site": "SITE", "name": "n.example", "country": "DE"}, change(201)),
    ("PATCH", "/hosts/{host}/", {"comment": "fast"}, change(200)),
    ("DELETE", "/hosts/{host}/", None, change(204)),
    ("GET", "/hosts/{host}/categories/", None, INNER),
    ("POST", "/hosts/{host}/categories/", {"category": "NEW"}, change(201)),
    ("DELETE", "/hosts/{host}/categories/{copy}/", None, change(204)),
    ("GET", "/hosts/{host}/categories/{copy}/urls/", None, INNER),
    (
        "POST",
        "/hosts/{host}/categories/{copy}/urls/",
        {"url": "https://mirror.example.org/g"},
        change(201),
    ),
    (
        "PATCH",
        "/hosts/{host}/categories/{copy}/urls/{url}/",
        {"url": "https://mirror.example.org/h"},
        change(200),
    ),
    ("DELETE", "/hosts/{host}/categories/{copy}/urls/{url}/", None, change(204)),
    ("GET", "/hosts/{host}/netblocks/", None, INNER),
    ("POST", "/hosts/{host}/netblocks/", {"netblock": "192.0.2.0/24"}, change(201)),
    ("DELETE", "/hosts/{host}/netblocks/{netblock}/", None, change(204)),
    ("GET", "/hosts/{host}/allowed-countries/", None, INNER),
    ("POST", "/hosts/{host}/allowed-countries/", {"country": "AT"}, change(201)),
    ("DELETE", "/hosts/{host}/allowed-countries/{country}/", None, change(204)),
    ("GET", "/hosts/{host}/acl-addresses/", None, INNER),
    ("POST", "/hosts/{host}/acl-addresses/", {"ip": "192.0.2.9"}, change(201)),
    ("DELETE", "/hosts/{host}/acl-addresses/{address}/", None, change(204)),
    ("GET", "/hosts/{host}/events/", None, INNER),
    ("GET", "/hosts/{host}/issues/", None, INNER),
    ("GET", "/hosts/{host}/crawls/", None, INNER),
    ("POST", "/hosts/{host}/crawl/", None, change(202)),
    ("POST", "/hosts/{host}/transfer/", {"to_site": "Another University"}, change(201)),
    ("GET", "/transfers/", None, (401, 200, 200, 200, 200, 200)),
    # The other Site is the one to which it is offered.
    ("POST", "/transfers/{offer}/accept/", None, (401, 403, 204, 404, 204, 403)),
    ("DELETE", "/transfers/{offer}/", None, (401, 204, 204, 404, 204, 403)),
    ("GET", "/sites/", None, ALL),
    ("GET", "/sites/{site}/", None, ALL),
    ("POST", "/sites/", {"name": "New"}, (401, 201, 201, 201, 201, 403)),
    ("PATCH", "/sites/{site}/", {"name": "Renamed"}, change(200)),
    ("DELETE", "/sites/{site}/", None, change(204)),
    ("GET", "/sites/{site}/events/", None, INNER),
    ("GET", "/sites/{site}/admins/", None, INNER),
    ("POST", "/sites/{site}/admins/", {"username": "cara"}, change(201)),
    ("DELETE", "/sites/{site}/admins/{admin}/", None, change(204)),
    # Addresses of people who were invited are for those who invite.
    ("GET", "/sites/{site}/invitations/", None, (401, 200, 403, 403, 200, 200)),
    ("POST", "/sites/{site}/invitations/", {"email": "d@example.org"}, change(201)),
    ("DELETE", "/sites/{site}/invitations/{invitation}/", None, change(204)),
    ("GET", "/approvals/", None, STAFF),
    ("POST", "/approvals/hostnetblock/{waiting}/approve/", None, STAFF),
    ("POST", "/approvals/hostnetblock/{waiting}/reject/", {"sentence": "Too wide."}, STAFF),
    ("GET", "/operations/", None, OPERATORS),
    ("POST", "/operations/add-release/", RELEASE, OPERATORS),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE]
)
def test_everybody_gets_what_the_table_says(
    method: str,
    path: str,
    body: Any,
    expected: tuple[int, ...],
    callers: dict[str, Caller],
    world: World,
) -> None:
    special = {"SITE": world.site.pk, "NEW": CategoryFactory.create().pk}
    filled = {name: special.get(str(value), value) for name, value in (body or {}).items()}
    answers = {}
    for role in ROLES:
        with transaction.atomic():
            answer = callers[role](method, world.address_of(path), filled, **ANY)
            transaction.set_rollback(True)
        answers[role] = answer.status_code
        if answer.status_code >= 400:
            assert set(answer.json()) <= {"error", "sentence", "fields"}
            assert answer.json()["sentence"]
    assert answers == dict(zip(ROLES, expected, strict=True))


def test_the_table_has_every_operation() -> None:
    document = SchemaGenerator(urlconf="mirrorsite.api_urls").get_schema(public=True)
    for path, methods in document["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path.removeprefix("/api/v1")))
        for method in methods:
            rows = [row for row in TABLE if row[0] == method.upper()]
            assert any(re.fullmatch(pattern, row[1]) for row in rows), f"{method} {path}"
