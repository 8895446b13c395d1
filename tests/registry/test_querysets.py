import pytest

from registry.models import EmbargoedCountry, Host
from tests.factories import HostFactory, SiteFactory

pytestmark = pytest.mark.django_db


def test_a_host_in_service_is_listable() -> None:
    host = HostFactory.create()
    assert list(Host.objects.listable()) == [host]


@pytest.mark.parametrize(
    "off",
    [
        {"admin_active": False},
        {"user_active": False},
        {"system_active": False},
        {"approval": "pending"},
        {"site__admin_active": False},
        {"site__user_active": False},
        {"site__approval": "rejected"},
    ],
)
def test_any_switch_takes_a_host_out_of_service(off: dict[str, object]) -> None:
    HostFactory.create(**off)
    assert not Host.objects.active().exists()
    assert not Host.objects.listable().exists()
    assert not Host.objects.servable().exists()


@pytest.mark.parametrize("private", [{"private": True}, {"site__private": True}])
def test_private_hosts_are_served_to_their_own_but_never_listed(private: dict[str, bool]) -> None:
    host = HostFactory.create(**private)
    assert not Host.objects.listable().exists()
    assert list(Host.objects.servable()) == [host]
    assert not Host.objects.crawlable().exists()


def test_hosts_under_embargo_are_not_served() -> None:
    host = HostFactory.create()
    EmbargoedCountry.objects.create(country=host.country)
    assert not Host.objects.servable().exists()
    assert Host.objects.active().exists()


def test_what_the_system_disabled_is_still_visited() -> None:
    host = HostFactory.create(system_active=False)
    HostFactory.create(user_active=False)
    assert list(Host.objects.crawlable()) == [host]


def test_site_admins_edit_their_own_hosts_and_operators_all(ada, ben, cara, site) -> None:
    ours, other = HostFactory.create(site=site), HostFactory.create(site=SiteFactory.create())
    assert list(Host.objects.managed_by(ben)) == [ours]
    assert not Host.objects.managed_by(cara).exists()
    assert set(Host.objects.managed_by(ada)) == {ours, other}
