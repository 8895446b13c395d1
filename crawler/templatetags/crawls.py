"""What pages of other apps show of visits: they may not import this app, templates may."""

from django import template
from django.utils import timezone

from crawler.logic.requests import RequestPolicy
from crawler.services.crawl_requests import CrawlPanel, load_panel
from registry.models import Host

register = template.Library()


@register.simple_tag
def visits_of(host: Host) -> CrawlPanel:
    """Return what is known of visits of a Host, for `crawler/_crawl_panel.html` and the chart."""
    return load_panel(host, now=timezone.now(), policy=RequestPolicy())
