"""What else is given for a file: metalinks of both versions, digests, JSON; and when unasked."""

import json
from typing import Any

import pytest
from defusedxml import ElementTree

from mirrorlist.logic.snapshot import Carrier, FileDetail
from tests.mirrorlist.files import DETAIL, ISO, SHA256, a_file_world, fields, file_network, get
from tests.mirrorlist.memory import DE, FR, OS, US, a_host

META4 = "{urn:ietf:params:xml:ns:metalink}"
META3 = "{http://www.metalinker.org/}"
ARIA2 = "*/*,application/metalink4+xml,application/metalink+xml"
ENCODED = "linux/42/x86_64/os/big%20file%2B1%25%23%3F%C3%A9.iso"
NAME = ISO.rpartition("/")[2]
MASTER = "https://dl.example.org/fedora"


def meta4(body: bytes) -> Any:
    return ElementTree.fromstring(body).find(f"{META4}file")


def urls4(file: Any) -> list[tuple[str | None, str | None, str]]:
    return [(u.get("location"), u.get("priority"), u.text) for u in file.findall(f"{META4}url")]


@pytest.mark.parametrize(("path", "query"), [(f"/{ISO}.meta4", ""), (f"/{ISO}", "meta4")])
def test_a_metalink_4_lists_all_hosts_by_priority(path: str, query: str) -> None:
    got = get(a_file_world(), path, query, ip=FR)
    file = meta4(got.body)
    assert file.get("name") == NAME
    assert file.findtext(f"{META4}size") == "700000000"
    assert {h.get("type"): h.text for h in file.findall(f"{META4}hash")} == {
        "md5": DETAIL.md5, "sha-1": DETAIL.sha1, "sha-256": DETAIL.sha256, "sha-512": DETAIL.sha512,
    }  # fmt: skip
    assert urls4(file)[0] == ("fr", "1", f"https://fr3.example.org/fedora/{ENCODED}")
    assert [priority for _, priority, _ in urls4(file)] == ["1", "2", "3", "4"]
    found = fields(got)
    assert found["Content-Type"] == "application/metalink4+xml"
    assert (found["Vary"], found["Cache-Control"]) == ("Accept", "private, no-cache")


def test_hosts_of_a_metalink_4_are_grouped_by_how_they_were_found() -> None:
    body = get(a_file_world(), f"/{ISO}.meta4", ip=US).body.decode()
    assert body.index("<!-- client's country -->") < body.index("<!-- everywhere -->")
    assert "<!-- netblock -->" not in body


def test_all_web_urls_of_a_host_share_its_priority() -> None:
    offered = {0: Carrier(("https://a/f", "http://a/f", "rsync://a/f", "ftp://a/f"), "")}
    world = a_file_world(file_network([a_host(1, "DE")._replace(country="")], offered=offered))
    found = urls4(meta4(get(world, f"/{ISO}.meta4").body))
    assert [(location, priority) for location, priority, _ in found] == [(None, "1")] * 3
    assert [url.partition(":")[0] for _, _, url in found] == ["https", "http", "ftp"]
    third = get(world, f"/{ISO}.metalink").body
    assert b'type="rsync"' not in third
    assert third.count(b"<url ") == 3


@pytest.mark.parametrize(("path", "query"), [(f"/{ISO}.metalink", ""), (f"/{ISO}", "metalink")])
def test_a_metalink_3_is_given_for_any_file(path: str, query: str) -> None:
    got = get(a_file_world(), path, query, ip=US)
    file: Any = ElementTree.fromstring(got.body).find(f"{META3}files/{META3}file")
    assert file.get("name") == NAME
    assert file.findtext(f"{META3}size") == "700000000"
    first = file.find(f"{META3}resources/{META3}url")
    assert first.attrib == {
        "protocol": "https", "type": "https", "location": "US", "preference": "100",
    }  # fmt: skip
    assert first.text == f"https://us4.example.org/fedora/{ENCODED}"
    assert fields(got)["Content-Type"] == "application/metalink+xml"


@pytest.mark.parametrize("ending", ["meta4", "metalink"])
def test_a_file_without_digests_has_a_metalink_too(ending: str) -> None:
    body = get(a_file_world(), f"/{OS}/real.iso.{ending}").body
    assert b"<size>4096</size>" in body
    assert b"<hash" not in body


@pytest.mark.parametrize("ending", ["meta4", "metalink"])
def test_a_metalink_names_the_master_where_no_host_has_the_file(ending: str) -> None:
    snapshot = file_network(behind=range(4), canonical_url=MASTER)
    got = get(a_file_world(snapshot), f"/{ISO}.{ending}")
    assert f">{MASTER}/{ENCODED}</url>".encode() in got.body
    assert got.facts is not None
    assert got.facts.host_id == 0
    nobody = get(a_file_world(file_network(behind=range(4))), f"/{ISO}.{ending}")
    assert b"<url" not in nobody.body


