"""The settings, their example file and their page say the same."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage, Error, Warning, run_checks
from django.test import override_settings

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = (ROOT / "mirrorsite/settings.py").read_text()
EDGE = (ROOT / "mirrorlist/edge_config.py").read_text()
READ = {
    *re.findall(r'(?:env\.\w+|secret)\(\s*"([A-Z0-9_]+)"', SETTINGS),
    *re.findall(r'"((?:EDGE|MIRRORLIST)_[A-Z_]+[A-Z])"', EDGE),
}


def test_the_example_file_lists_every_variable_once() -> None:
    listed = re.findall(r"^#? ?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(READ)


def test_the_settings_page_describes_every_variable_once() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    assert sorted(re.findall(r"^\| `([A-Z0-9_]+)` \|", page, re.MULTILINE)) == sorted(READ)


def test_only_the_settings_read_the_environment() -> None:
    for app in ("mirrorsite", "registry", "crawler", "sync", "mirrorlist"):
        for path in (ROOT / app).rglob("*.py"):
            # The launcher of the demo and the edge are programs of their own, without Django.
            if "demo" in path.parts or "edge" in path.parts or path.name == "settings.py":
                continue
            assert "os.environ[" not in path.read_text(), path
            assert "getenv" not in path.read_text(), path


CRAWLS_TWICE = {"timeout": 60, "retry": 90, "ALT_CLUSTERS": {"crawl": {"retry": 1, "timeout": 9}}}
ELSEWHERE = {"DEBUG": False, "BASE_URL": "https://mirrors.example.org"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"BASE_URL": "http://mirrors.example.org", "DEBUG": False}, Warning),
        ({"Q_CLUSTER": {"timeout": 900, "retry": 600}}, Error),
        ({"Q_CLUSTER": CRAWLS_TWICE}, Error),
        ({"MIRRORLIST_COUNTRY_MMDB": "/nowhere.mmdb"}, Error),
        ({"APPROVAL_KINDS": ["hosts"]}, Error),
        ({"OIDC_ISSUER": "https://id.example.org"}, Error),
        ({**ELSEWHERE, "PROBE_ALLOW_PRIVATE": True}, Warning),
        ({"FEDORA_MESSAGING": True}, Error),
        (
            {
                **ELSEWHERE,
                "PROBE_ALLOW_PRIVATE": False,
                "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            },
            Warning,
        ),
    ],
)
def test_bad_combinations_are_reported_with_a_hint(
    settings: dict[str, object], expected: type
) -> None:
    with override_settings(**settings):
        found = ours()
    assert [message for message in found if isinstance(message, expected) and message.hint]


def test_a_sound_configuration_is_silent() -> None:
    with override_settings(**ELSEWHERE, PROBE_ALLOW_PRIVATE=False):
        assert ours() == []


def ours() -> list[CheckMessage]:
    return [message for message in run_checks() if (message.id or "").startswith("mirrorsite.")]


def test_a_missing_setting_is_one_sentence_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "check"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "The settings are not complete or not valid: Set the SECRET_KEY environment variable\n"
    )
