from itertools import product

import pytest

from registry.models import Country, EmbargoedCountry, Host
from registry.services.standing import NEEDED, host_standing
from tests.factories import HostFactory, SiteFactory

pytestmark = pytest.mark.django_db


def test_the_page_and_the_queryset_agree_about_every_host() -> None:
    """Whatever the combination, what the admin says is what clients get."""
    EmbargoedCountry.objects.create(country_id="KP")
    sites = [
        SiteFactory.create(approval=approval, admin_active=admin, user_active=user, private=private)
        for approval, admin, user, private in product(
            ("approved", "pending", "rejected"), (True, False), (True, False), (False, True)
        )
    ]
    for site in (sites[0], *sites):
        HostFactory.create(site=site)
    for approval, admin, user, system, private, country in product(
        ("approved", "pending", "rejected"),
        (True, False),
        (True, False),
        (True, False),
        (True, False),
        ("DE", "KP"),
    ):
        HostFactory.create(
            site=sites[0],
            approval=approval,
            admin_active=admin,
            user_active=user,
            system_active=system,
            private=private,
            country=Country.objects.get(code=country),
        )
    listable = set(Host.objects.listable())
    judged = {host for host in Host.objects.select_related(*NEEDED) if host_standing(host).listed}
    assert judged == listable
    assert len(judged) == 3


def test_many_hosts_are_judged_without_a_query_each(django_assert_num_queries) -> None:
    HostFactory.create_batch(5)
    with django_assert_num_queries(1):
        assert all(host_standing(host).listed for host in Host.objects.select_related(*NEEDED))
