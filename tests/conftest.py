"""What every test may ask for: the people of the suite, and programs that must be installed."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from registry.models import Site
from tests import factories

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if shutil.which(program) is None:
                reason = f"{program} is not installed"
                if os.environ.get("CI"):
                    pytest.fail(f"{reason}, and a continuous integration run skips nothing")
                pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped for a missing program, where it will be read: in the last lines."""
    for report in terminalreporter.stats.get("skipped", []):
        if "is not installed" in str(report.longrepr):
            terminalreporter.write_line(f"SKIPPED {report.nodeid}: {report.longrepr[2]}")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Every test begins in English; a request in another language leaves its thread in that."""
    translation.activate("en")
    yield
    translation.deactivate()


@pytest.fixture
def now() -> datetime:
    """The moment at which the suite happens."""
    return NOW


@pytest.fixture
def ada(db: None) -> User:
    """Ada, an operator."""
    return User.objects.create_superuser("ada", "ada@example.org", "ada's password")


@pytest.fixture
def ben(site: Site) -> User:
    """Ben, SiteAdmin of our Site."""
    user = User.objects.create_user("ben", "ben@example.org", "ben's password")
    factories.SiteAdminFactory.create(site=site, user=user)
    return user


@pytest.fixture
def cara(other_site: Site) -> User:
    """Cara, SiteAdmin of another Site."""
    user = User.objects.create_user("cara", "cara@example.org", "cara's password")
    factories.SiteAdminFactory.create(site=other_site, user=user)
    return user


@pytest.fixture
def site(db: None) -> Site:
    return factories.SiteFactory.create(name="Example University")


@pytest.fixture
def other_site(db: None) -> Site:
    return factories.SiteFactory.create(name="Another University")


@pytest.fixture
def admin(client: Client, ada: User) -> Client:
    """A test client on which Ada is signed in."""
    client.force_login(ada)
    return client
