"""The catalogs: complete, sound, and compiled as they are."""

import gettext
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["de", "zh_Hans"]


def catalog(path: Path) -> dict[Any, Any]:
    with path.open("rb") as file:
        found: dict[Any, Any] = vars(gettext.GNUTranslations(file))["_catalog"]
    return {key: value for key, value in found.items() if key}


@pytest.mark.needs("msgfmt")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_is_complete_and_compiled(language: str, tmp_path: Path) -> None:
    source = ROOT / f"locale/{language}/LC_MESSAGES/django.po"
    compiled = tmp_path / "django.mo"
    done = subprocess.run(
        ["msgfmt", "--check", "--statistics", "-o", compiled, source],
        capture_output=True,
        text=True,
        check=True,
        env={"LC_ALL": "C"} | {"PATH": "/usr/bin:/bin"},
    )
    assert "untranslated" not in done.stderr
    assert "fuzzy" not in done.stderr
    assert catalog(compiled) == catalog(source.with_suffix(".mo"))


@pytest.mark.needs("msgfmt", "xgettext")
def test_nothing_that_pages_say_is_missing_in_a_catalog(tmp_path: Path) -> None:
    """Collect anew, beside the sources, and compare what is to be translated."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.html", "*.txt"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if name.startswith(("tests/", "templates/admin/")) or not (ROOT / name).is_file():
            continue
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    (tmp_path / "locale").mkdir()
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", "de", "--no-location", "-v0"],
        cwd=tmp_path,
        check=True,
        env={"SECRET_KEY": "x", "PATH": "/usr/bin:/bin", "STATE_DIR": str(tmp_path / "var")},
    )
    collected = ids(tmp_path / "locale/de/LC_MESSAGES/django.po")
    for language in LANGUAGES:
        known = ids(ROOT / f"locale/{language}/LC_MESSAGES/django.po")
        assert collected - known == set()


def ids(path: Path) -> set[str]:
    """Return what a catalog translates, each text with its lines joined."""
    text = path.read_text().replace('"\n"', "")
    return {line for line in text.splitlines() if line.startswith("msgid ")}


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("de", "Spiegel"), ("zh-hans", "镜像")])
def test_pages_speak_the_language(client: Client, language: str, word: str) -> None:
    page = client.get("/", headers={"accept-language": language})
    assert f'<html lang="{language}">' in page.text
    assert word in page.text
