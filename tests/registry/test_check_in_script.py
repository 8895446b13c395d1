import json
import os
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from registry.models import Event, Host, Site
from registry.services.credentials import issue_host_token
from tests.conftest import NOW
from tests.factories import DirectoryFactory
from tests.registry.checking_in import make_category, make_host, post, up2date

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.needs("curl"),
]
ODD = 'it\'s "odd" \\ $HOME `x`'
SHELLS = [
    pytest.param("dash", marks=pytest.mark.needs("dash")),
    pytest.param("busybox sh", marks=pytest.mark.needs("busybox")),
]


@pytest.fixture
def host(site: Site) -> Host:
    category = make_category()
    DirectoryFactory.create(category=category, path=f"pub/fedora/linux/{ODD}")
    return make_host(site, category)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    top = tmp_path / "a mirror's tree"
    for name in ("releases/42", "updates", ODD, "caf\udce9", "two\nlines/updates", "tab\there"):
        (top / name).mkdir(parents=True)
    (top / "releases/file").write_text("x")
    return top


@pytest.fixture
def script(live_server: LiveServer, settings: Any, tmp_path: Path, host: Host) -> Path:
    settings.BASE_URL = live_server.url
    status, _, text = post(live_server.url, "/check-in.sh", b"", method="GET")
    assert status == 200
    (tmp_path / "check-in.sh").write_text(text)
    token = tmp_path / "token"
    token.write_text(f"{issue_host_token(host, now=NOW).text}\n")
    return tmp_path / "check-in.sh"


def run(shell: str, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script; under busybox with its own find, sed and gzip as well."""
    path = os.environ["PATH"]
    if shell.startswith("busybox"):
        applets = script.parent / "applets"
        applets.mkdir(exist_ok=True)
        for name in ("find", "sed", "gzip", "cat", "mktemp", "rm", "sh"):
            if not (applets / name).exists():
                (applets / name).symlink_to(str(which("busybox")))
        path = f"{applets}:{path}"
    return subprocess.run(
        [*shell.split(), str(script), *arguments],
        env={"PATH": path, "CHECK_IN_TOKEN_FILE": str(script.parent / "token"), "HOME": "/"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_reports_a_tree_with_the_oddest_names(
    shell: str, script: Path, tree: Path
) -> None:
    done = run(shell, script, "Fedora Linux", str(tree))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["sentence"] == (
        "Fedora Linux: 5 directories added, 0 removed, 0 kept."
    )
    below = {"releases", "releases/42", "updates", ODD}
    top = "pub/fedora/linux"
    assert up2date() == {top} | {f"{top}/{name}" for name in below}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_dry_run_only_tells(shell: str, script: Path, tree: Path) -> None:
    done = run(shell, script, "-n", "Fedora Linux", str(tree), "Not carried", str(tree / "updates"))
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["dry_run"] is True
    assert [one["reason"] for one in answer["categories"]] == ["applied", "not_carried"]
    assert up2date() == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_is_sent_if_the_tree_cannot_be_read(shell: str, script: Path) -> None:
    done = run(shell, script, "Fedora Linux", "/does/not/exist")
    assert done.returncode != 0
    assert "/does/not/exist" in done.stderr
    assert not Event.objects.filter(kind__startswith="check").exists()


def test_a_refusal_is_shown_and_is_a_failure(script: Path, tree: Path) -> None:
    (script.parent / "token").write_text("wrong")
    done = run("sh", script, "Fedora Linux", str(tree))
    assert done.returncode == 1
    assert "valid token" in done.stdout


@pytest.mark.needs("busybox")
def test_the_token_is_on_no_command_line(script: Path, tree: Path) -> None:
    spy = script.parent / "applets" / "curl"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\necho "$@" >{script.parent}/arguments\nexec {which("curl")} "$@"\n')
    spy.chmod(0o755)
    assert run("busybox sh", script, "Fedora Linux", str(tree)).returncode == 0
    arguments = (script.parent / "arguments").read_text()
    assert "/api/v1/check-in/" in arguments
    assert "mirrorsite_" not in arguments


@pytest.mark.parametrize("arguments", [(), ("Fedora Linux",), ("-n",), ("a", "/", "b")])
def test_a_wrong_call_tells_the_right_one(arguments: tuple[str, ...], script: Path) -> None:
    done = run("sh", script, *arguments)
    assert done.returncode == 2
    assert "check-in.sh [-n] CATEGORY DIRECTORY" in done.stderr
