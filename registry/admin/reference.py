"""The page that says what every table and field is, from the models' own words."""

from inspect import getdoc
from typing import Any, NamedTuple

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from registry.admin.base import rows_url

APPS = ("registry", "crawler", "mirrorlist", "sync")


class Entry(NamedTuple):
    """One table: its anchor and name, its sentence, its list and its fields with their help."""

    anchor: str
    name: str
    sentence: str
    url: str | None
    fields: list[tuple[str, str]]


def describe_model(model: type[models.Model]) -> Entry:
    """Return what a table and its fields are, in the words of the model."""
    sentence = " ".join((getdoc(model) or "").split("\n\n", maxsplit=1)[0].split())
    fields = [
        (field.name, str(field.help_text)) for field in model._meta.fields if str(field.help_text)
    ]
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    return Entry(str(model._meta.model_name), model.__name__, sentence, rows_url(label, {}), fields)


def model_reference(request: HttpRequest) -> HttpResponse:
    """Show all tables of our apps that have an admin page, in alphabetical order."""
    ours: list[Any] = [model for model in admin.site._registry if model._meta.app_label in APPS]
    entries = sorted((describe_model(model) for model in ours), key=lambda entry: entry.name)
    context = {**admin.site.each_context(request), "title": "What is what", "entries": entries}
    return TemplateResponse(request, "admin/reference.html", context)
