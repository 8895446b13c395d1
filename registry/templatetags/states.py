"""States as pills and moments as "ago" for pages, in the same words and shapes as in the admin."""

from datetime import UTC, datetime, timedelta

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from registry.admin.base import ago, pill

register = template.Library()

register.simple_tag(pill)
register.filter(ago)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """Return how far away a moment is, in the visitor's language, with the UTC time on hover."""
    if moment is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        naturaltime(moment),
    )


@register.filter
def span(seconds: float) -> str:
    """Return a length of time in the visitor's language, in its greatest unit and the next."""
    return timesince(_EPOCH, _EPOCH + timedelta(seconds=seconds))
