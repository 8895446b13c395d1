"""What operators ask about a Site or Host, with a form for the answer, for the owner's pages."""

from typing import Any

from django import template

from registry.models import Host, Question, Site

register = template.Library()


@register.inclusion_tag("registry/_questions.html", takes_context=True)
def open_questions(context: dict[str, Any], thing: Site | Host) -> dict[str, Any]:
    rows = Question.objects.open()
    mine = rows.filter(host=thing) if isinstance(thing, Host) else rows.filter(site=thing)
    return {"questions": list(mine.order_by("pk")), "csrf_token": context.get("csrf_token")}
