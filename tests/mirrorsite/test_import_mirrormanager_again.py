"""Importing twice, after an interruption, beside our own crawler, and only to look."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from pyroaring import BitMap

from mirrorsite.mirrormanager.reader import PostgresSource, open_source
from registry import models
from registry.models import (
    Directory,
    Event,
    Host,
    HostCategory,
    HostCategoryUrl,
    Repository,
    Site,
)
from registry.services.mirrormanager import import_mirrormanager
from tests import factories

pytestmark = pytest.mark.django_db


def run(database, *arguments: str) -> str:
    out = io.StringIO()
    call_command("import_mirrormanager", database.url, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def contents() -> str:
    """Everything in the registry, as text."""
    tables = [getattr(models, name) for name in models.__all__]
    rows = [each.objects.order_by("pk") for each in tables if hasattr(each, "_meta")
            and not each._meta.abstract]  # fmt: skip
    return "\n".join(serialize("json", each) for each in rows)


def test_the_second_time_nothing_changes(untouched) -> None:
    assert run(untouched).splitlines()[-1] == "Written."
    before = contents()
    assert run(untouched).splitlines()[-1] == "Nothing changes: the database says the same."
    assert contents() == before


def test_a_dry_run_reports_the_same_and_writes_nothing(untouched) -> None:
    before = contents()
    dry, wet = (json.loads(run(untouched, *each, "--json")) for each in (["--dry-run"], []))
    assert dry["written"] is False
    assert wet["written"] is True
    for part in ("tables", "users_created", "counts", "up2date_sets", "choices", "changes"):
        assert dry[part] == wet[part], part
    assert wet["up2date_sets"] == {
        "read": 4, "changed": 3, "kept": 0, "resumed": 0, "up2date": 5, "lost": 5,
    }  # fmt: skip
    assert before != contents()


def test_a_dry_run_leaves_every_table_as_it_was(untouched) -> None:
    before = contents()
    run(untouched, "--dry-run")
    assert contents() == before


class DyingSource:
    """A source whose process is killed after the first HostCategory."""

    def __init__(self, source: PostgresSource) -> None:
        self._source = source
        self.name = source.name

    def rows(self, kind: Any) -> Any:
        return self._source.rows(kind)

    def up2date(self, *, leaving_out: Any) -> Any:
        yield next(iter(self._source.up2date(leaving_out=leaving_out)))
        raise KeyboardInterrupt


def interrupt(network, now) -> None:
    with open_source(network.url) as source, pytest.raises(KeyboardInterrupt):
        import_mirrormanager(DyingSource(source), now=now)
    assert HostCategory.objects.exclude(up2date_count=0).count() == 1


@pytest.mark.parametrize(("option", "read", "resumed"), [((), 4, 0), (("--resume",), 3, 1)])
def test_an_interrupted_import_is_continued(untouched, now, option, read, resumed) -> None:
    interrupt(untouched, now)
    sets = json.loads(run(untouched, *option, "--json"))["up2date_sets"]
    assert (sets["read"], sets["changed"], sets["resumed"]) == (read, 2, resumed)
    assert HostCategory.objects.exclude(up2date_count=0).count() == 3
    assert run(untouched).splitlines()[-1] == "Nothing changes: the database says the same."


def test_what_changed_there_changes_here(network) -> None:
    run(network)
    network.run("UPDATE host SET comment = 'new' WHERE id = 1")
    network.run("UPDATE repository SET prefix = 'fedora-eln' WHERE id = 2")
    network.run("UPDATE host_category_dir SET up2date = false WHERE host_category_id = 1")
    assert "1 Repositories changed" in run(network)
    assert Host.objects.get(name="mirror.example.edu").comment == "new"
    assert Repository.objects.filter(prefix="fedora-eln").count() == 1
    first = HostCategory.objects.get(host__name="mirror.example.edu", category__name="Fedora Linux")
    assert first.up2date == BitMap()


def test_a_prefix_may_move_to_another_directory(network) -> None:
    run(network)
    network.run("UPDATE repository SET prefix = NULL WHERE id = 2")
    network.run("UPDATE repository SET prefix = 'fedora-42', arch_id = 1 WHERE id = 5")
    run(network)
    moved = Repository.objects.get(prefix="fedora-42")
    assert moved.directory.path == "pub/fedora/linux/updates"


def test_what_our_crawler_found_is_kept(untouched, now) -> None:
    run(untouched)
    crawled = HostCategory.objects.filter(
        host__name="mirror.example.edu", category__name="Fedora Linux"
    )
    crawled.update(last_crawled_at=now, up2date=BitMap([1]))
    out = run(untouched)
    assert "host_category 1: Fedora Linux on mirror.example.edu: This system has crawled" in out
    assert crawled.get().up2date == BitMap([1])


def test_a_directory_that_is_here_keeps_its_listing_and_gets_no_second_row(untouched) -> None:
    run(untouched)
    directory = Directory.objects.get(path="pub/fedora/linux/releases/42")
    Directory.objects.filter(pk=directory.pk).update(digest=b"umdl's")
    run(untouched)
    assert bytes(Directory.objects.get(path=directory.path).digest) == b"umdl's"


def test_a_check_in_password_that_is_here_stays(untouched) -> None:
    Site.objects.create(name="example UNIVERSITY", password="hash")
    run(untouched)
    assert Site.objects.get(name="Example University").password == "hash"


def test_a_url_of_another_host_here_stays_there(untouched) -> None:
    url = factories.HostCategoryUrlFactory.create(url="https://mirror.example.edu/extras")
    out = run(untouched)
    assert "belongs to site" in out
    assert HostCategoryUrl.objects.get(url=url.url) == url


def test_a_conflict_that_no_rule_decides_stops_the_import(untouched) -> None:
    factories.CategoryFactory.create(name="Ours", top_directory="pub/fedora/linux")
    before = contents()
    with pytest.raises(CommandError, match="There are problems; nothing was written"):
        run(untouched)
    assert contents() == before
    assert not Event.objects.exists()
