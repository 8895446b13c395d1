import pytest

from mirrorlist.logic.query import (
    NOTHING_ASKED,
    Client,
    Kind,
    Refusal,
    Request,
    clean,
    client_address,
    kind_of,
    parse_query,
)


def read(query: str) -> Request:
    request = parse_query(query.encode())
    assert isinstance(request, Request)
    return request


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/mirrorlist", Kind.MIRRORLIST),
        ("/metalink", Kind.METALINK),
        ("/foo/bar/mirrorlist", Kind.MIRRORLIST),
        ("/mirrorlist/", None),
        ("/", None),
        ("mirrorlist", None),
        ("/xmirrorlist", None),
    ],
)
def test_only_the_last_component_of_an_address_counts(path: str, kind: Kind | None) -> None:
    assert kind_of(path) is kind


@pytest.mark.parametrize("query", ["", "repo=a", "arch=b", "countme=1", "&&=&", "Path=x"])
def test_a_question_needs_a_path_or_repo_and_arch(query: str) -> None:
    assert parse_query(query.encode()) == Refusal(200, NOTHING_ASKED)


@pytest.mark.parametrize(
    ("query", "repo", "arch"),
    [
        ("repo=a&arch=b", "a", "b"),
        ("repo=a&repo=c&arch=b", "c", "b"),
        ("repo=a=b=c&arch=x", "a", "x"),
        ("repo&arch", "", ""),
        ("repo=a+b&arch=c", "a+b", "c"),
        ("repo=repo%2D1&arch=x86%5f64", "repo-1", "x86_64"),
        ("repo=a%26arch=b&arch=c", "a&arch", "c"),
        ("repo=%zz&arch=%", "%zz", "%"),
        ("repo=%ff&arch=b", "\ufffd", "b"),
        ("r%65po=a&arch=b", "a", "b"),
        ("repo=fedora-source-42&arch=x86_64", "fedora-source-42", "source"),
        ("repo=a&arch=b&countme=3&infra=stock", "a", "b"),
    ],
)
def test_repo_and_arch_are_read(query: str, repo: str, arch: str) -> None:
    assert (read(query).repo, read(query).arch, read(query).path) == (repo, arch, None)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/pub//fedora/", "pub/fedora"),
        ("a+b/c%20d", "a+b/c d"),
        ("", ""),
        ("c++/libstdc%2B%2B", "c++/libstdc++"),
        ("../../etc", "../../etc"),
    ],
)
def test_slashes_of_a_path_are_collapsed_and_plus_stays(text: str, path: str) -> None:
    assert read(f"path={text}&repo=a&arch=b").path == path


@pytest.mark.parametrize(
    ("query", "countries"),
    [("", None), ("&country=", ("",)), ("&country=us,de,us,DE", ("DE", "de", "us"))],
)
def test_requested_countries_are_sorted_bytewise_and_each_once(
    query: str, countries: tuple[str, ...] | None
) -> None:
    assert read(f"path=a{query}").countries == countries


@pytest.mark.parametrize(
    ("query", "by_network"),
    [
        ("", True),
        ("&netblock=1", True),
        ("&netblock=0", False),
        ("&netblock=", False),
        ("&country=de", False),
        ("&country=", False),
        ("&country=de&netblock=1", False),
    ],
)
def test_a_client_may_do_without_its_own_network(query: str, by_network: bool) -> None:
    assert read(f"path=a{query}").by_network is by_network


def test_protocols_are_sorted_and_kept_as_typed() -> None:
    request = read("path=a&protocol=rsync,http,rsync&redirect&time=")
    assert (request.protocol, request.protocols) == ("rsync,http,rsync", ("http", "rsync"))
    assert request.redirect
    assert request.time
    assert read("path=a").protocols is None


@pytest.mark.parametrize(
    ("forwarded_for", "trusted", "address"),
    [
        ("", 1, "peer"),
        (" , ", 1, "peer"),
        ("1.1.1.1, 2.2.2.2", 0, "peer"),
        ("1.1.1.1, 2.2.2.2", 1, "2.2.2.2"),
        ("1.1.1.1,2.2.2.2", 1, "2.2.2.2"),
        ("1.1.1.1, 2.2.2.2, 3.3.3.3", 2, "2.2.2.2"),
        ("1.1.1.1", 3, "1.1.1.1"),
        ("żółw, 2.2.2.2,", 1, "2.2.2.2"),
    ],
)
def test_as_many_proxies_are_believed_as_are_trusted(
    forwarded_for: str, trusted: int, address: str
) -> None:
    assert client_address(Client("peer", forwarded_for), trusted_proxy_count=trusted) == address


def test_repeated_text_stays_on_one_line() -> None:
    assert clean("https\r\nhttp://evil/\x7f\x85") == "https??http://evil/??"
