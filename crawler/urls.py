"""Addresses of the page that explains the crawler, of propagation, and of the feeds."""

from django.urls import path

from crawler.views.about import about
from crawler.views.feeds import last_sync_atom, last_sync_json
from crawler.views.propagation import (
    propagation,
    propagation_json,
    repository,
    repository_json,
)

app_name = "crawler"

urlpatterns = [
    path("crawler/", about, name="about"),
    path("feeds/last-sync.atom", last_sync_atom, name="last-sync-atom"),
    path("feeds/last-sync.json", last_sync_json, name="last-sync-json"),
    path("propagation/", propagation, name="propagation"),
    path("propagation.json", propagation_json, name="propagation-json"),
    path("propagation/<path:prefix>.json", repository_json, name="repository-json"),
    path("propagation/<path:prefix>/", repository, name="repository"),
]
