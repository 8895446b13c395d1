"""The API as a whole: what each app has below /api/v1/, what was agreed with older programs."""

from typing import Any

from django.urls import include, path, re_path

from crawler.api.status import StatusJson
from mirrorlist.snapshot_api import Snapshots
from mirrorlist.statistics_views import statistics_json
from mirrorsite.api_views import Document, Nothing, Status, about_api
from registry.api.mirrormanager import MirrorAdmins, Repositories

app_name = "api"
LIST: dict[str, Any] = {"get": "list"}

urlpatterns = [
    path("api/v1/", about_api, name="about"),
    path("api/v1/schema/", Document.as_view(), name="schema"),
    path("api/v1/status/", Status.as_view(), name="status"),
    path("api/v1/statistics/", statistics_json, name="statistics"),
    path("api/v1/snapshots/", Snapshots.as_view(LIST), name="snapshots"),
    path("api/v1/", include("registry.api.urls")),
    path("api/v1/", include("crawler.api.urls")),
    re_path(r"^api/mirroradmins/?$", MirrorAdmins.as_view(), name="mirroradmins"),
    re_path(r"^api/repositories/?$", Repositories.as_view(), name="mirrormanager-repositories"),
    re_path(r"^mirrors/status/json/?$", StatusJson.as_view(), name="archlinux-status"),
    path("status.json", StatusJson.as_view(), name="status-json"),
    re_path(r"^api/v1/.*/$", Nothing.as_view(), name="nothing"),
]
