import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.logic.sampling import SamplingPolicy
from crawler.logic.tree_comparison import Row
from crawler.logic.verdicts import Expected, KnownState
from crawler.services import trees
from crawler.services.policies import crawl_policy
from crawler.services.trees import Tree, load_trees
from registry.logic.listings import Entry, pack_listing
from tests.conftest import NOW
from tests.factories import CategoryFactory, DirectoryFactory, FileDetailFactory

POLICY = SamplingPolicy()


def row(number: int, files: int) -> Row:
    return Row(number, f"d{number}", pack_listing(Entry(f"f{n}", n, n) for n in range(files)))


def test_listings_are_unpacked_once_while_they_fit(monkeypatch) -> None:
    monkeypatch.setattr(trees, "UNPACKED_ENTRIES", 10)
    rows = [row(number, 4) for number in range(4)]
    tree = Tree(rows, {}, policy=POLICY)
    first = tree.frame(rows[0])
    assert tree.frame(rows[0]) is first
    for each in rows[1:]:
        tree.frame(each)
    assert tree.frame(rows[3]) is tree.frame(rows[3])
    again = tree.frame(rows[0])
    assert again == first
    assert again is not first


def test_a_listing_larger_than_the_window_is_still_unpacked(monkeypatch) -> None:
    monkeypatch.setattr(trees, "UNPACKED_ENTRIES", 10)
    big = row(1, 50)
    frame = Tree([big], {}, policy=POLICY).frame(big)
    assert len(frame.newest) + len(frame.rest) == 50


@pytest.mark.django_db
def test_a_tree_knows_the_history_of_files_the_current_state_first() -> None:
    category = CategoryFactory.create(top_directory="pub/fedora")
    entry = Entry("repomd.xml", 9, 1)
    directory = DirectoryFactory.create(
        category=category, path="pub/fedora/42/repodata", entries=[entry, Entry("other", 5, 1)]
    )
    for age, digest in ((2, "old"), (1, "new")):
        seen_at = NOW - timedelta(days=age)
        FileDetailFactory.create(
            directory=directory, sha256=digest, timestamp=100 - age, seen_at=seen_at, md5="m"
        )
    FileDetailFactory.create(directory=directory, timestamp=1, seen_at=NOW)
    tree = load_trees([category.pk], policy=POLICY)[category.pk]
    assert [each.path for each in tree.rows] == ["42/repodata"]
    assert tree.expect(tree.rows[0], entry) == Expected(
        "repomd.xml",
        9,
        (
            KnownState(99, (("sha256", "new"), ("md5", "m")), 3000),
            KnownState(98, (("sha256", "old"), ("md5", "m")), 3000),
        ),
    )
    assert tree.expect(tree.rows[0], Entry("other", 5, 1)) == Expected("other", 5)


@pytest.mark.django_db
def test_loading_costs_the_same_whatever_the_size(django_assert_num_queries) -> None:
    category = CategoryFactory.create()
    for _ in range(5):
        FileDetailFactory.create(directory__category=category, sha256="s")
    with django_assert_num_queries(3):
        load_trees([category.pk], policy=POLICY)


def test_the_policy_follows_the_settings(settings) -> None:
    settings.CRAWLER_TIMEOUT_SECONDS = 7
    settings.CRAWLER_DISABLE_AFTER = 9
    settings.CRAWLER_INTERVAL = timedelta(days=2)
    settings.CRAWLER_CONTACT = "https://mirrors.example.org"
    policy = crawl_policy()
    assert (policy.limits.answer_seconds, policy.limits.body_seconds) == (7, 21)
    assert policy.health.disable_after == 9
    assert policy.queue.interval == policy.queue.disabled_interval == timedelta(days=2)
    assert policy.user_agent.endswith(f"{settings.VERSION} (+https://mirrors.example.org)")


def test_the_version_is_that_of_the_project(settings) -> None:
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    assert project["project"]["version"] == settings.VERSION
