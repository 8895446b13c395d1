import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry import models
from registry.logic.network.reading import read_document
from registry.logic.network.writing import Format
from registry.models import Country, Event, EventKind, Host, HostCategory, Site, SiteAdmin
from registry.services.network_export import export_network
from registry.services.network_file import Outcome, import_network
from tests import factories as f
from tests.conftest import NOW
from tests.registry.network_world import ids, make_network, make_state

pytestmark = pytest.mark.django_db
HEAD = "mirrorsite_network: 1\n"


def export(*, with_state: bool = False, form: Format = Format.YAML) -> str:
    return "".join(export_network(with_state=with_state, form=form))


def bring(text: str, *, replace: bool = False, dry_run: bool = False) -> Outcome:
    return import_network(
        text.encode(), source="network.yaml", now=NOW, replace=replace, dry_run=dry_run
    )


def forget_everything() -> None:
    """Empty the tables that a network file fills; accounts and built-in places stay."""
    for model in (
        models.Site, models.Category, models.Product, models.RepositoryMapping, models.Sponsor,
        models.RepositoryAlias, models.RepositoryRedirect, models.EmbargoedCountry,
        models.CountryContinentRedirect, models.NetblockCountry,
    ):  # fmt: skip
        model.objects.all().delete()
    Country.objects.filter(code="QZ").delete()


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("with_state", [False, True])
def test_a_network_moves_to_an_empty_database_byte_for_byte(form, with_state) -> None:
    make_network()
    make_state()
    text = export(with_state=with_state, form=form)
    forget_everything()
    outcome = bring(text)
    assert [str(problem) for problem in outcome.problems] == []
    assert outcome.written
    assert export(with_state=with_state, form=form) == text


@pytest.mark.parametrize("replace", [False, True])
def test_the_same_file_again_changes_nothing_and_tells_nobody(replace) -> None:
    make_network()
    make_state()
    outcome = bring(export(with_state=True), replace=replace)
    assert (outcome.written, outcome.problems) == (False, [])
    assert not Event.objects.exists()


def test_yaml_and_json_say_the_same() -> None:
    make_network()
    make_state()
    texts = [export(with_state=True, form=form) for form in Format]
    assert read_document(texts[0].encode()) == read_document(texts[1].encode())


def test_a_file_holds_no_secrets() -> None:
    f.SiteFactory.create(password="pbkdf2_sha256$secret")
    assert "secret$" not in export(with_state=True)
    assert "password" not in export(with_state=True)


def test_the_state_stays_at_home_unless_it_is_wanted() -> None:
    make_network()
    make_state()
    text = export()
    assert "up2date:" not in text.replace("always_up2date:", "")
    assert "\ndirectories:" not in text


def test_a_dry_run_writes_nothing() -> None:
    make_network()
    make_state()
    before = export(with_state=True)
    text = before.replace("private: false", "private: true").replace("campus", "lab")
    outcome = bring(text, dry_run=True)
    assert len(outcome.plan.changes) > 5
    assert not outcome.written
    assert export(with_state=True) == before
    assert not Event.objects.exists()


def test_a_file_with_a_problem_changes_nothing_at_all() -> None:
    outcome = bring(HEAD + "sites: [{name: Good}, {name: Bad, private: maybe}]")
    assert [str(each) for each in outcome.problems] == [
        "sites[1].private: “maybe” is not true or false."
    ]
    outcome = bring(HEAD + "sites: [{name: Good}]\nhosts: [{site: Good, name: h, country: XX}]")
    assert [each.path for each in outcome.problems] == ["hosts[0].country"]
    assert not Site.objects.exists()


def test_a_file_cut_in_half_changes_nothing() -> None:
    make_network()
    for form in Format:
        text = export(form=form)
        for length in range(0, len(text) - 5, 97):
            outcome = bring(text[:length], replace=True)
            assert outcome.problems, text[:length]
            assert not outcome.written


def test_replace_wants_to_see_the_end_of_a_file_written_by_hand() -> None:
    site = f.SiteFactory.create()
    (problem,) = bring(HEAD + "sites: []", replace=True).problems
    assert "does not end with a line “...”" in problem.sentence
    assert bring(HEAD + "sites: []\n...", replace=True).written
    assert not Site.objects.filter(pk=site.pk).exists()


def test_new_objects_get_the_defaults_of_the_model() -> None:
    bring(HEAD + "sites: [{name: S}]\nhosts: [{site: S, name: h, country: DE}]")
    host = Host.objects.get()
    assert (host.bandwidth_mbps, host.asn_clients, host.approval) == (100, True, "approved")
    assert host.created_at is not None


def test_an_approval_by_file_has_its_time() -> None:
    host = f.HostFactory.create(approval="pending")
    text = f"hosts: [{{site: {host.site}, name: {host}, approval: rejected}}]"
    bring(HEAD + text)
    host.refresh_from_db()
    assert (host.approval, host.approval_decided_at) == ("rejected", NOW)
    bring(HEAD + text.replace("rejected", "pending"))
    host.refresh_from_db()
    assert host.approval_decided_at is None


