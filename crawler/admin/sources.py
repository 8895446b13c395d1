"""Admin page that tries the source of a Category: does it work, and what does it show?"""

from dataclasses import replace
from datetime import timedelta

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from crawler.services.source_trial import try_source
from crawler.services.umdl import policy_from_settings
from registry.admin.approvals import operator
from registry.admin.base import page_url
from registry.models import Category
from registry.services.slots import network_slot

BUDGET = timedelta(seconds=8)
ANSWER_SECONDS = 5.0


def try_source_page(request: HttpRequest, pk: int, *, site: AdminSite) -> HttpResponse:
    category = get_object_or_404(Category, pk=pk)
    if not request.user.has_perm("registry.change_category"):
        raise PermissionDenied
    report = None
    if request.method == "POST":
        with network_slot(operator(request).pk) as slot:
            if slot.granted:
                policy = replace(policy_from_settings().source, answer_seconds=ANSWER_SECONDS)
                report = try_source(category, clock=timezone.now, policy=policy, budget=BUDGET)
            else:
                messages.warning(request, slot.sentence)
    context = {
        **site.each_context(request),
        "title": f"Test the source of {category}",
        "category": category,
        "category_url": page_url(category),
        "report": report,
    }
    return TemplateResponse(request, "admin/crawler/source.html", context)
