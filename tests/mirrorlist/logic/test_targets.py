import pytest

from mirrorlist.logic.query import Kind, Refusal, parse_query
from mirrorlist.logic.snapshot import FileDetail
from mirrorlist.logic.targets import DISABLED, INVALID_PATH, OUT_OF_RANGE, find_target
from tests.mirrorlist.memory import OS, TOP, MemorySnapshot, a_host, network


def find(query: str, snapshot: MemorySnapshot, kind: Kind = Kind.MIRRORLIST):
    request = parse_query(query.encode())
    assert not isinstance(request, Refusal)
    target = find_target(kind, request, snapshot)
    if isinstance(target, Refusal):
        return target
    return (target.header, target.directory.path, target.filename)


@pytest.fixture
def snapshot() -> MemorySnapshot:
    return network(
        [a_host(1, "DE")],
        paths={("fedora-42", "x86_64"): OS, ("c++", "x"): OS, ("at", "x"): f"{OS}/repodata"},
        redirects={"old": "fedora-42", "older": "old"},
        disabled=frozenset({"off"}),
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"path=/{OS}/", (f"# path = {OS} ", OS, "")),
        (f"path={OS}/a.rpm", (f"# path = {OS}/a.rpm ", OS, "a.rpm")),
        (f"path={OS}&repo=no&arch=no", (f"# path = {OS} ", OS, "")),
        ("path=nowhere/a", INVALID_PATH),
        ("path=", INVALID_PATH),
        ("path=../../etc/passwd", INVALID_PATH),
        ("repo=fedora-42&arch=x86_64", ("# repo = fedora-42 arch = x86_64 ", OS, "")),
        ("repo=old&arch=x86_64", ("# repo = fedora-42 arch = x86_64 ", OS, "")),
        ("repo=c++&arch=x", ("# repo = c++ arch = x ", OS, "")),
        ("repo=off&arch=any", DISABLED),
    ],
)
def test_questions_have_targets(query: str, found: object, snapshot: MemorySnapshot) -> None:
    assert find(query, snapshot) == found


def test_redirects_are_not_chained(snapshot: MemorySnapshot) -> None:
    refusal = find("repo=older&arch=x86_64", snapshot)
    assert refusal.text.startswith("# repo = old arch = x86_64 error: invalid repo or arch\n")


def test_an_unknown_repository_gets_the_list_of_all(snapshot: MemorySnapshot) -> None:
    assert find("repo=x&arch=y", snapshot) == Refusal(
        404,
        "# repo = x arch = y error: invalid repo or arch\n"
        "# following repositories are available:\n"
        "# repo=at&arch=x\n# repo=c++&arch=x\n# repo=fedora-42&arch=x86_64\n",
    )


@pytest.mark.parametrize("repo", ["repo=fedora-42&arch=x86_64", "repo=at&arch=x"])
def test_a_metalink_is_about_the_metadata(repo: str, snapshot: MemorySnapshot) -> None:
    assert find(repo, snapshot, Kind.METALINK)[1:] == (f"{OS}/repodata", "repomd.xml")


def test_a_metalink_of_an_ostree_repository_is_about_its_summary() -> None:
    state = FileDetail(1_795_249_680, 300, "a", "b", "c", "d")
    paths = {("atomic-42", "x86_64"): TOP}
    snapshot = network([a_host(1, "DE")], paths=paths, files={(TOP, "summary"): [state]})
    query = "repo=atomic-42&arch=x86_64"
    assert find(query, snapshot, Kind.METALINK)[1:] == (TOP, "summary")
    assert find(query, snapshot)[1:] == (TOP, "")


def test_other_formats_have_no_metalink_by_prefix() -> None:
    paths = {("alpine-3.22", "x86_64"): TOP}
    snapshot = network([a_host(1, "DE")], paths=paths)
    assert find("repo=alpine-3.22&arch=x86_64", snapshot, Kind.METALINK) is OUT_OF_RANGE


def test_a_repository_without_its_directory_is_the_error_that_clients_know() -> None:
    snapshot = network([], directories={TOP: 0})
    for kind in Kind:
        assert find("repo=fedora-42&arch=x86_64", snapshot, kind) is OUT_OF_RANGE
