"""The addresses of the whole project. Each app names its own below."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from mirrorsite.languages import choose_language

urlpatterns = [
    path("", include("registry.urls")),
    path("", include("registry.self_service_urls")),
    path("language/<slug:code>/", choose_language, name="language"),
    *([path("oidc/", include("mozilla_django_oidc.urls"))] if settings.OIDC_ISSUER else []),
    path("admin/", admin.site.urls),
    path("", include("crawler.urls")),
    path("", include("mirrorlist.urls")),
    path("", include("registry.machine_urls")),
    path("", include("mirrorsite.api_urls")),
    # Last: what is below /mirrormanager/ and has no other view leads to the same address here.
    path("", include("mirrorsite.public_urls")),
]
