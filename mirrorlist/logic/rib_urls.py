"""Which file of an archive of routing tables is wanted today.

Knows how RouteViews and RIPE RIS name their archives: a directory per month, a file per dump.
Deliberately fetches nothing.
"""

import re
from datetime import date, timedelta
from urllib.parse import urljoin

# rib.20261119.2200.bz2, bview.20261119.1600.gz: what sorts last is newest.
DUMP = re.compile(r'href="([^"?#]*\b(?:rib|bview)\.\d[\d.]*\.(?:bz2|gz))"', re.IGNORECASE)


def fill_url(url: str, today: date) -> str:
    """Replace {year}, {month} and {day} in a URL with yesterday's.

    Yesterday's, because on the first of a month the directory of the new one may still be empty.
    """
    day = today - timedelta(days=1)
    for name, value in (("year", f"{day:%Y}"), ("month", f"{day:%m}"), ("day", f"{day:%d}")):
        url = url.replace(f"{{{name}}}", value)
    return url


def newest_dump(url: str, page: str) -> str | None:
    """Return the address of the newest dump that a directory's page links, or None."""
    found = DUMP.findall(page)
    return urljoin(url, max(found, key=lambda link: link.rsplit("/", 1)[-1])) if found else None
