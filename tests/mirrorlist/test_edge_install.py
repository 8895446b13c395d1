"""An edge machine has the program, requirements-edge.txt and a snapshot, and nothing else."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from mirrorlist.edge_config import read_config
from tests.mirrorlist.edges import publish

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "contrib/systemd"
# Asks an edge a question and prints what was imported for it.
ASK = """
import sys
from mirrorlist.edge import __main__, worker
from mirrorlist.edge.wsgi import application
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/mirrorlist", "REMOTE_ADDR": "192.0.2.1"}
environ["QUERY_STRING"] = "repo=c%2B%2B&arch=x86_64"
list(application(environ, lambda status, headers: print(status)))
names = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(*sorted(name for name in names if not name.startswith(("_", "cython"))))
"""


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==(\S+)", "\n".join(lines), re.MULTILINE))


def test_an_edge_imports_only_what_it_requires(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={"MIRRORLIST_SNAPSHOT": str(publish(tmp_path))},
        capture_output=True,
        text=True,
        check=True,
    )
    status, imported = done.stdout.splitlines()
    assert status == "200 OK"
    assert set(imported.split()) <= {"mirrorlist", "registry", *pins("requirements-edge.txt")}


def test_edges_run_the_versions_that_are_tested() -> None:
    edge, whole = pins("requirements-edge.txt"), pins("requirements.txt")
    assert edge.keys() - whole.keys() == {"maxminddb"}  # geoip2 brings it
    assert {name: whole.get(name, pin) for name, pin in edge.items()} == edge
    assert version("maxminddb") == edge["maxminddb"]


def test_the_unit_gives_variables_that_edges_read() -> None:
    unit = (UNITS / "mirrorsite-edge.service").read_text()
    (snapshot,) = re.findall(r"^Environment=MIRRORLIST_SNAPSHOT=(.*)$", unit, re.MULTILINE)
    assert str(read_config({"MIRRORLIST_SNAPSHOT": snapshot}).snapshot) == snapshot
    assert "ExecStart=/opt/mirrorsite/.venv/bin/python -m mirrorlist.edge " in unit
    assert (UNITS / "mirrorsite-edge.socket").exists()
