"""Visits that are repeated: the same seed asks for the same files."""

import pytest

from crawler.models import RunState
from crawler.services.plans import Scope
from registry.logic.listings import Entry
from registry.models import Category
from tests.crawler.mirrors import Answer, Mirror, respond
from tests.crawler.world import PACKAGES, crawl, good_files, make_category, mirror_of
from tests.factories import DirectoryFactory, HostFactory, carry

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return make_category()


def test_the_same_seed_asks_for_the_same_files(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        [first] = crawl(host)
        [second] = crawl(host, seed=first.seed)
        impossible = [each.path for each in mirror.requests if "does-not-exist" in each.path]
    assert second.seed == first.seed
    assert impossible[0] == impossible[1]


@pytest.mark.parametrize("again", ["nothing", "a request", "another copy", "another Host"])
def test_the_same_seed_draws_the_same_files_whatever_was_asked_besides(category, again) -> None:
    """One visit goes well; in the other a request is made again, or a copy is left out, or
    another Host has the same tree.
    """
    other = make_category(name="Other")
    for number in range(6):
        entries = [Entry(f"{name}.rpm", 10, 1000 + name) for name in range(200)]
        path = f"{category.top_directory}/d{number}"
        DirectoryFactory.create(category=category, path=path, entries=entries)
    files = {f"/pub/d{number}/{name}.rpm": b"x" * 10 for number in range(6) for name in range(200)}
    with Mirror(good_files("/other")) as first, Mirror(good_files() | files) as mirror:
        host = HostFactory.create()
        carry(host, other, first.url.replace("pub", "other"))
        carry(host, category, mirror.url)
        crawl(host, seed=42)
        asked = {each.path for each in mirror.requests}
        mirror.requests.clear()
        if again == "a request":
            mirror.special[f"/pub/{PACKAGES}/bash.rpm"] = busy_once(mirror)
        if again == "another Host":
            host.delete()
            host = mirror_of(category, mirror)
        scope = Scope(frozenset({category.pk})) if again == "another copy" else None
        [run] = crawl(host, seed=42, scope=scope)
        assert {each.path for each in mirror.requests} == asked
        assert mirror.asked(f"/pub/{PACKAGES}/bash.rpm") == ["HEAD"] * (1 + (again == "a request"))
    assert run.state == RunState.FINISHED


def busy_once(mirror: Mirror) -> Answer:
    turns = iter([503])

    async def behave(request, writer) -> None:
        if (code := next(turns, None)) is not None:
            writer.write(respond(code, b"", request))
        else:
            await mirror.send_file(request, writer)

    return behave
