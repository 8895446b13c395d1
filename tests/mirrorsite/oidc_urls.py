"""The addresses of an installation that has a provider."""

from django.urls import include, path

from mirrorsite.urls import urlpatterns as ours

urlpatterns = [path("oidc/", include("mozilla_django_oidc.urls")), *ours]
