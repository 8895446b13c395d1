import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_page_of_the_user_agent_says_who_we_are_and_how_gentle(
    client: Client, settings
) -> None:
    settings.CRAWLER_CONNECTIONS_PER_HOST = 7
    page = client.get("/crawler/").content.decode()
    for words in ("Mirrorsite-crawler/", "at most 7 connections", "Retry-After", "report_mirror"):
        assert words in page


def test_without_a_rate_none_is_promised(client: Client, settings) -> None:
    settings.CRAWLER_REQUESTS_PER_SECOND_PER_ADDRESS = 0
    assert "requests a second" not in client.get("/crawler/").content.decode()
