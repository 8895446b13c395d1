import pytest

from crawler.logic.health import Turn
from crawler.logic.news import URLS_NAMED, Message, UrlTurn, compose_url_messages

FAILED = UrlTurn("https://a/pub", Turn.FAILED, "No answer in time.")
FAILED_TOO = UrlTurn("https://b/pub", Turn.FAILED, "It answers 503.")
RECOVERED = UrlTurn("https://c/pub", Turn.RECOVERED, "It works again after 3 failed visits.")


def test_one_url_is_told_by_its_address() -> None:
    [message] = compose_url_messages([FAILED], host_turn=Turn.NONE, wanted=True)
    assert message == Message(
        Turn.FAILED, "https://a/pub: No answer in time.", ("https://a/pub",), told=True
    )


def test_several_urls_are_one_message() -> None:
    [message] = compose_url_messages([FAILED, FAILED_TOO], host_turn=Turn.NONE, wanted=True)
    assert message.urls == ("https://a/pub", "https://b/pub")
    assert message.sentence == (
        "2 URLs failed in the same visit. https://a/pub: No answer in time. "
        "https://b/pub: It answers 503."
    )


def test_failures_come_before_recoveries() -> None:
    turns = [RECOVERED, RECOVERED._replace(url="https://d/pub"), FAILED]
    messages = compose_url_messages(turns, host_turn=Turn.NONE, wanted=True)
    assert [message.turn for message in messages] == [Turn.FAILED, Turn.RECOVERED]
    assert messages[1].sentence.startswith("2 URLs work again. https://c/pub: It works again")


def test_a_long_list_is_counted_at_its_end() -> None:
    turns = [FAILED._replace(url=f"https://{n}/pub") for n in range(URLS_NAMED + 3)]
    [message] = compose_url_messages(turns, host_turn=Turn.NONE, wanted=True)
    assert message.sentence.endswith("https://9/pub: No answer in time. And 3 more.")
    assert len(message.urls) == URLS_NAMED + 3


@pytest.mark.parametrize(
    ("turn", "host_turn", "wanted", "told"),
    [
        (FAILED, Turn.NONE, True, True),
        (FAILED, Turn.FAILED, True, False),
        (FAILED, Turn.RECOVERED, True, True),
        (RECOVERED, Turn.NONE, True, True),
        (RECOVERED, Turn.RECOVERED, True, False),
        (FAILED, Turn.NONE, False, False),
    ],
)
def test_who_is_told_of_the_host_or_switched_it_off_gets_no_letter_about_urls(
    turn, host_turn, wanted, told
) -> None:
    [message] = compose_url_messages([turn], host_turn=host_turn, wanted=wanted)
    assert message.told is told


def test_nothing_turned_is_no_message() -> None:
    assert compose_url_messages([], host_turn=Turn.FAILED, wanted=True) == ()
