import pytest
from django.core.management import CommandError
from django.test import Client

from registry.models import Event, RepositoryRedirect, Version
from registry.services.operations.base import ChangedError, carry_out
from registry.services.operations.release_day import ReleaseDay
from tests import factories as f
from tests.conftest import NOW
from tests.registry.operating import facts, queued, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def released() -> Version:
    """Make a released and a test Version of Fedora, a test Version of EPEL, and two redirects."""
    fedora = f.ProductFactory.create(name="Fedora")
    f.VersionFactory.create(product=fedora, name="44_Beta", is_test=True)
    f.VersionFactory.create(product=f.ProductFactory.create(name="EPEL"), name="11", is_test=True)
    f.RepositoryRedirectFactory.create(from_prefix="fedora-44", to_prefix="rawhide")
    f.RepositoryRedirectFactory.create(from_prefix="fedora-45", to_prefix="rawhide")
    made: Version = f.VersionFactory.create(product=fedora, name="44", display=False, is_test=True)
    return made


def versions() -> dict[str, tuple[bool, bool]]:
    rows = Version.objects.values_list("product__name", "name", "display", "is_test")
    return {f"{product} {name}": (display, test) for product, name, display, test in rows}


def redirects() -> list[str]:
    return sorted(RepositoryRedirect.objects.values_list("from_prefix", flat=True))


def test_a_release_day_shows_hides_and_removes_once(released: Version) -> None:
    assert "2 to change, 1 to remove. Written." in run("release_day", "--version", "Fedora 44")
    assert versions() == {
        "Fedora 44": (True, False),
        "Fedora 44_Beta": (False, True),
        "EPEL 11": (True, True),
    }
    assert redirects() == ["fedora-45"]
    assert queued() == ["mirrorlist.tasks.build_snapshot"]
    assert "Nothing to do." in run("release_day", "--version", "Fedora 44")
    assert Event.objects.filter(facts__display=[False, True]).get().sentence == (
        "An operator shows the Version Fedora 44: It is shown on public pages and it is no test "
        "release anymore."
    )
    assert Event.objects.count() == 3


def test_a_dry_run_changes_no_version(released: Version) -> None:
    before = versions()
    assert not facts("release_day", "--version", "Fedora 44", "--dry-run")["written"]
    assert (versions(), redirects()) == (before, ["fedora-44", "fedora-45"])


def test_an_unknown_version_is_an_error(released: Version) -> None:
    with pytest.raises(CommandError, match="no Version called “Fedora 50”"):
        run("release_day", "--version", "Fedora 50")


def test_a_version_that_was_deleted_meanwhile_is_not_released(released: Version) -> None:
    Version.objects.filter(pk=released.pk).delete()
    with pytest.raises(ChangedError):
        carry_out(ReleaseDay(released), now=NOW)


def test_the_admin_shows_the_steps_and_carries_them_out(admin: Client, released: Version) -> None:
    url, data = "/admin/operations/release-day/", {"version": str(released.pk)}
    page = admin.post(url, data)
    assert "Version Fedora 44_Beta" in page.content.decode()
    admin.post(url, {**data, "shown": page.context["plan"].fingerprint})
    assert versions()["Fedora 44_Beta"] == (False, True)


def test_the_list_of_versions_leads_to_it(admin: Client, released: Version) -> None:
    data = {"action": "release_day", "_selected_action": [released.pk]}
    page = admin.post("/admin/registry/version/", data)
    assert "Version Fedora 44" in page.content.decode()
