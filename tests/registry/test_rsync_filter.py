import io
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from registry.models import Category, Directory
from tests import factories
from tests.conftest import NOW
from tests.factories import THEN

pytestmark = pytest.mark.django_db
SINCE = str(int(THEN.timestamp()) - 60)
ASKED = {"categories": "Fedora Linux", "since": SINCE, "stripprefix": "pub/fedora"}
NOTHING = "# excludes\n- *\n# end of list\n"


@pytest.fixture(autouse=True)
def category() -> Category:
    made: Category = factories.CategoryFactory.create(
        name="Fedora Linux", top_directory="pub/fedora/linux"
    )
    add(made, "pub/fedora/linux/new/os")
    add(made, "pub/fedora/linux/old", changed_at=THEN - timedelta(days=9))
    add(made, "pub/fedora/linux/secret", readable=False)
    add(factories.CategoryFactory.create(), "pub/fedora/other")
    return made


def add(category: Category, path: str, **over: Any) -> None:
    factories.DirectoryFactory.create(category=category, path=path, **over)


def text(client: Client, path: str = "/rsync_filter/", **over: str) -> str:
    answer: Any = client.get(path, {**ASKED, **over})
    assert answer.headers["Content-Type"].startswith("text/plain")
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("path", ["/rsync_filter/", "/rsyncFilter", "/rsyncFilter/"])
def test_readable_directories_that_changed_since_are_included(client: Client, path: str) -> None:
    rules = text(client, path).splitlines()[2:-3]
    assert rules[::2] == ["+ linux/", "+ linux/new/", "+ linux/new/os/"]


def test_nothing_changed_excludes_everything(client: Client) -> None:
    assert text(client, since=str(int(THEN.timestamp()))).endswith(f"# includes\n{NOTHING}")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"categories": "Linus"}, "# There is no Category called “Linus”."),
        ({"since": "x"}, "# since is not a Unix time in whole seconds."),
    ],
)
def test_a_wrong_question_gets_a_filter_that_includes_nothing(
    client: Client, over: dict[str, str], sentence: str
) -> None:
    answer = client.get("/rsyncFilter", {**ASKED, **over}).content.decode()
    assert sentence in answer
    assert answer.endswith(NOTHING)


def test_categories_that_are_not_public_are_not_told_to_strangers(client: Client) -> None:
    Category.objects.update(publiclist=False)
    answer = client.get("/rsync_filter/", ASKED).content.decode()
    assert "There is no Category called “Fedora Linux”." in answer


def test_an_unchanged_filter_is_not_sent_again(
    client: Client, category: Category, django_assert_max_num_queries
) -> None:
    tag = client.get("/rsync_filter/", ASKED).headers["ETag"]
    with django_assert_max_num_queries(2):
        answer = client.get("/rsync_filter/", ASKED, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (304, "public, max-age=300")
    add(category, "pub/fedora/linux/newer")
    assert client.get("/rsync_filter/", ASKED, headers={"If-None-Match": tag}).status_code == 200
    assert client.post("/rsync_filter/", ASKED).status_code == 405


def printed(*arguments: str) -> str:
    output = io.StringIO()
    call_command("rsync_filter", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("since", [SINCE, f"{THEN - timedelta(minutes=1):%Y-%m-%dT%H:%M}"])
def test_the_command_prints_the_same_filter(client: Client, since: str) -> None:
    asked = ("--category", "Fedora Linux", "--strip-prefix", "pub/fedora", "--since", since)
    assert printed(*asked) == text(client)


def test_the_command_counts_hours_back() -> None:
    Directory.objects.update(changed_at=NOW - timedelta(days=365 * 50))
    assert printed("--category", "Fedora Linux", "--hours", "1").endswith(f"includes\n{NOTHING}")


def test_the_command_refuses_unknown_categories() -> None:
    with pytest.raises(CommandError, match="no Category called “Linus”") as caught:
        printed("--category", "Linus", "--hours", "1")
    assert caught.value.returncode == 2


@pytest.mark.needs("rsync")
def test_rsync_copies_what_changed_and_nothing_else(client: Client, tmp_path: Path) -> None:
    odd = r"linux/odd [1] * \ name"
    master, copy, rules = tmp_path / "master", tmp_path / "copy", tmp_path / "filter"
    for name in ("linux/new/os/a", "linux/new/b", "linux/old/c", f"{odd}/d", "other/e", "f"):
        (master / name).parent.mkdir(parents=True, exist_ok=True)
        (master / name).write_text(name)
    add(Category.objects.get(name="Fedora Linux"), f"pub/fedora/{odd}")
    rules.write_text(text(client))
    command = ["rsync", "-a", f"--exclude-from={rules}", f"{master}/", f"{copy}/"]
    subprocess.run(command, check=True, timeout=60)
    found = {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}
    # The way to a Directory is included with what lies directly on it, as MirrorManager has it.
    assert found == {"linux/new/os/a", "linux/new/b", f"{odd}/d"}
