from mirrorlist.logic.contents import Contents, RepositoryRow
from mirrorlist.logic.guard import Holdings
from mirrorlist.logic.snapshot import Carrier, Category, Directory, Exclusion, FileDetail
from tests.mirrorlist.memory import a_host


def test_contents_count_what_operators_ask_about() -> None:
    contents = Contents(
        built_at=1,
        hosts=[a_host(1, "DE"), a_host(2, "FR")],
        categories=[Category(1, "c", "")],
        carriers=[
            (1, 1, Carrier(("https://a", "http://a"), "")),
            (1, 2, Carrier(("ftp://b",), "")),
        ],
        exclusions=[(1, Exclusion(3, "x", "DE", "no_url", "It has no URL."))],
        host_sets={4: 0b1, 5: 0},
        directories=[Directory(1, "a", 1, 4), Directory(2, "b", 1, 5)],
        repositories=[RepositoryRow("r", "x", "a")],
        disabled=[],
        redirects=[],
        countries=[],
        netblocks=[],
        netblock_countries=[],
        asns=[],
        directory_count=2,
        file_details=[(1, "f", FileDetail(1, 1, "", "", "", ""))],
    )
    assert contents.holdings() == Holdings(frozenset({1}), frozenset({("r", "x")}), 2)
    assert contents.counts() == {
        "hosts": 1,
        "repositories": 1,
        "directories": 2,
        "host_sets": 2,
        "urls": 3,
        "files": 1,
        "left_out": 1,
    }
