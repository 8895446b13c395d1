"""For whose clients a Host is: netblocks by the thousand, countries, peer ASNs."""

from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from registry.models import Country, Event, EventKind, Host, HostNetblock, Site
from registry.services.audiences import (
    PEERS_PER_HOST,
    add_country,
    add_peer,
    countries_of,
    remove_country,
    remove_peer,
)
from registry.services.edits import EditRefusedError
from registry.services.netblocks import (
    NETBLOCKS_PER_HOST,
    LineState,
    NetblockError,
    add_netblock,
    add_netblocks,
    remove_netblock,
)
from tests.factories import HostFactory, HostNetblockFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def host(site: Site) -> Host:
    made: Host = HostFactory.create(site=site, name="mirror.example.org")
    return made


def many(count: int) -> list[str]:
    return [f"{20 + n // 65536}.{n // 256 % 256}.{n % 256}.0/24" for n in range(count)]


def test_every_line_is_told_what_became_of_it(ben: User, host: Host, now: datetime) -> None:
    HostNetblockFactory.create(host=host, netblock="9.9.9.0/24")
    pasted = [
        "9.9.9.7/24",
        "",
        "8.8.0.1/16 # campus",
        "8.0.0.0/8",
        "10.0.0.0/8",
        "<b>",
        "8.8.0.0/16",
    ]
    lines = add_netblocks(host, pasted, actor=ben, now=now, name=" our\tnets ")
    assert [(line.number, line.state) for line in lines] == [
        (1, LineState.KNOWN),
        (3, LineState.ADDED),
        (4, LineState.PENDING),
        (5, LineState.PENDING),
        (6, LineState.REFUSED),
        (7, LineState.KNOWN),
    ]
    assert "wider than /16" in lines[2].sentence
    assert "not routed on the Internet" in lines[3].sentence
    added = HostNetblock.objects.get(netblock="8.8.0.0/16")
    assert (added.name, added.approval) == ("our nets", "approved")
    assert HostNetblock.objects.pending().count() == 2


def test_ten_thousand_netblocks_are_few_queries_and_one_event(
    ben: User, host: Host, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(90):  # SQLite takes 142 rows at once
        lines = add_netblocks(host, many(NETBLOCKS_PER_HOST + 2), actor=ben, now=now)
    assert host.netblocks.count() == NETBLOCKS_PER_HOST
    assert [line.state for line in lines[-3:]] == [LineState.ADDED] + [LineState.REFUSED] * 2
    assert "at most 10,000 netblocks" in lines[-1].sentence
    event = Event.objects.get()
    assert event.sentence == "ben added 10,000 netblocks to mirror.example.org."
    assert (event.facts["added"], len(event.facts["netblocks"])) == (10_000, 100)
    with pytest.raises(NetblockError, match="at most"):
        add_netblock(host, "9.9.9.0/24", actor=ben, now=now)


def test_a_name_with_hidden_characters_is_refused(ben: User, host: Host, now: datetime) -> None:
    with pytest.raises(NetblockError, match="invisible character"):
        add_netblocks(host, ["9.9.9.0/24"], actor=ben, now=now, name="\u202e")
    assert not host.netblocks.exists()


def test_a_removed_netblock_is_on_the_timeline(ben: User, host: Host, now: datetime) -> None:
    remove_netblock(HostNetblockFactory.create(host=host), actor=ben, now=now)
    assert not host.netblocks.exists()
    assert Event.objects.get(host=host).kind == EventKind.DELETED


def test_a_country_is_allowed_or_excluded_once(ben: User, host: Host, now: datetime) -> None:
    france = Country.objects.get(code="FR")
    row = add_country(host, "allowed", france, actor=ben, now=now)
    with pytest.raises(EditRefusedError, match="in the list already"):
        add_country(host, "allowed", france, actor=ben, now=now)
    with pytest.raises(EditRefusedError, match="among the allowed countries"):
        add_country(host, "excluded", france, actor=ben, now=now)
    remove_country(row, "allowed", actor=ben, now=now)
    add_country(host, "excluded", france, actor=ben, now=now)
    assert Event.objects.filter(host=host).count() == 3


def test_only_operators_let_a_host_stand_in_other_countries(
    ada: User, ben: User, host: Host, now: datetime
) -> None:
    france = Country.objects.get(code="FR")
    with pytest.raises(EditRefusedError, match="Only operators change the served countries"):
        add_country(host, "served", france, actor=ben, now=now)
    row = add_country(host, "served", france, actor=ada, now=now)
    with pytest.raises(EditRefusedError, match="Only operators"):
        remove_country(row, "served", actor=ben, now=now)
    assert countries_of(host, "served").get() == row


def test_only_operators_change_peers(ada: User, ben: User, host: Host, now: datetime) -> None:
    with pytest.raises(EditRefusedError, match="Only operators"):
        add_peer(host, 64511, "", actor=ben, now=now)
    row = add_peer(host, 64511, " A  peer ", actor=ada, now=now)
    assert row.name == "A peer"
    with pytest.raises(EditRefusedError, match="in the list already"):
        add_peer(host, 64511, "", actor=ada, now=now)
    with pytest.raises(EditRefusedError, match="Only operators"):
        remove_peer(row, actor=ben, now=now)
    remove_peer(row, actor=ada, now=now)
    assert [event.kind for event in Event.objects.order_by("pk")] == ["created", "deleted"]


@pytest.mark.parametrize(("asn", "name"), [(0, ""), (2**32, ""), (1, "\u202e")])
def test_what_is_no_asn_is_refused(
    ada: User, host: Host, now: datetime, asn: int, name: str
) -> None:
    with pytest.raises(ValidationError):
        add_peer(host, asn, name, actor=ada, now=now)


def test_peers_are_not_without_end(
    ada: User, host: Host, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PEERS_PER_HOST > 100
    monkeypatch.setattr("registry.services.audiences.PEERS_PER_HOST", 0)
    with pytest.raises(EditRefusedError, match="at most 0 peer ASNs"):
        add_peer(host, 1, "", actor=ada, now=now)
