"""Explain, through the command: what is answered, in the words of crawls and people."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from mirrorlist.services.snapshots import build_snapshot
from registry.models import DirectoryIssue, HostCategory
from tests.factories import THEN

pytestmark = pytest.mark.django_db
GERMAN = "193.99.144.80"
ASKED = ["--ip", GERMAN, "--repo", "fedora-42", "--arch", "x86_64"]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("explain", *arguments, stdout=out)
    return out.getvalue()


def hosts(*more: str) -> dict[str, dict[str, Any]]:
    facts = json.loads(run(*ASKED, *more, "--json"))
    return {row["name"]: row for row in facts["hosts"]}


@pytest.fixture
def explained(network, policy, now):
    network.host("good")
    stale = network.host("stale", has=[network.os])
    row = HostCategory.objects.get(host=stale)
    DirectoryIssue.objects.create(
        host_category=row,
        directory=network.repodata,
        state="stale",
        reason="wrong_digest",
        sentence="repomd.xml has another SHA-256 than on the master.",
        since_at=THEN,
        seen_at=THEN,
    )
    network.host("new", has=[network.os])
    crawled = network.host("crawled", has=[network.os])
    HostCategory.objects.filter(host=crawled).update(reason="Everything timed out.")
    network.host("off", user_active=False, disable_reason="New disks.")
    build_snapshot(now=now, policy=policy)
    return network


@pytest.mark.parametrize(
    ("host", "reason", "sentence"),
    [
        ("good", "listed", "It is in the client's country."),
        (
            "stale",
            "not_up2date",
            "It does not have this Directory up2date. "
            "repomd.xml has another SHA-256 than on the master.",
        ),
        (
            "crawled",
            "not_up2date",
            "It does not have this Directory up2date. The last visit: Everything timed out.",
        ),
        (
            "new",
            "not_up2date",
            "It does not have this Directory up2date. "
            "Nobody has looked yet: it was neither crawled nor did it check in.",
        ),
        ("off", "user_off", "Its SiteAdmins switched it off. New disks."),
    ],
)
@pytest.mark.parametrize("kind", ["--metalink", "--country=de"])
def test_every_host_has_its_sentence(explained, host, reason, sentence, kind) -> None:
    row = hosts(kind)[host]
    assert row["reason"] == reason
    if reason != "listed":
        assert row["sentence"] == sentence


def test_what_changed_since_the_snapshot_is_told(explained) -> None:
    HostCategory.objects.filter(host__name="stale").update(
        up2date=HostCategory.objects.get(host__name="good").up2date
    )
    HostCategory.objects.filter(host__name="new").delete()
    assert hosts()["stale"]["sentence"] == (
        "It has the Directory up2date since this snapshot was built; the next will list it."
    )
    assert hosts()["new"]["sentence"].endswith("Since then it was removed from the Category.")


def test_it_agrees_with_what_clients_get(explained, client: Client) -> None:
    body = client.get(f"/mirrorlist?repo=fedora-42&arch=x86_64&ip={GERMAN}").content.decode()
    listed = [line.split("/")[2] for line in body.split("\n")[1:-1]]
    rows = hosts().values()
    assert [row["name"] for row in rows if row["position"]] == listed == ["good"]


def test_the_table_is_for_people(explained) -> None:
    printed = run(*ASKED)
    assert printed.startswith("# repo = fedora-42 arch = x86_64 country = DE country = global")
    assert f"Client {GERMAN}: country DE (from geo data), ASN unknown, netblock none." in printed
    assert "Hosts for pub/fedora/42/os" in printed
    assert "client's country" in printed
    assert "New disks." in printed


def test_a_refusal_is_told_with_its_status(explained, capsys) -> None:
    with pytest.raises(SystemExit, match="1"):
        call_command("explain", "--ip", GERMAN, "--path", "no/where")
    assert capsys.readouterr().out.startswith("error: invalid path\nStatus 404")
    with pytest.raises(SystemExit, match="1"):
        call_command("explain", "--ip", "x", "--path", "pub/fedora/42/os", "--json")
    assert json.loads(capsys.readouterr().out)["status"] == 500


def test_names_cannot_style_the_table(explained, policy, now) -> None:
    explained.host("[red]odd[/red]", url="https://odd/fedora")
    build_snapshot(now=now, policy=policy)
    assert "[red]odd[/red]" in run(*ASKED)


def test_without_a_snapshot_it_says_what_to_do(db, policy) -> None:
    with pytest.raises(CommandError, match=r"Run manage\.py build_snapshot"):
        run(*ASKED)
