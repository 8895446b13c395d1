"""CSV out of the lists and back in: through the admin and by command."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from registry.models import Event, Host, HostCategoryUrl, HostNetblock, Site
from registry.querysets import REVIEWERS
from tests.factories import (
    CategoryFactory,
    HostCategoryFactory,
    HostFactory,
    HostNetblockFactory,
    SiteFactory,
    carry,
)

pytestmark = pytest.mark.django_db

PAGE = "/admin/operations/import-csv/"


def exported(client: Client, table: str, query: str = "") -> list[dict[str, str]]:
    answer: Any = client.get(f"/admin/registry/{table}/export.csv{query}")
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def load(client: Client, table: str, text: str) -> Any:
    """Preview a file and confirm what was shown; return the preview."""
    data = {"table": table, "text": text}
    preview = client.post(PAGE, data)
    if plan := preview.context.get("plan"):
        client.post(PAGE, {**data, "shown": plan.fingerprint})
    return preview


def test_the_list_is_exported_as_it_is_filtered(admin: Client) -> None:
    HostFactory.create(name="off", admin_active=False, comment="=1+1")
    HostFactory.create(name="on")
    (row,) = exported(admin, "host", "?standing=operators")
    assert (row["name"], row["admin_active"], row["comment"]) == ("off", "no", "'=1+1")
    assert (
        "?standing=operators"
        in admin.get("/admin/registry/host/?standing=operators").content.decode()
    )


@pytest.mark.parametrize(
    ("table", "page"),
    [
        ("sites", "site"),
        ("hosts", "host"),
        ("netblocks", "hostnetblock"),
        ("urls", "hostcategoryurl"),
    ],
)
def test_what_was_exported_comes_back_without_a_change(
    admin: Client, table: str, page: str
) -> None:
    host = HostFactory.create(comment="@home", latitude=-33.5, site__name="+Site")
    carry(host, CategoryFactory.create(), "https://m1.example.org/pub")
    HostNetblockFactory.create(host=host)
    answer: Any = admin.get(f"/admin/registry/{page}/export.csv")
    text = b"".join(answer.streaming_content).decode()
    plan = load(admin, table, text).context["plan"]
    assert [step.mark.name for step in plan.steps] == ["KEEP"]
    assert not Event.objects.exists()


def test_hosts_are_changed_and_added_and_the_timeline_says_so(admin: Client) -> None:
    site = SiteFactory.create(name="College")
    host = HostFactory.create(name="m1", site=site, bandwidth_mbps=100)
    text = f"id,site,name,country,bandwidth_mbps\n{host.pk},,m1,,1000\n,College,m2,fr,50\n"
    refused = load(admin, "hosts", text).context["plan"]
    assert refused.refused[0].sentence == "country is missing."
    text = f"id,site,name,country,bandwidth_mbps\n{host.pk},College,m1,DE,1000\n,College,m2,fr,50"
    assert "bandwidth_mbps: 100 → 1000." in load(admin, "hosts", text).content.decode()
    assert dict(Host.objects.values_list("name", "bandwidth_mbps")) == {"m1": 1000, "m2": 50}
    assert Host.objects.get(name="m2").approval == "approved"
    assert sorted(Event.objects.values_list("kind", flat=True)) == ["changed", "created"]


def test_one_bad_line_leaves_everything_as_it_was(admin: Client) -> None:
    SiteFactory.create(name="College")
    text = "site,name,country,bandwidth_mbps\nCollege,m1,DE,100\nCollege,m2,XX,100\nNo,m3,DE,1\n"
    plan = load(admin, "hosts", text).context["plan"]
    assert [step.sentence for step in plan.refused] == [
        "There is no country “XX”. Write two letters, for example DE.",
        "There is no Site “No”.",
    ]
    assert not Host.objects.exists()


def test_the_model_has_its_say(admin: Client) -> None:
    host = HostFactory.create()
    text = f"id,bandwidth_mbps,contact\n{host.pk},0,noc@example.org\n"
    plan = load(admin, "hosts", text).context["plan"]
    assert plan.refused[0].sentence.startswith("bandwidth_mbps: Ensure this value")


def test_sites_netblocks_and_urls_come_in_too(admin: Client) -> None:
    load(admin, "sites", "name,organization_url\nCollege,https://college.example\n")
    host = HostFactory.create(name="m1", site=Site.objects.get(name="College"))
    HostCategoryFactory.create(host=host, category=CategoryFactory.create(name="Linux"))
    load(admin, "netblocks", "site,host,netblock\nCollege,m1,198.51.100.7/24\n")
    assert HostNetblock.objects.get().netblock == "198.51.100.0/24"
    url = "https://m1.example.org/pub"
    load(admin, "urls", f"site,host,category,url\nCollege,m1,Linux,{url}\n")
    row = HostCategoryUrl.objects.get()
    assert row.url.rstrip("/") == url
    load(admin, "urls", f"id,private\n{row.pk},yes\n")
    load(admin, "netblocks", f"id,name\n{HostNetblock.objects.get().pk},campus\n")
    assert HostCategoryUrl.objects.get().private
    assert HostNetblock.objects.get().name == "campus"
    unknown = load(admin, "urls", "site,host,category,url\nCollege,m1,BSD,https://x.example/\n")
    assert unknown.context["plan"].refused[0].sentence == "“m1” does not carry “BSD”."


def test_an_upload_travels_through_the_preview(admin: Client) -> None:
    upload = SimpleUploadedFile("sites.csv", "\ufeffname\nUniversität\n".encode())
    page = admin.post(PAGE, {"table": "sites", "file": upload})
    form, plan = page.context["form"], page.context["plan"]
    data = {"table": "sites", "text": form["text"].value(), "shown": plan.fingerprint}
    admin.post(PAGE, data)
    assert Site.objects.get().name == "Universität"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"text": ""}, "Choose a file or paste its text."),
        ({"file": SimpleUploadedFile("x.csv", b"name\n\xff\xfe")}, "It is no UTF-8 (byte 5)"),
        ({"text": "nonsense\nx"}, "There is no column “nonsense”."),
    ],
)
def test_what_is_no_file_of_ours_is_refused(admin: Client, data: Any, sentence: str) -> None:
    assert sentence in admin.post(PAGE, {"table": "sites", **data}).content.decode()


def test_the_page_begins_with_the_table_of_the_list(admin: Client) -> None:
    page = admin.get(f"{PAGE}?table=urls")
    assert page.context["form"]["table"].value() == "urls"
    assert "errornote" not in page.content.decode()


def test_reviewers_export_but_do_not_import(client: Client, db: None) -> None:
    reviewer = User.objects.create_user("rita", is_staff=True)
    reviewer.groups.add(Group.objects.get_or_create(name=REVIEWERS)[0])
    client.force_login(reviewer)
    HostFactory.create(name="m1")
    assert [row["name"] for row in exported(client, "host")] == ["m1"]
    assert client.get(PAGE).status_code == 403
    assert "Import CSV" not in client.get("/admin/registry/host/").content.decode()


def test_the_commands_do_the_same(ada: User, ben: User, tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    call_command("export_csv", "sites", str(path))
    path.write_text(path.read_text().replace("Example University", "Example College"))
    out = io.StringIO()
    call_command("import_csv", "sites", str(path), "--user=ada", "--dry-run", stdout=out)
    assert "~ Example University: name: Example University → Example College." in out.getvalue()
    assert Site.objects.filter(name="Example University").exists()
    call_command("import_csv", "sites", str(path), "--user=ada", stdout=io.StringIO())
    assert Site.objects.filter(name="Example College").exists()
    assert Event.objects.get().actor == ada
    with pytest.raises(CommandError, match="is no operator"):
        call_command("import_csv", "sites", str(path), "--user=ben")
