"""List, form and page of every table in the admin, in a real browser, by the rules of axe."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from registry.models import Country
from tests import factories
from tests.browsing import WIDE, browse, problems, session_of
from tests.conftest import NOW

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.sqlite_only,
]
TABLES = sorted(admin.site._registry, key=lambda model: model._meta.label)
# A browser looks at several tables, since starting a browser takes as long as looking at two pages.
GROUPS = [TABLES[first : first + 8] for first in range(0, len(TABLES), 8)]
# Rows of tables that have no factory.
ROWS: dict[str, dict[str, Any]] = {
    "auth.Group": {"name": "reviewers"},
    "axes.AccessAttempt": {"username": "ben", "path_info": "/a/", "failures_since_start": 1},
    "axes.AccessFailureLog": {"username": "ben", "path_info": "/accounts/login/"},
    "axes.AccessLog": {"username": "ben", "path_info": "/accounts/login/"},
    "django_q.Failure": {"id": "a" * 32, "name": "blue", "func": "f", "success": False},
    "django_q.Success": {"id": "b" * 32, "name": "green", "func": "f", "success": True},
    "django_q.Schedule": {"name": "crawl", "func": "crawler.tasks.crawl"},
    "mirrorlist.AccessStat": {"day": NOW.date(), "dimension": "kind", "key": "x", "count": 1},
    "mirrorlist.EdgeKey": {"edge": "a", "prefix": "a", "created_at": NOW},
    "mirrorlist.FileStat": {"day": NOW.date(), "path": "pub/a", "count": 1},
    "mirrorlist.LogImport": {"filename": "a.log", "asked_at": NOW, "seen_at": NOW},
    "mirrorlist.Snapshot": {"built_at": NOW, "state": "published", "counts": {"hosts": 1}},
    "mirrorlist.StatisticsBatch": {"name": "a", "source": "log", "received_at": NOW},
}


@pytest.fixture(autouse=True)
def allow_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright runs a loop in this thread, in which Django would refuse to touch the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def sample(model: type[Model]) -> Model | None:
    """Make a row of a table; None of what only the queue writes."""
    label = model._meta.label
    if model is Country:
        return Country.objects.get(code="DE")
    if label == "crawler.MasterScan":
        category = factories.CategoryFactory.create()
        return model._default_manager.create(
            category=category, state="finished", started_at=NOW, lease_until_at=NOW
        )
    if label == "django_q.OrmQ":
        return None
    if label in ROWS:
        facts = dict(ROWS[label])
        if label in {"django_q.Failure", "django_q.Success"}:
            facts |= {"started": NOW, "stopped": NOW}
        return model._default_manager.create(**facts)
    factory: Any = getattr(factories, f"{model.__name__}Factory")
    row: Model = factory.create()
    return row


def addresses(model: type[Model], row: Model | None) -> list[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    found = [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
    return [*found, reverse(f"{name}_change", args=[row.pk])] if row else found


@pytest.mark.parametrize("models", GROUPS, ids=lambda models: models[0]._meta.label)
def test_every_page_of_a_table_breaks_no_rule(
    live_server: LiveServer, ada: User, models: list[type[Model]]
) -> None:
    pages = [address for model in models for address in addresses(model, sample(model))]
    found: list[str] = []
    with browse(live_server.url, session_of(ada)) as page:
        for address in pages:
            answer = page.goto(address)
            assert answer is not None
            if answer.status == 403 and address.endswith("/add/"):
                continue  # nobody adds what the system writes
            assert answer.status == 200, address
            found += problems(page, width=WIDE)
    assert found == [], "\n".join(found)


def test_a_field_is_called_by_its_label_or_by_the_head_of_its_column(
    live_server: LiveServer, ada: User
) -> None:
    mapping = factories.RepositoryMappingFactory.create()
    with browse(live_server.url, session_of(ada)) as page:
        page.goto("/admin/registry/host/add/")
        expect(page.get_by_role("combobox", name="Site")).to_be_visible()
        page.goto("/admin/registry/repositorymapping/")
        field = page.get_by_role("spinbutton", name="Position")
        expect(field).to_have_value(str(mapping.position))
