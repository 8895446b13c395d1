"""Writes the inputs of forms: a page of the admin has hundreds, and a template for each costs most.

Knows Django's plain inputs only; everything else in a form comes from its templates.
"""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Templates of Django that are one <input> and no more, by the names of their files.
PLAIN = (
    "input text number email url tel color search password hidden date datetime time file checkbox"
)
TEMPLATES = frozenset(f"django/forms/widgets/{name}.html" for name in PLAIN.split())


class InputRenderer(TemplatesSetting):
    """Django's renderer of forms, without templates for plain inputs.

    Errors come from our own template, which says them in the visitor's language.
    """

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        if template_name in TEMPLATES:
            return plain_input(context["widget"])
        return super().render(template_name, context, request)


def plain_input(widget: dict[str, Any]) -> SafeString:
    """Return what `django/forms/widgets/input.html` makes of a widget."""
    value = "" if widget["value"] is None else format_html(' value="{}"', widget["value"])
    start = format_html('<input type="{}" name="{}"', widget["type"], widget["name"])
    return format_html("{}{}{}>", start, value, _attributes(widget["attrs"]))


def _attributes(attributes: dict[str, Any]) -> SafeString:
    """Return attributes with their values; True is for those that need none, False for none."""
    return format_html_join(
        "",
        "{}{}",
        (
            (format_html(" {}", name), "" if value is True else format_html('="{}"', value))
            for name, value in attributes.items()
            if value is not False
        ),
    )
