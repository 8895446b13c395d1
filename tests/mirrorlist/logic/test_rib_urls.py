from datetime import date

from mirrorlist.logic.rib_urls import fill_url, newest_dump

ARCHIVE = "https://archive.example.org/route-views6/bgpdata/{year}.{month}/RIBS/"
PAGE = """<a href="rib.20261118.2200.bz2">x</a> <a href="rib.20261119.0000.bz2">y</a>
<a href="/other/updates.20261120.0000.bz2">z</a> <a href="?C=M">sort</a>"""


def test_a_directory_per_month_is_that_of_yesterday() -> None:
    assert fill_url(ARCHIVE, date(2026, 12, 1)).endswith("/bgpdata/2026.11/RIBS/")
    assert fill_url("{year}{month}{day}", date(2026, 1, 1)) == "20251231"
    assert fill_url("https://example.org/a%20b", date(2026, 1, 1)) == "https://example.org/a%20b"


def test_the_newest_dump_of_a_page_is_found() -> None:
    assert newest_dump("https://example.org/RIBS/", PAGE) == (
        "https://example.org/RIBS/rib.20261119.0000.bz2"
    )
    ris = '<a href="/rrc00/bview.20261119.1600.gz">'
    assert newest_dump("https://example.org/a/", ris) == (
        "https://example.org/rrc00/bview.20261119.1600.gz"
    )
    assert newest_dump("https://example.org/", "<p>nothing</p>") is None
