import pytest
from django.core.management import CommandError
from django.test import Client

from registry.models import Event, FileDetail
from tests.registry.operating import facts, make_linux, make_repository, queued, run, state

pytestmark = pytest.mark.django_db


def test_the_command_shows_what_goes_and_does_nothing_without_yes() -> None:
    make_linux()
    before = state()
    with pytest.raises(CommandError, match="run it again with --yes") as caught:
        run("emergency_expire", "--version", "Fedora 43")
    assert caught.value.returncode == 2
    assert state() == before
    assert not queued()


def test_a_dry_run_prints_the_steps_and_writes_nothing() -> None:
    make_linux()
    before = state()
    printed = run("emergency_expire", "--version", "Fedora 43", "--dry-run")
    assert "~ Repository fedora-43 x86_64: It loses 2 alternates" in printed
    assert "1 to change, 1 to remove. Nothing was written." in printed
    assert state() == before


def test_only_the_newest_state_stays_and_a_snapshot_is_queued() -> None:
    category = make_linux()
    make_repository(category, "pub/fedora/linux/other", prefix="other")
    result = facts("emergency_expire", "--repository", "fedora-43", "--yes")
    assert result["written"]
    kept = FileDetail.objects.filter(directory__path__contains="development")
    assert [detail.timestamp for detail in kept] == [0]
    assert FileDetail.objects.exclude(pk__in=kept).count() == 3
    assert queued() == ["mirrorlist.tasks.build_snapshot"]
    event = Event.objects.get()
    assert event.sentence == (
        "An operator dropped all earlier states of the metadata of “fedora-43 x86_64”."
    )


def test_doing_it_twice_does_nothing_the_second_time() -> None:
    make_linux()
    for _ in range(2):
        printed = run("emergency_expire", "--product", "Fedora", "--yes")
    assert "= Repository fedora-43 x86_64: It has no alternates." in printed
    assert "1 already so. Nothing to do." in printed
    assert len(queued()) == Event.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--version", "Fedora 44"), "no Version called “Fedora 44”. There are: Fedora 43."),
        (("--product", "EPEL"), "no Product called “EPEL”. There are: Fedora."),
        (("--repository", "epel-9"), "no Repository with the prefix “epel-9”."),
    ],
)
def test_what_does_not_exist_is_an_error_that_says_what_does(
    arguments: tuple[str, str], sentence: str
) -> None:
    make_linux()
    with pytest.raises(CommandError) as caught:
        run("emergency_expire", *arguments, "--yes")
    assert sentence in str(caught.value)
    assert caught.value.returncode == 2


def test_the_admin_shows_the_steps_and_then_does_them(admin: Client) -> None:
    category = make_linux()
    version = category.product and category.product.versions.get()
    assert version is not None
    page = admin.post(
        "/admin/registry/version/",
        {"action": "emergency_expire", "_selected_action": [version.pk]},
    )
    assert "It loses 2 alternates" in page.content.decode()
    assert FileDetail.objects.count() == 3
    answer = admin.post(
        "/admin/operations/emergency-expire/",
        {"versions": str(version.pk), "shown": page.context["plan"].fingerprint},
        follow=True,
    )
    assert "Emergency expire: 1 to change, 1 to remove. Written." in answer.content.decode()
    assert FileDetail.objects.count() == 1
    assert Event.objects.get().actor == answer.wsgi_request.user


@pytest.mark.parametrize("table", ["product", "repository"])
def test_products_and_repositories_are_expired_from_their_lists(admin: Client, table: str) -> None:
    category = make_linux()
    rows = {"product": category.product, "repository": category.repositories.get()}
    page = admin.post(
        f"/admin/registry/{table}/",
        {"action": "emergency_expire", "_selected_action": [rows[table].pk]},  # type: ignore[union-attr]
    )
    assert len(page.context["plan"].writes) == 2
