import pytest
from django.test import Client
from django.urls import reverse

from mirrorlist.models import Snapshot
from mirrorlist.services.snapshots import build_snapshot
from registry.models import Event, Host, HostCategory, Site

pytestmark = pytest.mark.django_db
LIST = "/admin/mirrorlist/snapshot/"
QUESTION = {"ip": "193.99.144.80", "repo": "fedora-42", "arch": "x86_64"}


@pytest.fixture
def built(network, policy, minute) -> list[Snapshot]:
    network.host("one")
    first = build_snapshot(now=minute(1), policy=policy)
    network.host("two", has=[network.os])
    return [first, build_snapshot(now=minute(2), policy=policy)]


def text(response) -> str:
    return response.content.decode()


def test_the_list_shows_state_and_reason(admin: Client, built, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        page = text(admin.get(LIST))
    assert built[1].filename in page
    assert "pill-ok" in page
    assert "1 hosts, 1 repositories, 2 directories" in page
    assert reverse("admin:mirrorlist_snapshot_explain") in page
    assert reverse("admin:mirrorlist_snapshot_build") in page


def test_the_list_costs_the_same_with_many(
    admin: Client, built, now, django_assert_max_num_queries
) -> None:
    Snapshot.objects.bulk_create(Snapshot(built_at=now, state="replaced") for _ in range(60))
    with django_assert_max_num_queries(7):
        admin.get(LIST)


def test_a_snapshot_can_be_looked_at_but_not_edited(admin: Client, built) -> None:
    url = reverse("admin:mirrorlist_snapshot_change", args=[built[0].pk])
    page = admin.get(url)
    assert page.status_code == 200
    assert 'name="_save"' not in text(page)
    assert admin.post(url, {}).status_code == 403


def test_operators_build_with_a_button(admin: Client, network, policy, ada) -> None:
    network.host("one")
    assert "Build now even if it lost much" in text(admin.get(f"{LIST}build/"))
    assert not Snapshot.objects.exists()
    page = admin.post(f"{LIST}build/", {"build": "1"}, follow=True)
    assert "The new snapshot is published." in text(page)
    Host.objects.update(user_active=False)
    page = admin.post(f"{LIST}build/", {"build": "1"}, follow=True)
    assert "The new snapshot is refused. 1 of 1 Hosts vanished" in text(page)
    assert Event.objects.get().actor == ada
    page = admin.post(f"{LIST}build/", {"force": "1"}, follow=True)
    assert "The new snapshot is published. Published although" in text(page)


def test_operators_roll_back_to_a_snapshot(admin: Client, built) -> None:
    action = {"action": "roll_back", "_selected_action": [built[0].pk]}
    page = admin.post(LIST, action, follow=True)
    assert f"Clients are answered from {built[0].filename}, until" in text(page)
    built[0].refresh_from_db()
    assert built[0].state == "published"


def test_one_rolls_back_to_one_snapshot_that_is_there(admin: Client, built, policy) -> None:
    both = {"action": "roll_back", "_selected_action": [row.pk for row in built]}
    assert "Select the one snapshot" in text(admin.post(LIST, both, follow=True))
    (policy.directory / built[0].filename).unlink()
    gone = {"action": "roll_back", "_selected_action": [built[0].pk]}
    assert "Nothing was changed." in text(admin.post(LIST, gone, follow=True))


@pytest.mark.parametrize("address", [LIST, f"{LIST}explain/", f"{LIST}build/"])
def test_site_admins_have_no_business_here(client: Client, ben, address: str) -> None:
    client.force_login(ben)
    assert client.get(address).status_code == 302


def test_staff_without_the_permission_look_but_do_not_build(client: Client, ben, built) -> None:
    ben.is_staff = True
    ben.save()
    client.force_login(ben)
    assert client.get(f"{LIST}build/").status_code == 403
    assert client.get(f"{LIST}explain/").status_code == 403


def test_explain_begins_with_an_example(admin: Client, built) -> None:
    page = text(admin.get(f"{LIST}explain/?host={Host.objects.get(name='two').pk}"))
    assert 'value="fedora-42"' in page
    assert 'value="x86_64"' in page
    assert 'value="127.0.0.1"' in page
    assert 'name="host"' in page
    assert admin.get(f"{LIST}explain/?host=no").status_code == 200
    assert admin.get(f"{LIST}explain/?host={2**80}").status_code == 200


def test_explain_shows_every_host(admin: Client, built, django_assert_max_num_queries) -> None:
    two = Host.objects.get(name="two")
    with django_assert_max_num_queries(6):
        page = text(admin.get(f"{LIST}explain/", QUESTION | {"host": two.pk}))
    assert "<code># repo = fedora-42 arch = x86_64 country = DE country = global </code>" in page
    assert "client&#x27;s country" in page
    assert "Nobody has looked yet" in page
    assert 'class="selected" aria-current="true"' in page
    assert "style=" not in page.split('<div id="content"')[1]


def test_explain_costs_the_same_with_many_hosts(
    admin: Client, network, policy, now, django_assert_max_num_queries
) -> None:
    network.host("one")
    for number in range(20):
        network.host(f"more{number}", site=Site.objects.first(), has=[network.os])
    build_snapshot(now=now, policy=policy)
    with django_assert_max_num_queries(6):
        page = text(admin.get(f"{LIST}explain/", QUESTION))
    assert page.count("not up2date") == 20


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"ip": "x"}, "Enter a valid IPv4 or IPv6 address."),
        ({"arch": ""}, "Fill in a path, or a Repository and an Arch."),
        ({"kind": "x"}, "Select a valid choice."),
        ({"repo": "x"}, "The client gets this text with status 404"),
        ({"path": "no/where", "kind": "metalink"}, "The client gets this text with status 404"),
    ],
)
def test_odd_questions_are_told_so(admin: Client, built, over, sentence: str) -> None:
    assert sentence in text(admin.get(f"{LIST}explain/", QUESTION | over))


def test_explain_says_when_nobody_carries_the_category(admin: Client, network, policy, now):
    build_snapshot(now=now, policy=policy)
    assert "No Host carries this Category yet." in text(admin.get(f"{LIST}explain/", QUESTION))


def test_explain_without_a_snapshot_says_what_to_do(admin: Client, policy) -> None:
    assert "Run manage.py build_snapshot." in text(admin.get(f"{LIST}explain/", QUESTION))
    assert not HostCategory.objects.exists()
