"""How far content has come, from visits to the numbers; the example is in the documentation."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from crawler import tasks
from crawler.logic.held_metadata import Held
from crawler.logic.propagation import Age
from crawler.models import HeldMetadata, PropagationStat
from crawler.services.held_metadata import held_by
from crawler.services.propagation import UnknownPrefixError, measure
from registry.models import Category, Directory, FileDetail, HostCategory, Repository
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror, hang, status
from tests.crawler.world import (
    OLD,
    REPODATA,
    copy_of,
    crawl,
    good_files,
    make_category,
    mirror_of,
)
from tests.factories import HostFactory, PropagationStatFactory, RepositoryFactory, carry

pytestmark = pytest.mark.django_db
KEEP = timedelta(days=14)
REPOMD = f"/pub/{REPODATA}/repomd.xml"


@pytest.fixture
def category() -> Category:
    return make_category()


@pytest.fixture
def repository(category) -> Repository:
    directory = Directory.objects.get(path=f"{category.top_directory}/42/os")
    repository: Repository = RepositoryFactory.create(directory=directory, prefix="fedora-42")
    return repository


def numbers(stat: PropagationStat) -> dict[str, int]:
    return {age.value: count for age in Age if (count := getattr(stat, age.value))}


def held(copy: HostCategory) -> list[Held]:
    fresh = HostCategory.objects.get(pk=copy.pk)
    return list(held_by(fresh).values())


def test_the_worked_example_of_the_documentation(category, repository) -> None:
    times = dict(FileDetail.objects.values_list("seen_at", "timestamp"))
    current, before = sorted(times.values(), reverse=True)
    assert current - before == 24 * 3600
    FileDetail.objects.filter(timestamp=before).update(timestamp=before - 24 * 3600)
    files = [good_files(), good_files(), {**good_files(), REPOMD: OLD}, {REPOMD: b"<other/>"}, {}]
    hosts = []
    for content in files:
        with Mirror(content) as mirror:
            hosts.append(mirror_of(category, mirror))
            crawl(hosts[-1])
    [stat] = measure(keep=KEEP, now=NOW)
    assert numbers(stat) == {"same_day": 2, "one_day": 1, "older": 1, "no_info": 1}
    behind = [copy_of(host).behind for host in hosts]
    assert behind == [timedelta(), timedelta(), timedelta(days=2), None, None]


def test_silence_keeps_what_is_known_and_a_missing_file_does_not(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        crawl(host)
        before = held(copy_of(host))
        assert len(before) == 1
        mirror.answer = hang
        crawl(host)
        assert held(copy_of(host)) == before
        mirror.answer = None
        del mirror.files[REPOMD]
        crawl(host)
    assert held(copy_of(host)) == []


def test_a_copy_of_which_nothing_was_read_has_no_row(category) -> None:
    with Mirror(answer=status(404)) as mirror:
        crawl(mirror_of(category, mirror))
    assert not HeldMetadata.objects.exists()


@pytest.mark.parametrize(
    "left_out",
    [
        {"private": True},
        {"user_active": False},
        {"system_active": False},
        {"site__admin_active": False},
    ],
)
def test_only_public_hosts_in_service_are_counted(category, repository, left_out) -> None:
    carry(HostFactory.create(), category, "https://a.example.org/pub")
    carry(HostFactory.create(**left_out), category, "https://b.example.org/pub")
    vouched = HostFactory.create()
    carry(vouched, category, "https://cdn.example.org/pub", always_up2date=True)
    [stat] = measure(keep=KEEP, now=NOW)
    assert numbers(stat) == {"no_info": 1}


def test_repositories_that_nobody_asks_for_are_not_measured(category, repository) -> None:
    Repository.objects.update(disabled=True)
    assert measure(keep=KEEP, now=NOW) == []
    assert len(measure(["fedora-42"], keep=KEEP, now=NOW)) == 1
    Repository.objects.update(disabled=False, prefix="")
    assert measure(keep=KEEP, now=NOW) == []
    RepositoryFactory.create(prefix="without-metadata")
    assert measure(keep=KEEP, now=NOW) == []


def test_old_numbers_go_and_measuring_twice_is_once(category, repository) -> None:
    PropagationStatFactory.create(repository=repository, at=NOW - timedelta(days=15))
    kept = PropagationStatFactory.create(repository=repository, at=NOW - timedelta(days=13))
    measure(keep=KEEP, now=NOW)
    measure(keep=KEEP, now=NOW)
    moments = PropagationStat.objects.values_list("at", flat=True)
    assert list(moments) == [NOW, kept.at]


def test_measuring_costs_the_same_whatever_is_measured(
    category, repository, django_assert_max_num_queries
) -> None:
    for number in range(20):
        carry(HostFactory.create(), category, f"https://m{number}.example.org/pub")
    with django_assert_max_num_queries(8):
        measure(keep=KEEP, now=NOW)


def test_a_part_leaves_the_offsets_alone(category, repository) -> None:
    copy = carry(HostFactory.create(), category, "https://a.example.org/", behind=timedelta(days=1))
    measure(["fedora-42"], keep=KEEP, now=NOW)
    copy.refresh_from_db()
    assert copy.behind == timedelta(days=1)


def test_an_unknown_prefix_is_said(repository) -> None:
    with pytest.raises(UnknownPrefixError, match="No Repository has the prefix “rawhide”"):
        measure(["fedora-42", "rawhide"], keep=KEEP, now=NOW)
    with pytest.raises(CommandError, match="rawhide"):
        call_command("propagation", "--repository", "rawhide")


def test_the_command_prints_numbers_for_people_and_programs(category, repository, capsys) -> None:
    carry(HostFactory.create(), category, "https://a.example.org/pub")
    call_command("propagation", "--repository", "fedora-42", "--json")
    [row] = json.loads(capsys.readouterr().out)
    assert (row["repository"], row["arch"], row["no_info"]) == ("fedora-42", "x86_64", 1)
    call_command("propagation")
    assert capsys.readouterr().out == (
        "fedora-42 x86_64: 0 same_day, 0 one_day, 0 two_day, 0 older, 1 no_info\n"
    )


def test_without_repositories_the_command_says_what_to_do(capsys) -> None:
    call_command("propagation")
    assert "run umdl" in capsys.readouterr().out


def test_the_task_measures_everything(repository) -> None:
    assert tasks.propagation() == "1 Repositories were measured."
