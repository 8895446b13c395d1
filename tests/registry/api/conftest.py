"""A small world for the API: what is public and what is not, and people with tokens."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache

from registry.models import Host, HostCategory, PersonalToken, Site
from registry.querysets import REVIEWERS
from registry.services.personal_tokens import issue_personal_token
from tests import factories
from tests.registry.api.calling import Caller, World


@pytest.fixture(autouse=True)
def _fresh_rates() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def rita(db: None) -> User:
    """Rita, a reviewer."""
    user = User.objects.create_user("rita", "rita@example.org", "x", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])
    return user


@pytest.fixture
def host(site: Site) -> Host:
    """A public Host of our Site."""
    return factories.HostFactory.create(site=site, name="mirror.example.org")


@pytest.fixture
def copy(host: Host) -> HostCategory:
    """What our Host carries."""
    return factories.carry(
        host, factories.CategoryFactory.create(name="Fedora Linux"), "https://mirror.example.org/f"
    )


@pytest.fixture
def hidden(site: Site) -> Host:
    """A private Host of our Site."""
    return factories.HostFactory.create(site=site, name="inside.example.org", private=True)


@pytest.fixture
def callers(ada: User, ben: User, cara: User, rita: User, now: datetime) -> dict[str, Caller]:
    """Everybody who may call, by role; `read` is Ben with a token that only reads."""
    write, read = PersonalToken.Scope.WRITE, PersonalToken.Scope.READ

    def caller(user: User, scope: PersonalToken.Scope = write) -> Caller:
        return Caller(issue_personal_token(user, "t", scope=scope, lifetime=None, now=now).text)

    return {
        "anonymous": Caller(),
        "owner": caller(ben),
        "other": caller(cara),
        "reviewer": caller(rita),
        "operator": caller(ada),
        "read": caller(ben, read),
    }


@pytest.fixture
def world(
    site: Site, other_site: Site, host: Host, copy: HostCategory, ben: User, cara: User
) -> World:
    """Our Site with one of everything, and another Site with as much."""
    theirs = factories.HostFactory.create(site=other_site, name="other.example.org", private=True)
    return World.around(host, copy, theirs, to_site=other_site)
