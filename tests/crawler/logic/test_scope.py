import pytest

from crawler.logic.scope import ScanScope, compile_excludes, foreign_tops

SCOPE = ScanScope(
    "pub/linux",
    excludes=compile_excludes(r"^pub/linux/private" "\n\n" r"  \.iso$  "),
    foreign=frozenset({"extras"}),
)


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("releases", True),
        ("releases/.snapshot", False),
        (".snapshot", False),
        ("releases/.~tmp~", False),
        (".~tmp~", False),
        ("releases/.composes", True),
        ("private", False),
        ("releases/private", True),
        ("extras", False),
        ("releases/extras", True),
    ],
)
def test_a_scope_holds_what_is_not_left_out(path: str, held: bool) -> None:
    assert SCOPE.holds_directory(path) is held


def test_excludes_are_searched_in_whole_paths_of_files_too() -> None:
    assert SCOPE.is_excluded("releases/42/netinst.iso")
    assert not SCOPE.is_excluded("releases/42/netinst.iso.torrent")
    assert not ScanScope("pub/linux").is_excluded("netinst.iso")


def test_a_bad_exclude_is_refused_rather_than_ignored() -> None:
    with pytest.raises(ValueError, match="The exclude “\\(” is not a regular expression"):
        compile_excludes("fine\n(\n")


def test_the_fingerprint_changes_with_everything_that_changes_what_is_seen() -> None:
    scopes = (
        SCOPE,
        ScanScope("pub/linux"),
        ScanScope("pub"),
        ScanScope("pub", foreign=frozenset({"linux"})),
        ScanScope("pub", excludes=compile_excludes("x")),
    )
    numbers = [scope.fingerprint("local", "/srv") for scope in scopes]
    numbers.append(SCOPE.fingerprint("local", "/srv2"))
    assert len(set(numbers)) == 6
    assert SCOPE.fingerprint("local", "/srv") == numbers[0] < 2**48


@pytest.mark.parametrize(
    ("top", "expected"),
    [("pub", {"linux", "epel"}), ("pub/linux", set()), ("", {"pub", "pub/linux", "pub/epel"})],
)
def test_the_trees_of_other_categories_below_are_theirs(top: str, expected: set[str]) -> None:
    assert foreign_tops(top, ["pub", "pub/linux", "pub/epel"]) == expected
