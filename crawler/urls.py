"""Addresses of the page that explains the crawler, of propagation, and of the feeds."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from crawler.views.about import about
from crawler.views.feeds import last_sync_atom, last_sync_json
from crawler.views.my_crawls import crawl_now, crawl_progress
from crawler.views.propagation import (
    propagation,
    propagation_json,
    repository,
    repository_json,
)
from crawler.views.trial import check_mirror


def personal(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    """Return the address of a page for people who are signed in, which no cache may keep."""
    return path(f"my/{route}", never_cache(login_required(view)), name=name)


app_name = "crawler"

urlpatterns = [
    personal("add/check/", check_mirror, "mirror-check"),
    personal("hosts/<int:host_id>/crawl/", crawl_now, "my-crawl"),
    personal("hosts/<int:host_id>/crawl/progress/", crawl_progress, "my-crawl-progress"),
    path("crawler/", about, name="about"),
    path("feeds/last-sync.atom", last_sync_atom, name="last-sync-atom"),
    path("feeds/last-sync.json", last_sync_json, name="last-sync-json"),
    path("propagation/", propagation, name="propagation"),
    path("propagation.json", propagation_json, name="propagation-json"),
    path("propagation/<path:prefix>.json", repository_json, name="repository-json"),
    path("propagation/<path:prefix>/", repository, name="repository"),
]
