"""What pages of other apps show of statistics: they may not import this app, templates may."""

from typing import Any

from django import template
from django.utils import timezone

from mirrorlist.services.statistics_pages import host_traffic as load_traffic
from registry.models import Host

register = template.Library()


@register.inclusion_tag("mirrorlist/_host_traffic.html")
def host_traffic(host: Host) -> dict[str, Any]:
    return {"traffic": load_traffic(host, today=timezone.now().date())}
