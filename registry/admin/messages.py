"""The operators' message to the owners of Hosts: an action with a page between that shows who.

The action is on the list of Hosts and on that of Categories, where it means the Hosts that carry
them.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from registry.logic.wording import counted
from registry.models import Category, Host
from registry.services.owner_messages import MessageError, find_audience, write_to_owners


@admin.action(description="Write to the owners…", permissions=["change"])
def write_to_owners_action(
    page: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Ask for a message and show who would get it; then put it into the outbox."""
    hosts = _hosts(queryset)
    subject, text = request.POST.get("subject", ""), request.POST.get("text", "")
    problem = ""
    if "send" in request.POST:
        actor: Any = request.user
        try:
            count = write_to_owners(hosts, subject, text, actor=actor, now=timezone.now())
        except MessageError as error:
            problem = str(error)
        else:
            people = counted(count, "person", "people")
            messages.success(request, f"Your message to {people} is in the outbox.")
            return None
    context = {
        **page.admin_site.each_context(request),
        "title": "Write to the owners",
        "opts": page.opts,
        "action": "write_to_owners_action",
        "checkbox": ACTION_CHECKBOX_NAME,
        "objects": queryset,
        "hosts": hosts,
        "audience": find_audience(hosts),
        "subject": subject,
        "text": text,
        "shown": "preview" in request.POST and subject.strip() and text.strip(),
        "problem": problem,
    }
    return TemplateResponse(request, "admin/registry/write_to_owners.html", context)


def _hosts(queryset: QuerySet[Any]) -> list[Host]:
    rows = Host.objects.filter(approval="approved")
    if queryset.model is Category:
        carrying = rows.filter(host_categories__category__in=queryset).distinct()
        return list(carrying.select_related("site").order_by("name"))
    return list(Host.objects.filter(pk__in=queryset).select_related("site").order_by("name"))
