"""Certificates as visits see them: those that end soon are told of, bad ones are named."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from registry.models import Category, Event, Host, HostCategoryUrl, Notification
from tests.conftest import NOW
from tests.crawler.certificates import EARLY, LATE, make_certificate
from tests.crawler.mirrors import Mirror
from tests.crawler.world import POLICY, crawl, good_files, make_category, mirror_of
from tests.factories import SiteAdminFactory, carry

pytestmark = [pytest.mark.django_db, pytest.mark.needs("openssl")]

OURS = "IP:127.0.0.1"
END = NOW + timedelta(days=30)
LETTER = "certificate_expiring"


@pytest.fixture
def category() -> Category:
    return make_category()


def visit(host: Host, trust, *, day: int = 0) -> None:
    def clock() -> datetime:
        return NOW + timedelta(days=day)

    crawl(host, policy=replace(POLICY, tls=trust), clock=clock)


def told() -> list[str]:
    return list(Notification.objects.order_by("id").values_list("event__kind", flat=True))


def test_owners_are_told_once_that_a_certificate_ends(category, tmp_path) -> None:
    server, trust = make_certificate(tmp_path, OURS, f"{END:%Y%m%d%H%M%S}Z")
    with Mirror(good_files(), tls=server) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")
        visit(host, trust)
        url = HostCategoryUrl.objects.get()
        assert (url.state, url.certificate_until_at, url.certificate_reason) == ("working", END, "")
        assert told() == []
        for day in (15, 16):
            visit(host, trust, day=day)
        assert told() == []
        visit(host, trust, day=20)
        visit(host, trust, day=21)
    assert told() == [LETTER]
    assert Event.objects.get().sentence == (
        f"{mirror.url}: Its certificate expires in 10 days, on 2026-12-20. "
        "Let it be renewed before."
    )
    assert HostCategoryUrl.objects.get().certificate_reason.startswith(
        "Its certificate expires in 9 days"
    )


def test_urls_with_the_same_trouble_share_a_letter_and_a_new_certificate_ends_it(
    category, tmp_path
) -> None:
    server, trust = make_certificate(
        tmp_path / "old", OURS, f"{NOW + timedelta(days=3):%y%m%d}000000Z"
    )
    with Mirror(good_files() | good_files("/two"), tls=server) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")
        carry(host, make_category(name="Two"), mirror.url.replace("/pub", "/two"))
        visit(host, trust)
    assert told() == [LETTER]
    assert "The certificates of 2 URLs expire soon." in Event.objects.get().sentence
    server, trust = make_certificate(tmp_path / "new", OURS, LATE)
    with Mirror(good_files(), tls=server) as mirror:
        HostCategoryUrl.objects.filter(host_category__category=category).update(url=mirror.url)
        HostCategoryUrl.objects.exclude(url=mirror.url).delete()
        visit(host, trust, day=1)
    url = HostCategoryUrl.objects.get()
    assert (url.certificate_reason, f"{url.certificate_until_at:%Y}") == ("", "2099")
    assert told() == [LETTER]


def test_a_url_without_tls_has_no_certificate(category) -> None:
    with Mirror(good_files()) as mirror:
        host = mirror_of(category, mirror)
        HostCategoryUrl.objects.update(certificate_until_at=END, certificate_reason="Once.")
        visit(host, None)
    url = HostCategoryUrl.objects.get()
    assert (url.certificate_until_at, url.certificate_reason) == (None, "")


@pytest.mark.parametrize(
    ("name", "end", "words"),
    [
        (OURS, EARLY, "its certificate has expired (certificate has expired)"),
        ("DNS:other.example.org", LATE, "its certificate is for another name"),
    ],
    ids=["expired", "for another name"],
)
def test_a_bad_certificate_has_its_own_sentence(category, tmp_path, name, end, words) -> None:
    server, trust = make_certificate(tmp_path, name, end)
    with Mirror(good_files(), tls=server) as mirror:
        host = mirror_of(category, mirror, contact="noc@example.org")
        visit(host, trust)
        assert not mirror.requests
    url = HostCategoryUrl.objects.get()
    assert url.state == "failing"
    assert words in url.reason
    assert "Clients refuse it, too." in url.reason
    assert told() == ["url_failed"]


def test_owners_and_operators_see_it(category, ada, ben, tmp_path) -> None:
    server, trust = make_certificate(tmp_path, OURS, f"{NOW + timedelta(days=3):%Y%m%d}120000Z")
    with Mirror(good_files(), tls=server) as mirror:
        host = mirror_of(category, mirror)
        SiteAdminFactory.create(site=host.site, user=ben)
        visit(host, trust)
    sentence = "Its certificate expires in 3 days, on 2026-11-23."
    for user, page in (
        (ben, f"/my/hosts/{host.pk}/"),
        (ada, f"/admin/registry/hostcategoryurl/{HostCategoryUrl.objects.get().pk}/change/"),
    ):
        client = Client()
        client.force_login(user)
        assert sentence in client.get(page).content.decode()
