import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction

from registry.models import HostCategoryUrl, Site, SiteToSite
from tests.factories import CategoryFactory, HostCategoryUrlFactory, HostFactory, carry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def urls(site: Site) -> None:
    """Our Site's public Host has a public and a private URL, its private Host a public one."""
    category = CategoryFactory.create()
    public = carry(HostFactory.create(site=site), category, "https://a.example.org/pub")
    HostCategoryUrlFactory.create(
        host_category=public, url="rsync://a.example.org/private", private=True
    )
    carry(HostFactory.create(site=site, private=True), category, "https://inside.example.org/pub")


def readable(user: User | AnonymousUser) -> set[str]:
    return {
        url.url.split("/", 2)[2] for url in HostCategoryUrl.objects.readable_by(user).iterator()
    }


EVERYTHING = {"a.example.org/pub", "a.example.org/private", "inside.example.org/pub"}
PUBLIC = {"a.example.org/pub"}


def test_strangers_and_other_sites_read_public_urls_only(cara: User) -> None:
    assert readable(AnonymousUser()) == PUBLIC
    assert readable(cara) == PUBLIC


def test_operators_and_the_sites_own_people_read_everything(ada: User, ben: User) -> None:
    assert readable(ada) == EVERYTHING
    assert readable(ben) == EVERYTHING


def test_a_named_downstream_reads_everything(site: Site, other_site: Site, cara: User) -> None:
    SiteToSite.objects.create(upstream=site, downstream=other_site)
    assert readable(cara) == EVERYTHING


def test_the_right_goes_one_way(site: Site, other_site: Site, cara: User) -> None:
    SiteToSite.objects.create(upstream=other_site, downstream=site)
    assert readable(cara) == PUBLIC


def test_everybody_may_be_downstream(site: Site, cara: User) -> None:
    Site.objects.filter(pk=site.pk).update(all_sites_can_pull_from_me=True)
    assert readable(cara) == EVERYTHING
    assert readable(User.objects.create_user("dora")) == PUBLIC


@pytest.mark.parametrize("off", [{"approval": "pending"}, {"admin_active": False}])
@pytest.mark.parametrize("everybody", [True, False])
def test_a_downstream_that_is_not_active_reads_nothing_more(
    off: dict[str, object], everybody: bool, site: Site, other_site: Site, cara: User
) -> None:
    if everybody:
        Site.objects.filter(pk=site.pk).update(all_sites_can_pull_from_me=True)
    else:
        SiteToSite.objects.create(upstream=site, downstream=other_site)
    Site.objects.filter(pk=other_site.pk).update(**off)
    assert readable(cara) == PUBLIC


def test_a_disabled_user_is_a_stranger(ben: User) -> None:
    ben.is_active = False
    assert readable(ben) == PUBLIC


def test_a_right_is_given_once_and_to_somebody_else(site: Site, other_site: Site) -> None:
    right = SiteToSite.objects.create(upstream=site, downstream=other_site)
    assert str(right) == "Another University copies from Example University"
    for downstream in (other_site, site):
        with pytest.raises(IntegrityError), transaction.atomic():
            SiteToSite.objects.create(upstream=site, downstream=downstream)


@pytest.mark.parametrize(("named", "everybody"), [(True, False), (False, True), (False, False)])
def test_the_sites_that_let_another_read_are_those_that_named_it_or_let_everybody(
    named: bool, everybody: bool, site: Site, other_site: Site
) -> None:
    if named:
        SiteToSite.objects.create(upstream=site, downstream=other_site)
    Site.objects.filter(pk=site.pk).update(all_sites_can_pull_from_me=everybody)
    Site.objects.filter(pk=other_site.pk).update(all_sites_can_pull_from_me=True)
    found = list(Site.objects.readable_for(other_site))
    assert found == ([site] if named or everybody else [])


def test_what_is_hidden_is_exactly_what_strangers_do_not_read() -> None:
    hidden = set(HostCategoryUrl.objects.hidden())
    public = set(HostCategoryUrl.objects.readable_by(AnonymousUser()))
    assert hidden | public == set(HostCategoryUrl.objects.all())
    assert not hidden & public