def test_the_owner_reads_one_event_per_import_with_before_and_after() -> None:
    make_network()
    text = export().replace("private: false", "private: true").replace("campus", "lab")
    bring(text)
    host = Host.objects.get(name="mirror.example.org")
    (event,) = Event.objects.filter(host=host)
    assert event.kind == EventKind.IMPORTED
    assert event.sentence == (
        "Imported from “network.yaml”: 1 × Host changed, 1 × netblock changed, "
        "1 × HostCategoryUrl changed."
    )
    assert event.facts["changes"][0]["fields"] == {"private": ["no", "yes"]}
    assert Event.objects.filter(host=None, site=None).count() == 1


def test_removed_hosts_are_remembered_by_the_timeline() -> None:
    make_network()
    bring(HEAD + "hosts: []\n...", replace=True)
    assert not Host.objects.exists()
    subjects = set(Event.objects.values_list("subject", flat=True))
    assert {"host: mirror.example.org", "host: waiting.example.org"} <= subjects
    assert Event.objects.filter(site__name="Université d'Exemple").count() == 2


def test_replace_makes_two_networks_equal() -> None:
    make_network()
    make_state()
    text = export(with_state=True)
    extra = f.carry(f.HostFactory.create(), f.CategoryFactory.create(), "https://x.example/")
    f.DirectoryFactory.create(category=extra.category)
    SiteAdmin.objects.create(site=extra.host.site, user=User.objects.get())
    assert export(with_state=True) != text
    assert bring(text, replace=True).written
    assert export(with_state=True) == text


def test_unknown_users_are_left_out_until_they_have_an_account() -> None:
    text = HEAD + "sites: [{name: S, admins: [ben]}]"
    outcome = bring(text)
    assert outcome.written
    assert "there is no user “ben” yet" in outcome.plan.notes[0]
    User.objects.create_user("ben")
    assert bring(text).written
    assert SiteAdmin.objects.get().user.get_username() == "ben"


def test_up2date_sets_follow_the_ids_of_new_directories() -> None:
    make_network()
    make_state()
    text = export(with_state=True)
    forget_everything()
    f.DirectoryFactory.create().category.delete()
    bring(text)
    carried = HostCategory.objects.get(category__name="Fedora Linux")
    assert carried.up2date == ids("42/b", "os", "42/C")
    assert carried.up2date_count == 3
    assert carried.reason == "The network file “network.yaml” says so."


def test_a_set_in_words_needs_no_directories_in_the_file() -> None:
    make_network()
    make_state()
    carried = "categories: [{category: Fedora Linux, up2date: all}]"
    host = "{site: Université d'Exemple, name: mirror.example.org, " + carried + "}"
    assert bring(f"{HEAD}hosts: [{host}]").written
    found = HostCategory.objects.get(category__name="Fedora Linux").up2date
    assert found == ids("42/a", "42/b", "os", "42/C")


def test_a_set_alone_may_change() -> None:
    make_network()
    make_state()
    text = export(with_state=True)
    HostCategory.objects.update(up2date=ids("42/a"))
    outcome = bring(text)
    assert outcome.written
    assert export(with_state=True) == text
    carried = HostCategory.objects.get(category__name="Fedora Linux")
    assert carried.up2date_revision == 1


def test_what_the_database_refuses_is_a_problem_and_nothing_is_written() -> None:
    f.CategoryFactory.create(name="A", top_directory="a")
    f.CategoryFactory.create(name="B", top_directory="b")
    swap = "categories: [{name: A, top_directory: b}, {name: B, top_directory: a}]"
    (problem,) = bring(HEAD + "sites: [{name: S}]\n" + swap).problems
    assert problem.sentence.startswith("The database refused it:")
    assert not Site.objects.exists()


def grow(hosts: int) -> None:
    category = f.CategoryFactory.create()
    site = f.SiteFactory.create()
    for number in range(hosts):
        host = f.HostFactory.create(site=site)
        f.HostNetblockFactory.create(host=host)
        f.carry(host, category, f"https://m{number}.{category.pk}.example.org/pub")


def test_the_export_of_three_hundred_hosts_costs_one_query_per_kind(
    django_assert_max_num_queries,
) -> None:
    grow(300)
    with django_assert_max_num_queries(25):
        assert export().count("bandwidth_mbps") == 300
    with django_assert_max_num_queries(29):
        export(with_state=True)


def test_the_import_of_hosts_costs_a_bounded_number_of_queries_and_an_event_each() -> None:
    grow(10)
    small = export()
    grow(40)
    large = export()
    counts = []
    for text in (small, large):
        forget_everything()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert bring(text).written
        counts.append(len(queries) - Event.objects.filter(host__isnull=False).count())
    assert counts[1] - counts[0] <= 3
