"""What all pages of operations share: who may see them, what they show, what they refuse."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from registry.models import Repository
from tests.registry.operating import make_linux, make_repository
from tests.test_pages import Outline

pytestmark = pytest.mark.django_db
SLUGS = (
    "add-release",
    "move-to-release",
    "move-to-archive",
    "release-day",
    "create-redirects",
    "remove-redirects",
    "disable-repository",
    "emergency-expire",
    "refresh-file",
    "hash-files",
    "update-ranges",
    "import-network",
    "build-netblocks",
)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_operation_shows_its_form_and_nothing_inline(admin: Client, slug: str) -> None:
    page = admin.get(f"/admin/operations/{slug}/")
    assert page.status_code == 200
    assert not Outline(page.content.decode()).inline


def test_the_list_names_every_operation(admin: Client) -> None:
    text = admin.get("/admin/operations/").content.decode()
    for slug in SLUGS:
        assert f'href="/admin/operations/{slug}/"' in text


def test_an_operation_that_does_not_exist_is_not_found(admin: Client) -> None:
    assert admin.get("/admin/operations/format-disk/").status_code == 404


def test_strangers_and_site_admins_are_sent_to_the_login(client: Client, ben: User) -> None:
    client.force_login(ben)
    answer = client.get("/admin/operations/emergency-expire/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_operator_without_the_permission_is_refused(client: Client, method: str) -> None:
    dora = User.objects.create_user("dora", is_staff=True)
    dora.user_permissions.add(Permission.objects.get(codename="view_repository"))
    client.force_login(dora)
    assert "Your account may change no content" in client.get("/admin/operations/").content.decode()
    answer = getattr(client, method)("/admin/operations/emergency-expire/", {"shown": "x"})
    assert answer.status_code == 403


def test_a_preview_is_a_table_with_a_caption_and_nothing_inline(admin: Client) -> None:
    make_linux()
    page = admin.post("/admin/operations/emergency-expire/", {"repo_prefix": "fedora-43"})
    text = page.content.decode()
    assert "<caption>What it would do: 1 to change, 1 to remove.</caption>" in text
    assert not Outline(text).inline


def test_a_preview_can_be_asked_for_in_a_link(admin: Client) -> None:
    make_linux()
    page = admin.get("/admin/operations/emergency-expire/?repo_prefix=fedora-43")
    assert len(page.context["plan"].writes) == 2


def test_an_unknown_prefix_is_said_on_the_form(admin: Client) -> None:
    page = admin.post("/admin/operations/emergency-expire/", {"repo_prefix": "nothing"})
    assert "There is no Repository with the prefix “nothing”." in page.content.decode()
    assert "plan" not in page.context


def test_confirming_without_parameters_shows_the_form_again(admin: Client) -> None:
    page = admin.post("/admin/operations/emergency-expire/", {"shown": "x"})
    assert "Choose a Version or name a prefix." in page.content.decode()


def test_too_many_or_strange_rows_are_refused_or_ignored(admin: Client) -> None:
    url = "/admin/operations/emergency-expire/"
    page = admin.post(url, {"repositories": ",".join(["1"] * 10_001)})
    assert "More than 10,000 rows are selected" in page.content.decode()
    page = admin.post(url, {"repositories": f"x,-1,{'9' * 30}"})
    assert "Choose a Version or name a prefix." in page.content.decode()


def test_a_page_costs_few_queries_however_many_repositories(
    admin: Client, django_assert_max_num_queries
) -> None:
    category = make_linux()
    for number in range(20):
        make_repository(category, f"pub/fedora/linux/more/{number}", prefix=f"more-{number}")
    rows = ",".join(str(row.pk) for row in Repository.objects.all())
    with django_assert_max_num_queries(12):
        page = admin.post("/admin/operations/emergency-expire/", {"repositories": rows})
    assert len(page.context["plan"].writes) == 42
