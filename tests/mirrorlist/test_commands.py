import json
import os
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from registry.models import HostCategory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("build_snapshot", *arguments, stdout=out)
    return out.getvalue()


def test_it_says_what_it_built(network, policy) -> None:
    network.host("one")
    printed = run()
    assert ": All guard rails held." in printed
    assert "It has 1 hosts, 1 repositories, 2 directories" in printed
    assert policy.current.exists()


def test_scripts_get_json(network, policy) -> None:
    network.host("one")
    facts = json.loads(run("--json"))
    assert facts["state"] == "published"
    assert facts["counts"]["hosts"] == 1
    assert facts["seconds"] >= 0


def test_the_cache_of_mirrorlist_server_is_written_too(network, policy, tmp_path) -> None:
    network.host("one")
    run("--protobuf", str(tmp_path / "cache.proto"))
    assert (tmp_path / "cache.proto").stat().st_size > 100
    with pytest.raises(CommandError, match="cannot be written"):
        run("--protobuf", str(tmp_path / "no/such/directory"))


def test_a_refusal_is_a_failure_until_forced(network, policy) -> None:
    network.host("one")
    run()
    HostCategory.objects.update(up2date=b"", up2date_revision=1)
    with pytest.raises(CommandError, match="was not published"):
        run()
    assert "Published although: 1 of 1 Hosts vanished" in run("--force")


def test_the_edge_command_becomes_the_edge(policy, settings, monkeypatch) -> None:
    called = []
    monkeypatch.setattr(os, "execve", lambda *arguments: called.append(arguments))
    settings.TRUSTED_PROXY_COUNT = 2
    call_command("edge", "--bind", "127.0.0.1:9", "--workers", "3")
    [(program, arguments, environment)] = called
    assert program == sys.executable
    assert arguments[1:] == ["-m", "mirrorlist.edge", "--bind", "127.0.0.1:9", "--workers", "3"]
    assert environment["MIRRORLIST_SNAPSHOT"] == str(policy.current)
    assert environment["TRUSTED_PROXY_COUNT"] == "2"
    assert environment["PATH"] == os.environ["PATH"]
