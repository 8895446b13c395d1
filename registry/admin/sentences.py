"""Actions that ask before they act: the page between, where the operator says why in a sentence."""

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse


def asked_sentence(request: HttpRequest) -> str:
    """Return the sentence that came back from the page between; empty before it was shown."""
    return request.POST.get("sentence", "").strip() if "asked" in request.POST else ""


def ask_for_sentence(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet,
    *,
    action: str,
    title: str,
    explanation: str,
) -> TemplateResponse:
    """Return the page that lists what was selected and asks for the sentence."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "explanation": explanation,
        "action": action,
        "checkbox": ACTION_CHECKBOX_NAME,
        "objects": queryset,
        "opts": model_admin.opts,
        "missing": "asked" in request.POST,
    }
    return TemplateResponse(request, "admin/sentence.html", context)
