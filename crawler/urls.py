"""Addresses of the page that explains the crawler, and of the feeds."""

from django.urls import path

from crawler.views.about import about
from crawler.views.feeds import last_sync_atom, last_sync_json

app_name = "crawler"

urlpatterns = [
    path("crawler/", about, name="about"),
    path("feeds/last-sync.atom", last_sync_atom, name="last-sync-atom"),
    path("feeds/last-sync.json", last_sync_json, name="last-sync-json"),
]
