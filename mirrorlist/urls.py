"""The addresses that package managers ask."""

from django.urls import path

from mirrorlist import views

app_name = "mirrorlist"

urlpatterns = [
    path("mirrorlist", views.mirrorlist, name="mirrorlist"),
    path("metalink", views.metalink, name="metalink"),
]
