"""The addresses of the whole project. Each app names its own below."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("registry.urls")),
    path("", include("registry.self_service_urls")),
    path("admin/", admin.site.urls),
    path("", include("crawler.urls")),
    path("", include("mirrorlist.urls")),
    path("", include("registry.machine_urls")),
]
