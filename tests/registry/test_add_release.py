import pytest
from django.core.management import CommandError
from django.test import Client

from registry.models import Category, Event, HostCategory, Product, Version
from tests import factories as f
from tests.registry.operating import queued, run

pytestmark = pytest.mark.django_db
URL = "https://dl.example.org/pub/fedora/linux"
EVERYTHING = (
    "--product=Fedora",
    "--version=43",
    "--version=44",
    "--category=Fedora Linux",
    "--top-directory=/pub/fedora/linux/",
    "--source=/srv/pub/fedora/linux",
    "--host=dl.example.org",
    f"--url={URL}/",
)


@pytest.fixture(autouse=True)
def master() -> None:
    f.HostFactory.create(name="dl.example.org")


def test_everything_that_a_product_needs_is_added() -> None:
    assert "6 to add. Written." in run("add_release", *EVERYTHING)
    category = Category.objects.get(name="Fedora Linux")
    assert category.top_directory == "pub/fedora/linux"
    assert category.source_location == "/srv/pub/fedora/linux"
    copy = HostCategory.objects.get()
    assert copy.always_up2date
    assert [row.url for row in copy.urls.all()] == [URL]
    assert set(Version.objects.values_list("name", flat=True)) == {"43", "44"}
    assert Event.objects.count() == 6
    assert queued() == ["mirrorlist.tasks.build_snapshot"]


def test_adding_twice_adds_nothing_the_second_time() -> None:
    run("add_release", *EVERYTHING)
    assert "6 already so. Nothing to do." in run("add_release", *EVERYTHING)
    assert Product.objects.count() == Category.objects.count() == 1


def test_a_release_is_added_to_a_product_that_exists() -> None:
    run("add_release", *EVERYTHING)
    run("add_release", "--product=Fedora", "--version=45")
    assert Version.objects.count() == 3


def test_a_url_is_added_to_a_copy_that_exists() -> None:
    run("add_release", *EVERYTHING[:-1])
    run("add_release", *EVERYTHING)
    assert HostCategory.objects.get().urls.count() == 1


def test_a_dry_run_adds_nothing() -> None:
    run("add_release", *EVERYTHING, "--dry-run")
    assert not Product.objects.exists()


def test_a_conflict_is_refused_and_nothing_is_added() -> None:
    f.CategoryFactory.create(name="Other", top_directory="pub/fedora/linux", product=None)
    with pytest.raises(CommandError, match="1 refused"):
        run("add_release", *EVERYTHING)
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--product= ",), "Name the Product."),
        (("--product=F", "--category=L"), "A Category needs its top directory"),
        (("--product=F", "--host=dl.example.org"), "Name the Category"),
        (("--product=F", "--url=https://x/"), "Name the Host"),
        (
            ("--product=F", "--category=L", "--top-directory=a/../b"),
            "is not a path inside the master tree",
        ),
        (
            ("--product=F", "--category=L", "--top-directory=a", "--host=nobody"),
            "There is no Host called “nobody”.",
        ),
        (
            (*EVERYTHING[:-1], "--url=gopher://x/"),
            "must begin with one of",
        ),
        (("--product=F", f"--version={'4' * 101}"), "The version cannot be added."),
    ],
)
def test_what_makes_no_sense_is_an_error(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        run("add_release", *arguments)
    assert sentence in str(caught.value)
    assert not Product.objects.exists()


def test_a_host_whose_name_two_sites_have_is_refused() -> None:
    f.HostFactory.create(name="dl.example.org")
    with pytest.raises(CommandError, match="more than one Host called"):
        run("add_release", *EVERYTHING)


def test_the_admin_adds_a_release(admin: Client) -> None:
    url, data = "/admin/operations/add-release/", {"product": "EPEL", "versions": "9 10"}
    page = admin.post(url, data)
    assert not Product.objects.exists()
    admin.post(url, {**data, "shown": page.context["plan"].fingerprint})
    assert Version.objects.count() == 2
