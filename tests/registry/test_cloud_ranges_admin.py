import pytest
from django.test import Client

from registry.models import HostNetblock
from registry.services.network_export import export_network
from registry.services.network_file import import_network
from tests.conftest import NOW
from tests.factories import HostFactory, HostNetblockFactory, HostNetblockSourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> HostNetblock:
    """A netblock that came from a list."""
    host = HostFactory.create()
    HostNetblockFactory.create(host=host, netblock="192.0.2.0/24")
    source = HostNetblockSourceFactory.create(host=host, name="Our cloud")
    row: HostNetblock = HostNetblockFactory.create(host=host, netblock="9.9.8.0/23", source=source)
    return row


def test_what_comes_from_a_list_is_shown_but_not_edited(admin: Client, made: HostNetblock) -> None:
    listing = admin.get("/admin/registry/hostnetblock/?source__isempty=0").content.decode()
    assert "9.9.8.0/23" in listing
    assert "192.0.2.0/24" not in listing
    page = admin.get(f"/admin/registry/hostnetblock/{made.pk}/change/").content.decode()
    assert "Our cloud" in page
    assert 'name="netblock"' not in page


def test_the_page_of_a_host_has_its_lists_and_what_people_wrote(
    admin: Client, made: HostNetblock
) -> None:
    page = admin.get(f"/admin/registry/host/{made.host_id}/change/").content.decode()
    assert 'value="Our cloud"' in page
    assert 'value="192.0.2.0/24"' in page
    assert "9.9.8.0/23" not in page


def test_the_list_of_lists_leads_to_the_preview(
    admin: Client, made: HostNetblock, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(12):
        text = admin.get("/admin/registry/hostnetblocksource/").content.decode()
    assert "Our cloud" in text
    assert "Update cloud ranges…" in text


def test_the_network_file_has_the_list_and_not_what_comes_from_it(made: HostNetblock) -> None:
    exported = "".join(export_network())
    assert "Our cloud" in exported
    assert "192.0.2.0/24" in exported
    assert "9.9.8.0/23" not in exported
    outcome = import_network(exported.encode(), source="network.yaml", now=NOW, replace=True)
    assert not outcome.problems
    assert HostNetblock.objects.filter(pk=made.pk).exists()
