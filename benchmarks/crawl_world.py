"""The world that the benchmarks of the crawl share: a database of its own, one Category, Hosts.

Importing it sets Django up, so import it before any model.
"""

# ruff: noqa: E402 -- Django must have its settings before models are imported

import os
import resource
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

STATE = Path(tempfile.mkdtemp(prefix="mirrorsite-bench-"))
os.environ.update(
    SECRET_KEY="benchmark",
    STATE_DIR=str(STATE),
    PROBE_ALLOW_PRIVATE="1",
    LOG_LEVEL="WARNING",
    # How fast the code is, not how gentle.
    CRAWLER_REQUESTS_PER_SECOND="0",
    CRAWLER_REQUESTS_PER_SECOND_PER_ADDRESS="0",
)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirrorsite.settings")

import django

django.setup()

from django.core.management import call_command

from registry.logic.listings import Entry, digest_listing, pack_listing
from registry.models import Category, Directory, Host, HostCategory, HostCategoryUrl, Site

Listings = Mapping[str, tuple[Entry, ...]]
TOP = "pub"


def now() -> datetime:
    return datetime.now(UTC)


def build_category(listings: Listings) -> list[Directory]:
    """Make the database and one Category with these Directories; return them."""
    call_command("migrate", verbosity=0)
    category = Category.objects.create(name="Benchmark", top_directory=TOP)
    return Directory.objects.bulk_create(
        Directory(
            category=category,
            path=f"{TOP}/{path}",
            changed_at=now(),
            scanned_at=now(),
            file_count=len(entries),
            digest=digest_listing(entries),
            listing=pack_listing(entries),
        )
        for path, entries in listings.items()
    )


def build_hosts(urls: Sequence[str]) -> list[int]:
    """Make a Host of the Category for each URL; return their ids."""
    site, category = Site.objects.create(name="Benchmark"), Category.objects.get()
    ids = []
    for number, url in enumerate(urls):
        name = f"mirror{number}"
        contact = f"noc@{name}.example.org"
        host = Host.objects.create(site=site, name=name, country_id="DE", contact=contact)
        copy = HostCategory.objects.create(host=host, category=category)
        HostCategoryUrl.objects.create(host_category=copy, url=url)
        ids.append(host.pk)
    return ids


def megabytes() -> float:
    """Return the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
