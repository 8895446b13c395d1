import base64
import bz2
import http.client
import time
import xmlrpc.client
from typing import Any

import pytest
from django.contrib.auth.models import User
from pyroaring import BitMap
from pytest_django.live_server_helper import LiveServer

from registry.models import Event, EventKind, Host, HostCategory, Site
from tests.factories import HostCategoryFactory
from tests.registry.checking_in import (
    make_category,
    make_host,
    pack,
    payload,
    post,
    quick_fedora_mirror,
    report_mirror,
    up2date,
)

ACCEPTED = (
    "Category Fedora Linux directories updated: 0  added: 4  deleted 0\nchecked in successful"
)


# The server is another thread, so tests commit; afterwards the countries are put back.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def host(site: Site) -> Host:
    return make_host(site, make_category())


@pytest.mark.parametrize(
    "path", ["/xmlrpc", "/xmlrpc/", "/mirrormanager/xmlrpc", "/mirrormanager/xmlrpc/"]
)
def test_report_mirror_checks_in(path: str, host: Host, live_server: LiveServer) -> None:
    assert report_mirror(live_server.url, payload(), path) == ACCEPTED
    top = "pub/fedora/linux"
    assert up2date() == {top, f"{top}/releases", f"{top}/releases/42", f"{top}/updates"}


def test_quick_fedora_mirror_checks_in_without_a_redirect(
    host: Host, live_server: LiveServer
) -> None:
    tree: dict[str, Any] = {
        "": {},
        "releases": {},
        "releases/42": {},
        "fedora": {},
        "fedora/linux": {},
    }
    document = payload(**{"fedora linux": {"dirtree": tree, "enabled": "1"}})
    status, text, successful = quick_fedora_mirror(live_server.url, document)
    assert (status, successful) == (200, True)
    assert "directories updated: 0  added: 3  deleted 0" in text


def test_counts_tell_what_stayed_came_and_went(host: Host, live_server: LiveServer) -> None:
    report_mirror(live_server.url, payload())
    tree: dict[str, Any] = {"": {}, "releases": {}}
    changed = payload(**{"fedora linux": {"enabled": "1", "dirtree": tree}})
    assert report_mirror(live_server.url, changed) == (
        "Category Fedora Linux directories updated: 2  added: 0  deleted 2\nchecked in successful"
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"site": {"name": "Example University", "password": "x"}},
            "Config file site name or password incorrect.\nerror checking in",
        ),
        (
            {"site": {"name": "Nobody\0", "password": "it's a secret"}},
            "Config file site name or password incorrect.\nerror checking in",
        ),
        (
            {"host": {"name": "outside.example.org"}},
            "Config file host name for site not found.\nerror checking in",
        ),
        (
            {"version": 1},
            "config file version is not 0, is 1.\nInvalid config file provided, please check "
            "your report_mirror.conf.error checking in",
        ),
    ],
)
def test_refusals_are_plain_strings_that_no_client_takes_for_success(
    changes: dict[str, object], text: str, host: Host, live_server: LiveServer
) -> None:
    assert report_mirror(live_server.url, payload(**changes)) == text
    assert quick_fedora_mirror(live_server.url, payload(**changes))[2] is False
    assert up2date() == set()


def test_a_host_of_a_private_site_may_check_in(host: Host, live_server: LiveServer) -> None:
    Host.objects.update(private=False)
    Site.objects.update(private=True)
    report_mirror(live_server.url, payload())
    assert len(up2date()) == 4


def test_only_private_hosts_may_check_in(host: Host, live_server: LiveServer) -> None:
    Host.objects.update(private=False)
    assert report_mirror(live_server.url, payload()) == (
        "Only private mirrors are allowed to use report_mirror.\nerror checking in"
    )
    Host.objects.update(private=True)
    assert report_mirror(live_server.url, payload()) == ACCEPTED


@pytest.mark.parametrize(
    "section",
    [
        {"enabled": "0", "dirtree": {"releases": {}}},
        {"enabled": "1", "dirtree": {}},
        {"enabled": "1", "dirtree": {"": {}}},
        {"enabled": "1", "dirtree": {"not/on/the/master": {}}},
    ],
)
def test_a_section_that_would_wipe_a_mirror_is_ignored(
    section: dict[str, object], host: Host, live_server: LiveServer
) -> None:
    report_mirror(live_server.url, payload())
    Event.objects.all().delete()
    before = Host.objects.get().last_checked_in_at
    answer = report_mirror(live_server.url, payload(**{"fedora linux": section}))
    assert answer == "checked in successful"
    assert len(up2date()) == 4
    assert Host.objects.get().last_checked_in_at == before
    assert Event.objects.get().kind == EventKind.CHECK_IN_IGNORED


def test_categories_not_in_the_call_stay_untouched(host: Host, live_server: LiveServer) -> None:
    other = HostCategoryFactory.create(host=host, up2date=BitMap([7]), up2date_count=1)
    report_mirror(live_server.url, payload(**{"not carried": {"dirtree": {"x": {}}}}))
    other.refresh_from_db()
    assert set(other.up2date) == {7}
    assert other.last_checked_in_at is None


