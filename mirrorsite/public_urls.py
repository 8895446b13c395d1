"""Addresses of the pages for everybody, and those under which they are elsewhere."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import path
from django.views.generic import RedirectView

from mirrorlist import mirrors_views
from mirrorsite import public_views
from registry.views import feeds, public

app_name = "public"


def moved(name: str) -> Callable[..., HttpResponseBase]:
    """Return a view that leads to where a page is now."""
    return RedirectView.as_view(pattern_name=name, permanent=True, query_string=True)


urlpatterns = [
    path("", public_views.home, name="home"),
    path("mirrors.json", mirrors_views.mirrors_json, name="mirrors-json"),
    path("mirrors.csv", mirrors_views.mirrors_csv, name="mirrors-csv"),
    path("mirrors/", mirrors_views.mirrors, name="mirrors"),
    path("mirrors/for-me/", mirrors_views.for_me, name="for-me"),
    path("mirrors/host/<int:pk>/", mirrors_views.mirror, name="mirror"),
    path("mirrors/host/<str:name>/", mirrors_views.mirror_by_name, name="mirror-by-name"),
    path("mirrors/<str:product>/", mirrors_views.mirrors, name="mirrors"),
    path("mirrors/<str:product>/<str:version>/", mirrors_views.mirrors, name="mirrors"),
    path("mirrors/<str:product>/<str:version>/<str:arch>/", mirrors_views.mirrors, name="mirrors"),
    path("map/", public.world_map, name="map"),
    path("help/", public.help_index, name="help"),
    path("help/<slug:name>/", public.help_page, name="help-page"),
    path("status/", public_views.status, name="status"),
    path("healthz/live", public_views.live, name="live"),
    path("healthz/ready", public_views.ready, name="ready"),
    path("feeds/mirrors.atom", feeds.mirror_feed, name="mirror-feed"),
    path("feeds/repositories.atom", feeds.repository_feed, name="repository-feed"),
    path("robots.txt", public.robots, name="robots"),
    # Where MirrorManager has them; it is often below /mirrormanager/.
    path("maps/", moved("public:map")),
    path("maps/interactive/", moved("public:map")),
    path("propgation/", moved("crawler:propagation")),
    path("mirrormanager/", public.old_address),
    path("mirrormanager/<path:rest>", public.old_address),
]
