"""What the OpenAPI document allows, and a bit more, is asked for; nothing is an error of ours.

Schemathesis makes the requests up, the same in each run; half of them name objects that exist.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from tests.registry.api.calling import Caller, World

pytestmark = pytest.mark.django_db

EXAMPLES = 12
SCHEMA = schemathesis.openapi.from_dict(
    SchemaGenerator(urlconf="mirrorsite.api_urls").get_schema(public=True)
)
SCHEMA.app = WSGIHandler()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
RATES = dict.fromkeys(django_settings.API_RATES, "1000000/minute")
# By which id of the world the last part of a path is filled.
LAST = {
    "urls": "url",
    "netblocks": "netblock",
    "allowed-countries": "country",
    "acl-addresses": "address",
    "admins": "admin",
    "invitations": "invitation",
    "transfers": "offer",
    "hosts": "host",
    "sites": "site",
    "categories": "copy",
}


@pytest.fixture
def _one_transaction() -> Iterator[None]:
    """Let the server keep the connection of the test, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_one_transaction")
@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.label for each in OPERATIONS])
def test_nothing_that_can_be_asked_for_is_an_error_of_ours(
    operation: Any, callers: dict[str, Caller], world: World, settings: Any
) -> None:
    settings.API_RATES = RATES
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    ids = known_ids(operation.path, world)
    statuses = set()

    @given(requests_of(operation), st.booleans(), st.sampled_from(["operator", "owner", "other"]))
    @examples
    def ask(case: Any, existing: bool, role: str) -> None:
        if existing:
            case.path_parameters = {**(case.path_parameters or {}), **ids}
        headers = {"Authorization": f"Bearer {callers[role].token}", "If-Match": "*"}
        statuses.add(case.call(headers=headers).status_code)

    ask()
    assert statuses
    assert 429 not in statuses
    assert not connection.needs_rollback


examples = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def requests_of(operation: Any) -> Any:
    """Return requests that keep to the document, and others that do not."""
    modes = schemathesis.GenerationMode
    return st.one_of(
        operation.as_strategy(generation_mode=modes.POSITIVE),
        operation.as_strategy(generation_mode=modes.NEGATIVE),
    )


def known_ids(path: str, world: World) -> dict[str, Any]:
    """Return ids that exist for the parameters of a path."""
    known: dict[str, Any] = {
        "host": world.host.pk,
        "site": world.site.pk,
        "copy": world.copy.pk,
        "repository": world.repository.pk,
        "kind": "hostnetblock",
        "code": "DE",
    }
    last = [part for part in path.split("/") if part and not part.startswith("{")]
    name = next((LAST[part] for part in reversed(last) if part in LAST), None)
    if "approvals" in last:
        name = "waiting"
    if name is not None:
        known["id"] = getattr(world, name).pk
    return {each: value for each, value in known.items() if f"{{{each}}}" in path}