def test_of_two_names_of_one_category_the_first_counts(host: Host, live_server: LiveServer) -> None:
    upper: dict[str, Any] = {"Fedora Linux": {"dirtree": {"releases": {}}}}
    report_mirror(live_server.url, payload(**upper))
    assert up2date() == {"pub/fedora/linux/releases"}


@pytest.mark.parametrize(("word", "active"), [("0", False), ("True", False), ("yes", True)])
def test_the_owners_switch_holds_even_if_nothing_else_does(
    word: str, active: bool, host: Host, live_server: LiveServer, ben: User
) -> None:
    Host.objects.update(user_active=not active, disable_reason="Moved.")
    named = {"name": "inside.example.org", "user_active": word}
    report_mirror(live_server.url, payload(host=named, **{"fedora linux": None}))
    found = Host.objects.get()
    assert found.user_active is active
    assert bool(found.disable_reason) is not active
    event = Event.objects.get(kind=EventKind.CHANGED)
    assert event.facts == {"user_active": [not active, active]}


def test_an_event_keeps_by_what_a_report_can_be_recognized(
    host: Host, live_server: LiveServer
) -> None:
    report_mirror(live_server.url, payload(epel={"enabled": "0", "dirtree": {}}))
    report = Event.objects.get(kind=EventKind.CHECKED_IN).facts["report"]
    assert (report["protocol"], report["address"]) == ("XML-RPC", "127.0.0.1")
    assert report["ignored"] == {"epel": "The section is not enabled."}
    assert len(report["digest"]) == 64


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_post_is_allowed(method: str, live_server: LiveServer) -> None:
    status, headers, _ = post(live_server.url, "/xmlrpc", b"", method=method)
    assert (status, headers["Allow"]) == (405, "POST")


def test_methods_are_listed_and_others_are_faults(live_server: LiveServer) -> None:
    with xmlrpc.client.ServerProxy(f"{live_server.url}/xmlrpc") as proxy:
        assert proxy.system.listMethods()[0] == "checkin"  # type: ignore[index]
        assert "private mirror" in str(proxy.system.methodHelp("checkin"))
        with pytest.raises(xmlrpc.client.Fault, match="is not supported") as caught:
            proxy.shutdown()
    assert caught.value.faultCode == 1


def test_junk_is_a_fault_with_status_200(live_server: LiveServer) -> None:
    status, headers, answer = post(live_server.url, "/xmlrpc", b"<a>")
    assert (status, headers["Content-Type"]) == (200, "text/xml")
    with pytest.raises(xmlrpc.client.Fault, match=r"<class 'xml\.parsers\.expat"):
        xmlrpc.client.loads(answer)


def test_a_body_that_is_announced_as_too_large_is_not_even_read(live_server: LiveServer) -> None:
    connection = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port)
    connection.putrequest("POST", "/xmlrpc")
    connection.putheader("Content-Length", str(1024**3))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert b"larger than 16 MiB" in response.read()
    connection.close()


def test_a_report_of_200000_directories_is_taken(host: Host, live_server: LiveServer) -> None:
    tree: dict[str, Any] = {
        f"releases/{number}/Everything/x86_64/os": {} for number in range(200_000)
    }
    tree["releases"] = {}
    answer = report_mirror(
        live_server.url, payload(**{"fedora linux": {"enabled": "1", "dirtree": tree}})
    )
    assert answer.endswith("added: 1  deleted 0\nchecked in successful")
    assert HostCategory.objects.get().reason.endswith("and 199995 more.")


def test_a_gigabyte_of_zeros_is_refused_within_a_second(
    host: Host, live_server: LiveServer
) -> None:
    compressor = bz2.BZ2Compressor()
    zeros = bytes(1024 * 1024)
    bomb = b"".join(compressor.compress(zeros) for _ in range(1024)) + compressor.flush()
    text = base64.urlsafe_b64encode(bomb).decode()
    begin = time.process_time()  # of server and client, whatever else this machine does
    with xmlrpc.client.ServerProxy(f"{live_server.url}/xmlrpc") as proxy:
        answer = str(proxy.checkin(text))
    assert time.process_time() - begin < 1
    assert answer.startswith("The report is larger than 30 MiB.")
    assert answer.endswith("error checking in")


def test_a_host_that_checks_in_all_the_time_is_told_to_wait(
    host: Host, live_server: LiveServer
) -> None:
    report_mirror(live_server.url, payload())
    event = Event.objects.get()
    Event.objects.bulk_create(
        Event(at=event.at, kind=event.kind, host=host, site=host.site, sentence="x", subject="x")
        for _ in range(119)
    )
    assert report_mirror(live_server.url, payload()).startswith(
        "This host has checked in too often"
    )


def test_untyped_values_are_read(host: Host, live_server: LiveServer) -> None:
    body = (
        "<methodCall><methodName>checkin</methodName><params><param>"
        f"<value>{pack(payload())}</value></param></params></methodCall>"
    )
    assert "checked in successful" in post(live_server.url, "/xmlrpc", body.encode())[2]
