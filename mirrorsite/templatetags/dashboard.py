"""The dashboard as a template tag, since Django's admin index takes nothing else from us."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone

from mirrorsite.dashboard import Vital, load_dashboard
from mirrorsite.dashboard_charts import CHART_HEIGHT
from registry.admin.base import rows_url

register = template.Library()


def url_of(vital: Vital) -> str | None:
    if vital.table == "approvals":
        return reverse("registry:approval-queue")
    return rows_url(vital.table, vital.filters)


@register.inclusion_tag("admin/_dashboard.html")
def dashboard() -> dict[str, Any]:
    now = timezone.now()
    found = load_dashboard(now=now)
    return {
        "urgent": [(vital, url_of(vital)) for vital in found.urgent],
        "fine": [(vital, url_of(vital)) for vital in found.fine],
        "charts": found.charts,
        "chart_height": CHART_HEIGHT,
        "now": now,
    }
