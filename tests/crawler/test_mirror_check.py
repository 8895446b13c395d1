"""The checks while somebody fills in the page that adds a mirror."""

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from crawler.logic.requests import RequestPolicy
from crawler.services.trial_turns import take_turn
from registry.models import Category, HostCategoryUrl
from registry.services.slots import network_slot
from tests.conftest import NOW
from tests.crawler.mirrors import Mirror
from tests.crawler.world import good_files, make_category
from tests.factories import HostFactory, carry

pytestmark = pytest.mark.django_db

CHECK = "/my/add/check/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def category() -> Category:
    return make_category(name="Fedora Linux", top_directory="pub/fedora/linux")


@pytest.fixture
def bens(client: Client, ben: User) -> Client:
    client.force_login(ben)
    return client


def typed(bens: Client, field: str, **facts) -> str:
    """Return the rows that htmx gets when a field changed."""
    headers = {**HTMX, "HX-Trigger-Name": field}
    answer = bens.post(CHECK, facts, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_field_that_changed_is_tried_alone(bens, category) -> None:
    with Mirror(good_files()) as first, Mirror(good_files()) as second:
        text = typed(bens, "url2", category=category.pk, url1=first.url, url2=second.url)
        assert (bool(first.requests), bool(second.requests)) == (False, True)
    assert "2 of 2 sampled directories" in text
    assert "<html" not in text


def test_without_javascript_the_page_comes_back_with_all_rows(bens, category) -> None:
    with Mirror(good_files()) as mirror:
        facts = {"category": category.pk, "url1": mirror.url, "netblocks": "10.0.0.0/8"}
        text = bens.post(CHECK, {**facts, "new_site": "Kept"}).content.decode()
    assert "2 of 2 sampled directories" in text
    assert "10.0.0.0/8 is not routed on the Internet" in text
    assert 'value="Kept"' in text
    assert "This field is required" not in text
    assert not HostCategoryUrl.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9.9.9.0/24\n2620:fe::/48", "They can be added at once."),
        ("9.0.0.0/8", "9.0.0.0/8 is wider than /16"),
        ("x", "is not an address range"),
        ("", ""),
    ],
)
def test_networks_are_judged_while_they_are_typed(bens, text, said) -> None:
    shown = typed(bens, "netblocks", netblocks=text)
    assert said in shown
    assert bool(said) is ("finding" in shown)


def test_a_category_for_operators_is_not_looked_for(bens, category) -> None:
    Category.objects.update(admin_only=True)
    with Mirror(good_files()) as mirror:
        assert "Fedora" not in typed(bens, "url1", category=category.pk, url1=mirror.url)


def test_a_url_of_another_site_tells_nothing_of_it(bens, category) -> None:
    host = HostFactory.create(name="secret.example.org", private=True)
    carry(host, category, "https://mirror.example.org/pub")
    text = typed(bens, "url1", url1="https://mirror.example.org/pub")
    assert "is registered already" in text
    assert "secret" not in text


@pytest.mark.parametrize("number", ["x", "9" * 30, "-1", "", "0"])
def test_odd_numbers_are_no_choice(bens, number) -> None:
    text = typed(bens, "url1", url1="nonsense", category=number, asn=number, country=number)
    assert "must begin with one of" in text


def test_guesses_fill_what_is_empty_and_nothing_else(bens, category, settings) -> None:
    with Mirror(good_files()) as mirror:
        text = typed(bens, "url1", url1=mirror.url, country="CH", asn="64500")
    assert 'value="CH" selected' in text
    assert 'value="64500"' in text
    assert 'hx-swap-oob="true"' in text


def test_one_person_gets_so_many_trials(ben, cara) -> None:
    policy = RequestPolicy(trials=2)
    granted = [take_turn(ben.pk, now=NOW, policy=policy).granted for _ in range(3)]
    assert granted == [True, True, False]
    assert take_turn(cara.pk, now=NOW, policy=policy).granted


def test_who_tried_too_often_is_told_and_nobody_is_asked(bens, ben, category) -> None:
    for _ in range(60):
        take_turn(ben.pk, now=timezone.now(), policy=RequestPolicy())
    with Mirror(good_files()) as mirror:
        text = typed(bens, "url1", url1=mirror.url)
        assert mirror.requests == []
    assert "Try again in" in text


def test_who_finds_no_slot_free_is_told_so_and_the_page_asks_again(bens, ben, category) -> None:
    with Mirror(good_files()) as mirror, network_slot(ben.pk):
        text = typed(bens, "url2", category=category.pk, url2=mirror.url)
        assert mirror.requests == []
    assert "Another check of yours still waits" in text
    assert 'hx-trigger="load delay:2s"' in text
    assert """hx-vals='{"again": "url2"}'""" in text
    again = bens.post(CHECK, {"again": "url2"}, headers=HTMX).content.decode()
    assert "hx-vals" not in again


def test_networks_are_judged_while_all_slots_are_taken(bens, ben) -> None:
    with network_slot(ben.pk):
        assert "They can be added at once." in typed(bens, "netblocks", netblocks="9.9.9.0/24")


@pytest.mark.parametrize("again", ["", "nonsense", '"><script>'])
def test_only_fields_of_the_page_are_asked_for_again(bens, ben, again) -> None:
    with network_slot(ben.pk):
        text = bens.post(CHECK, {"again": again, "url1": "https://x"}, headers=HTMX)
    assert b"hx-vals" not in text.content
    assert b"script" not in text.content


def test_only_post_has_an_effect(bens) -> None:
    assert bens.get(CHECK).status_code == 405
