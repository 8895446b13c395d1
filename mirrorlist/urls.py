"""The addresses that package managers ask, and those of the statistics."""

from django.contrib.auth.decorators import login_required
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from mirrorlist import snapshot_views, statistics_views, views
from mirrorlist.api import EdgeStatisticsView
from mirrorlist.my_views import my_explain
from mirrorlist.services.serving import DOWNLOAD

app_name = "mirrorlist"

urlpatterns = [
    path("statistics/", statistics_views.statistics, name="statistics"),
    path("statistics.json", statistics_views.statistics_json, name="statistics-json"),
    path("statistics.csv", statistics_views.statistics_csv, name="statistics-csv"),
    path("statistics/file.json", statistics_views.file_json, name="statistics-file"),
    # As MirrorManager's pages are called, one a day and one a dimension.
    path("statistics/<str:day>/", statistics_views.one_day),
    path("statistics/<str:day>/<str:dimension>/", statistics_views.one_day),
    path("mirrorlist", views.mirrorlist, name="mirrorlist"),
    path("metalink", views.metalink, name="metalink"),
    path("snapshots/current", snapshot_views.current, name="snapshot-current"),
    path(
        "my/hosts/<int:host_id>/explain/",
        never_cache(login_required(my_explain)),
        name="my-explain",
    ),
    re_path(r"^api/v1/edge-statistics/?$", EdgeStatisticsView.as_view(), name="edge-statistics"),
    re_path(f"^{DOWNLOAD[1:]}", views.download, name="download"),
]
