"""Addresses of the crawler below /api/v1/."""

from typing import Any

from django.urls import re_path

from crawler.api.crawls import CrawlNow, Crawls
from crawler.api.repositories import Measurements, Repositories

LIST: dict[str, Any] = {"get": "list"}
ONE: dict[str, Any] = {"get": "retrieve"}

urlpatterns = [
    re_path("^repositories/$", Repositories.as_view(LIST), name="repositories"),
    re_path(
        "^repositories/(?P<pk>[0-9]{1,18})/$",
        Repositories.as_view(ONE),
        name="repository",
    ),
    re_path(
        "^repositories/(?P<repository>[0-9]{1,18})/propagation/$",
        Measurements.as_view(LIST),
        name="repository-propagation",
    ),
    re_path("^hosts/(?P<host>[0-9]{1,18})/crawls/$", Crawls.as_view(LIST), name="host-crawls"),
    re_path("^hosts/(?P<host>[0-9]{1,18})/crawl/$", CrawlNow.as_view(), name="host-crawl"),
]
