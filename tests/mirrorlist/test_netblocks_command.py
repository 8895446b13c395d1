import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.mirrorlist.mrt import rib

ROOT = Path(__file__).resolve().parent.parent.parent
ROUTES = {"192.0.2.0/24": 64496, "198.51.100.0/24": 64497}


@pytest.fixture(autouse=True)
def target(settings, tmp_path: Path) -> Path:
    settings.MIRRORLIST_NETBLOCKS_FILE = tmp_path / "geo/netblocks.mmdb"
    settings.MIRRORLIST_NETBLOCKS_SOURCES = []
    return settings.MIRRORLIST_NETBLOCKS_FILE


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "rib"
    path.write_bytes(rib(ROUTES))
    return str(path)


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("netblocks", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_says_what_was_made(source: str, target: Path, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("garbage\n")
    printed = run(source, tmp_path / "lines")
    assert "Line 1: “garbage” is no network with an ASN." in printed
    assert "published: 2 IPv4 and 0 IPv6 prefixes of 2 autonomous systems" in printed
    assert target.is_file()


def test_many_bad_lines_are_counted(source: str, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("garbage\n" * 25)
    assert "… and 5 more lines that were not read." in run(source, tmp_path / "lines")


def test_it_prints_json(source: str, tmp_path: Path) -> None:
    facts = json.loads(run(source, "--json", "--dry-run"))
    assert (facts["state"], facts["ipv4_prefixes"], facts["good"]) == ("tried", 2, True)


def test_it_makes_and_exports_in_one_go(source: str, tmp_path: Path) -> None:
    lines = tmp_path / "global_netblocks.txt"
    assert "2 lines were written" in run(source, "--export", lines)
    assert lines.read_text() == "192.0.2.0/24 64496\n198.51.100.0/24 64497\n"
    lines.unlink()
    assert json.loads(run("--export", lines, "--json")) == {"good": True, "exported": 2}


def test_there_must_be_something_to_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="set MIRRORLIST_NETBLOCKS_SOURCES") as raised:
        run()
    assert raised.value.returncode == 2
    with pytest.raises(CommandError, match="to export; run"):
        run("--export", tmp_path / "lines")


def test_a_refusal_is_a_failure_with_the_reason(source: str, tmp_path: Path) -> None:
    run(source)
    (tmp_path / "few").write_text("192.0.2.0/24 64496\n")
    out = StringIO()
    with pytest.raises(CommandError, match="The last file stays in use") as raised:
        call_command("netblocks", str(tmp_path / "few"), stdout=out)
    assert raised.value.returncode == 1
    assert "refused: 1 IPv4 and 0 IPv6" in out.getvalue()
    assert "published" in run(tmp_path / "few", "--force")


@pytest.mark.sqlite_only
def test_the_benchmark_runs_in_a_tiny_world() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/netblocks.py", "--prefixes", "300", "--lookups", "50"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "300 prefixes, 10 peers" in done.stdout
