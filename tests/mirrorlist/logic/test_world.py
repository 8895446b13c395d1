from random import Random

import pytest

from mirrorlist.logic import questions as questions_module
from mirrorlist.logic import world as world_module
from mirrorlist.logic.query import Kind
from mirrorlist.logic.questions import Book, Question
from mirrorlist.logic.rings import Whence
from mirrorlist.logic.snapshot import Host
from mirrorlist.logic.world import World
from tests.mirrorlist.memory import DE, FR, US, FixedGeo, a_host, a_world, ask, listed, network

QUERY = "repo=fedora-42&arch=x86_64"
HOSTS = [a_host(1, "DE"), a_host(2, "US")]


def test_questions_and_plans_are_worked_out_once() -> None:
    world = a_world(network(HOSTS))
    question = world.question(Kind.MIRRORLIST, QUERY.encode())
    ask(world, QUERY, ip=DE)
    ask(world, QUERY, ip=DE)
    ask(world, QUERY, ip=US)
    assert world.question(Kind.MIRRORLIST, QUERY.encode()) is question
    assert isinstance(question, Question)
    assert [whence.country for whence in question.plans] == ["DE", "US"]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("QUESTIONS_REMEMBERED", "PLANS_REMEMBERED"):
        monkeypatch.setattr(world_module, limit, 2)
    for limit in ("OFFERS_REMEMBERED", "SHARED_REMEMBERED", "PLACES_REMEMBERED"):
        monkeypatch.setattr(questions_module, limit, 2)
    world = a_world(network(HOSTS), minimum_hosts=1)
    for turn in range(20):
        for ip in (DE, FR, US):
            assert listed(ask(world, f"{QUERY}&protocol=https,{turn}", ip=ip))
    assert len(world._questions) <= 2
    assert len(world.book._made) <= 2
    assert len(world.book._shared) <= 2
    assert len(world.book._places) <= 2
    questions = [q for q in world._questions.values() if isinstance(q, Question)]
    assert 0 < sum(len(question.plans) for question in questions) <= 2


def test_questions_that_may_choose_from_the_same_share_their_plans() -> None:
    world = a_world(network(HOSTS))
    queries = ("", "&countme=1", "&limit=2", "&country=DE", "&avoid_country=DE", "&protocol=http")
    asked = [world.question(Kind.MIRRORLIST, f"{QUERY}{more}".encode()) for more in queries]
    questions = [question for question in asked if isinstance(question, Question)]
    assert [q.plans is questions[0].plans for q in questions] == [True, True, True, *[False] * 3]


def test_what_was_worked_out_first_is_forgotten_first() -> None:
    world = a_world(network(HOSTS))
    for ip in (DE, US, FR):
        ask(world, f"{QUERY}&redirect", ip=ip)
    question = world.question(Kind.MIRRORLIST, f"{QUERY}&redirect".encode())
    assert isinstance(question, Question)
    assert world.forget(2)
    assert list(question.plans) == [Whence("FR")]
    assert not world.forget(2)
    assert not world.forget(2)
    assert listed(ask(world, QUERY, ip=DE))


def test_long_questions_and_addresses_are_answered_but_not_remembered() -> None:
    world = a_world(network(HOSTS))
    assert ask(world, f"{QUERY}&x={'y' * 600}").status == 200
    assert ask(world, QUERY, ip="1" * 600).status == 500
    assert ask(world, QUERY, ip="fe80::1%" + "e" * 600).status == 200
    assert all(len(query) < 600 for query in world._questions)


def test_the_next_world_is_prepared_for_what_was_asked_last() -> None:
    world = a_world(network(HOSTS))
    ask(world, QUERY, ip=DE)
    ask(world, QUERY, ip=US)
    ask(world, QUERY, ip=FR, kind=Kind.METALINK)
    ask(world, "repo=unknown&arch=x")
    asked = world.familiar(10)
    assert asked == [
        (Kind.MIRRORLIST, QUERY.encode()),
        (Kind.MIRRORLIST, b"repo=unknown&arch=x"),
        (Kind.METALINK, QUERY.encode()),
    ]
    other = a_world(network(HOSTS))
    assert len(list(other.prepare(world, most=10))) == len(asked) + 3
    assert other.familiar(10) == asked
    question = other.question(Kind.MIRRORLIST, QUERY.encode())
    assert isinstance(question, Question)
    assert list(question.scope.rings) == [Whence("DE"), Whence("US")]


@pytest.mark.parametrize("most_mb", [(0, 0), (1, 0), (1, 2)])
def test_what_is_around_a_place_is_prepared_for_every_class_of_sizes(
    most_mb: tuple[int, int],
) -> None:
    first, second = most_mb
    hosts = [a_host(1, "DE", max_file_mb=first), a_host(2, "DE", max_file_mb=second)]
    book = Book(network(hosts))
    for size in (0, 1, 10**6, 10**6 + 1, 2 * 10**6, 10**9):
        bucket = book.bucket(size)
        assert book.bucket(book._example(bucket)) == bucket


def test_the_dice_go_on_while_weights_are_the_same() -> None:
    first = a_world(network(HOSTS))

    def after(hosts: list[Host]) -> World:
        return World(network(hosts), FixedGeo(), first.policy, rng=Random(1), before=first)

    assert after([*HOSTS]).ordering is first.ordering
    assert after([HOSTS[0], HOSTS[1]._replace(weight=7)]).ordering is not first.ordering
    assert after(HOSTS[:1]).ordering is not first.ordering


def test_the_head_of_a_metalink_follows_the_clock() -> None:
    world = a_world(network(HOSTS))
    assert b"00:00:01 GMT" in world.head(1.2)
    assert world.head(1.9) is world.head(1.2)
    assert b"00:00:02 GMT" in world.head(2.0)
