import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Site
from tests.registry.network_world import make_network, make_state

pytestmark = pytest.mark.django_db
HEAD = "mirrorsite_network: 1\n"


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def file(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "network.yaml"
        path.write_text(text)
        return str(path)

    return write


def test_the_export_goes_to_a_file_whole_and_its_name_says_the_format(tmp_path) -> None:
    make_network()
    make_state()
    run("export_network", str(tmp_path / "n.json"), "--with-state")
    run("export_network", str(tmp_path / "n.yaml"), "--with-state")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.json", "n.yaml"]
    assert json.loads((tmp_path / "n.json").read_text())["mirrorsite_network"] == 1
    assert (tmp_path / "n.yaml").read_text() == run("export_network", "-", "--with-state")
    assert run("export_network", "--format", "json").startswith('{"mirrorsite_network": 1')


def test_a_failed_export_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    path = tmp_path / "n.yaml"
    path.write_text("old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(CommandError, match="cannot be written: disk full"):
        run("export_network", str(path))
    assert [each.name for each in tmp_path.iterdir()] == ["n.yaml"]
    assert path.read_text() == "old"


def test_the_dry_run_prints_one_line_per_change(file) -> None:
    Site.objects.create(name="Old")
    text = HEAD + "sites: [{name: New, admins: [cara]}, {name: Old, private: true}]"
    assert run("import_network", file(text), "--dry-run").splitlines() == [
        "+ Site New",
        "~ Site Old",
        "    private: no → yes",
        "? sites[0].admins[0]: there is no user “cara” yet, so the SiteAdmin is left out; "
        "import again once the account exists.",
        "1 added, 1 changed, 0 removed, 0 unchanged. Nothing was written.",
    ]
    assert not Site.objects.filter(private=True).exists()


def test_the_second_import_says_that_nothing_changes(file) -> None:
    path = file(HEAD + "sites: [{name: New}]")
    assert run("import_network", path).endswith("unchanged. Written.\n")
    assert run("import_network", path).endswith("Nothing changes: the database says the same.\n")


def test_all_problems_are_printed_and_the_exit_code_is_one(file) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="2 problems; nothing was written") as error:
        call_command("import_network", file(HEAD + "sites: [{}, 5]"), stdout=out)
    assert error.value.returncode == 1
    assert out.getvalue().splitlines() == [
        "! sites[0].name: The Site has no name, by which it is known.",
        "! sites[1]: 5 is not a mapping.",
    ]


def test_removing_needs_a_yes(file) -> None:
    Site.objects.create(name="Old")
    path = file(HEAD + "sites: []\n...")
    with pytest.raises(CommandError, match=r"1 removed.*run it again with --yes") as error:
        run("import_network", path, "--replace")
    assert error.value.returncode == 2
    assert "- Site Old" in run("import_network", path, "--replace", "--dry-run")
    assert Site.objects.exists()
    run("import_network", path, "--replace", "--yes")
    assert not Site.objects.exists()


def test_a_missing_file_is_a_matter_of_usage() -> None:
    with pytest.raises(CommandError, match="cannot be read") as error:
        run("import_network", "/nonexistent")
    assert error.value.returncode == 2


def test_programs_get_json(file) -> None:
    result = json.loads(run("import_network", file(HEAD + "sites: [{name: New}]"), "--json"))
    assert result["written"] is True
    assert result["changes"][0]["kind"] == "site"
    assert (result["problems"], result["notes"]) == ([], [])


def test_standard_input_is_read(monkeypatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(f"{HEAD}sites: [{{name: Piped}}]".encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    run("import_network", "-")
    assert Site.objects.get().name == "Piped"
