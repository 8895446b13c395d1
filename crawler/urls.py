"""Addresses of the feeds."""

from django.urls import path

from crawler.views.feeds import last_sync_atom, last_sync_json

app_name = "crawler"

urlpatterns = [
    path("feeds/last-sync.atom", last_sync_atom, name="last-sync-atom"),
    path("feeds/last-sync.json", last_sync_json, name="last-sync-json"),
]