@pytest.mark.parametrize("ending", ["meta4", "metalink"])
def test_names_cannot_break_a_document(ending: str) -> None:
    got = get(a_file_world(), f'/{OS}/<b>&".txt.{ending}')
    root = ElementTree.fromstring(got.body)
    assert any(element.get("name") == '<b>&".txt' for element in root.iter())


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("real.iso", 'attachment; filename="real.iso.meta4"'),
        (
            '<b>&".txt',
            "attachment; filename=\"<b>&_.txt.meta4\"; filename*=UTF-8''%3Cb%3E%26%22.txt.meta4",
        ),
        (
            NAME,
            'attachment; filename="big file+1%#?_.iso.meta4"; '
            "filename*=UTF-8''big%20file%2B1%25%23%3F%C3%A9.iso.meta4",
        ),
    ],
)
def test_aria2_stores_a_metalink_under_a_name_of_its_own(name: str, disposition: str) -> None:
    got = get(a_file_world(), f"/{OS}/{name}", "meta4", accept=ARIA2)
    assert fields(got)["Content-Disposition"] == disposition


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (ISO, {}, 200),
        (f"{OS}/real.iso", {}, 200),
        (ISO, {"accept": "*/*"}, 302),
        (ISO, {"method": "HEAD"}, 302),
        (f"{OS}/tiny", {}, 302),
        (f"{ISO}.asc", {}, 302),
        (f"{OS}/repodata/repomd.xml", {}, 302),
        (ISO, {"accept": "application/json"}, 200),
        (f"{OS}/tiny", {"accept": "application/json"}, 200),
    ],
)
def test_metalinks_are_negotiated_where_clients_can_use_them(
    path: str, headers: dict[str, str], status: int
) -> None:
    got = get(a_file_world(metalink_from_bytes=4096), f"/{path}", **({"accept": ARIA2} | headers))
    assert got.status == status
    assert fields(got)["Vary"] == "Accept"


def test_without_listings_any_file_may_be_large_enough() -> None:
    world = a_file_world(file_network(knows_files=False))
    assert get(world, f"/{OS}/tiny", accept=ARIA2).status == 200


@pytest.mark.parametrize("query", ["md5", "sha1", "sha256", "sha512"])
def test_a_digest_is_written_as_its_program_writes_it(query: str) -> None:
    got = get(a_file_world(), f"/{ISO}", query)
    assert got.body.decode() == f"{getattr(DETAIL, query)}  {NAME}\n"
    assert get(a_file_world(), f"/{ISO}.{query}").body == got.body


def test_an_unknown_digest_is_not_there() -> None:
    assert get(a_file_world(), f"/{OS}/tiny", "sha256").status == 404
    assert get(a_file_world(), f"/{OS}/tiny.sha256").status == 404
    weak = {(OS, NAME): [FileDetail(1, 700_000_000, "0" * 32, "", "", "")]}
    assert get(a_file_world(file_network(files=weak)), f"/{ISO}.sha256").status == 404


def test_a_real_file_comes_before_a_generated_one() -> None:
    detail = {(OS, "real.iso"): [DETAIL._replace(size=4_096)]}
    world = a_file_world(file_network(files=detail))
    assert get(world, f"/{OS}/real.iso.sha256").status == 302
    assert get(world, f"/{OS}/real.iso", "sha256").body.startswith(SHA256.encode())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ISO}.sha256", 200),
        (f"{OS}/unknown.iso.sha256", 302),
        (f"{OS}/unknown.iso.meta4", 200),
        (f"{OS}/unknown.iso", 302),
        (f"{OS}/.meta4", 302),
    ],
)
def test_without_listings_a_digest_that_is_not_known_may_be_a_file(path: str, status: int) -> None:
    assert get(a_file_world(file_network(knows_files=False)), f"/{path}").status == status


def view(got: Any) -> dict[str, Any]:
    assert fields(got)["Content-Type"] == "application/json"
    return json.loads(got.body)


def test_json_says_who_was_chosen_and_why_not_the_others() -> None:
    hosts = [
        a_host(1, "DE", weight=300),
        a_host(2, "DE"),
        a_host(3, "US", private=True),
        a_host(4, "FR"),
    ]
    found = view(get(a_file_world(file_network(hosts, behind=[3])), f"/{ISO}", "json"))
    assert found["host"]["name"] in {"de1.example.org", "de2.example.org"}
    assert (
        found["url"] == found["host"]["url"] == f"https://{found['host']['name']}/fedora/{ENCODED}"
    )
    shares = {host["name"]: host["share"] for host in [found["host"], *found["alternatives"]]}
    assert shares == {"de1.example.org": 0.75, "de2.example.org": 0.25}
    assert [(row["name"], row["reason"]) for row in found["excluded"]] == [
        ("fr4.example.org", "not_up2date")
    ]
    assert found["client"] == {"address": DE, "country": "DE", "asn": None}
    assert (found["path"], found["size"]) == (ISO, 700_000_000)
    assert found["modified_at"] == "2024-10-27T03:33:20Z"
    assert found["digests"]["sha256"] == SHA256


def test_json_keeps_its_shape_when_there_is_nothing_to_say() -> None:
    world = a_file_world(file_network(behind=range(4), knows_files=False))
    found = view(get(world, f"/{OS}/x", "json"))
    full = view(get(a_file_world(), f"/{ISO}", "json"))
    assert found.keys() == full.keys()
    assert (found["url"], found["host"], found["size"], found["modified_at"]) == (None,) * 4
    assert found["digests"] == {}
    assert found["from_master"] is False


def test_json_names_the_master_as_the_last_resort() -> None:
    world = a_file_world(file_network(behind=range(4), canonical_url=MASTER))
    found = view(get(world, f"/{ISO}", "json"))
    assert (found["url"], found["from_master"]) == (f"{MASTER}/{ENCODED}", True)


@pytest.mark.parametrize(
    ("query", "names"), [("https=1", {"a"}), ("https=0", {"b"}), ("", {"a", "b"})]
)
def test_json_shows_what_the_redirect_does(query: str, names: set[str]) -> None:
    offered = {0: Carrier(("https://a/f",), ""), 1: Carrier(("http://b/f",), "")}
    hosts = [a_host(1, "DE", name="a"), a_host(2, "DE", name="b")]
    found = view(
        get(a_file_world(file_network(hosts, offered=offered)), f"/{ISO}", f"json&{query}")
    )
    assert {host["name"] for host in [found["host"], *found["alternatives"]]} == names
