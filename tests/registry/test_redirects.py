import pytest
from django.core.management import CommandError
from django.test import Client

from registry.models import Event, RepositoryRedirect
from tests import factories as f
from tests.registry.operating import facts, queued, run

pytestmark = pytest.mark.django_db


def redirects() -> dict[str, str]:
    return dict(RepositoryRedirect.objects.values_list("from_prefix", "to_prefix"))


def test_single_redirects_are_created_and_led_elsewhere() -> None:
    run("create_redirects", "--redirect", "a", "b", "--redirect", "c", "b")
    assert redirects() == {"a": "b", "c": "b"}
    run("create_redirects", "--redirect", "a", "d")
    assert redirects() == {"a": "d", "c": "b"}
    assert Event.objects.order_by("-id")[0].facts == {"to_prefix": ["b", "d"]}
    assert queued() == ["mirrorlist.tasks.build_snapshot"] * 2


def test_a_release_day_is_created_once_and_removed_once() -> None:
    day = ("--release-day", "44", "rawhide")
    assert "9 to add. Written." in run("create_redirects", *day)
    assert "9 already so. Nothing to do." in run("create_redirects", *day)
    assert len(redirects()) == 9
    assert "9 to remove. Written." in run("remove_redirects", "--release-day", "44")
    assert "9 already so. Nothing to do." in run("remove_redirects", "--release-day", "44")
    assert redirects() == {}
    assert Event.objects.count() == 18


def test_a_dry_run_writes_no_redirect() -> None:
    assert not facts("create_redirects", "--redirect", "a", "b", "--dry-run")["written"]
    assert redirects() == {}


def test_chains_are_refused_as_a_whole() -> None:
    f.RepositoryRedirectFactory.create(from_prefix="b", to_prefix="c")
    with pytest.raises(CommandError, match="1 refused") as caught:
        run("create_redirects", "--redirect", "x", "y", "--redirect", "a", "b")
    assert caught.value.returncode == 1
    assert redirects() == {"b": "c"}


@pytest.mark.parametrize("name", ["", "two words", "a/b", "x" * 201])
def test_what_is_no_prefix_is_an_error(name: str) -> None:
    with pytest.raises(CommandError, match="is no prefix"):
        run("create_redirects", "--redirect", name, "b")


def test_the_admin_creates_and_removes_a_release_day(admin: Client) -> None:
    data = {"from_prefix": "44", "to_prefix": "rawhide", "release_day": "on"}
    url = "/admin/operations/create-redirects/"
    shown = admin.post(url, data).context["plan"].fingerprint
    admin.post(url, {**data, "shown": shown})
    assert len(redirects()) == 9
    data = {"from_prefix": "44", "release_day": "on"}
    url = "/admin/operations/remove-redirects/"
    shown = admin.post(url, data).context["plan"].fingerprint
    admin.post(url, {**data, "shown": shown})
    assert redirects() == {}


def test_redirects_are_removed_from_their_list(admin: Client) -> None:
    row = f.RepositoryRedirectFactory.create()
    page = admin.post(
        "/admin/registry/repositoryredirect/",
        {"action": "remove_redirects", "_selected_action": [row.pk]},
    )
    data = {"redirects": str(row.pk), "shown": page.context["plan"].fingerprint}
    admin.post("/admin/operations/remove-redirects/", data)
    assert redirects() == {}


def test_the_page_asks_for_a_prefix(admin: Client) -> None:
    page = admin.post("/admin/operations/remove-redirects/", {"from_prefix": ""})
    assert "Name a prefix." in page.content.decode()
