"""Which language a page is in, and who may choose it."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_page_is_in_the_language_of_the_browser(client: Client) -> None:
    page = client.get("/", headers={"accept-language": "de-AT,de;q=0.9"})
    assert '<html lang="de">' in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_a_choice_is_remembered_and_leads_back(client: Client) -> None:
    chosen = client.get("/language/zh-hans/?next=/propagation/")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/propagation/")
    assert '<html lang="zh-hans">' in client.get("/", headers={"accept-language": "de"}).text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:a"])
def test_a_choice_never_leads_elsewhere(client: Client, elsewhere: str) -> None:
    assert client.get("/language/de/", {"next": elsewhere}).headers["Location"] == "/"


def test_a_language_that_we_have_not_is_not_found(client: Client) -> None:
    assert client.get("/language/xx/").status_code == 404


def test_operators_and_machines_are_spoken_to_in_english(admin_client: Client) -> None:
    page = admin_client.get("/admin/", headers={"accept-language": "de"})
    assert '<html lang="en' in page.text
    assert "Accept-Language" not in page.headers.get("Vary", "")
