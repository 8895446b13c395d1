"""States as pills and moments as "ago" for pages, in the shapes of the admin.

The words are the admin's, too, in the visitor's language; on its own pages that is English.
"""

from datetime import UTC, datetime, timedelta

from django import template
from django.contrib.humanize.templatetags.humanize import NaturalTimeFormatter, naturaltime
from django.template.defaultfilters import stringfilter
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from registry.admin import base
from registry.services.sentences import translate_sentence

register = template.Library()

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@register.simple_tag
def pill(state: str, label: str | None = None) -> SafeString:
    """Return a state as a word of the visitor's language in its shape and color."""
    return base.pill(state, translate_sentence(label or state))


@register.filter
@stringfilter
def said(sentence: str) -> str:
    """Return what was decided in English in the visitor's language."""
    return translate_sentence(sentence)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Return how long ago something was, with the UTC time on hover; a dash for never."""
    if moment is None:
        return "–"
    if timezone.now() - moment < base.MINUTE:
        return _time(moment, _("just now"))
    # Languages with cases say "3 days" differently in "3 days ago".
    delta = timesince(moment, depth=1, time_strings=NaturalTimeFormatter.past_substrings)
    return _time(moment, _("%(delta)s ago") % {"delta": delta})


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """Return how far away a moment is, in the visitor's language, with the UTC time on hover."""
    if moment is None:
        return "–"
    return _time(moment, naturaltime(moment))


@register.filter
def span(seconds: float) -> str:
    """Return a length of time in the visitor's language, in its greatest unit and the next."""
    return timesince(_EPOCH, _EPOCH + timedelta(seconds=seconds))


def _time(moment: datetime, said: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        said,
    )
