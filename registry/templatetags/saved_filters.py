"""The saved filters above an admin list, with a form to save what the list shows now."""

from typing import Any

from django import template

from registry.admin.filters import address_of, label
from registry.querysets import is_operator
from registry.services.filters import filters_of, kept_query

register = template.Library()


@register.inclusion_tag("admin/_saved_filters.html", takes_context=True)
def saved_filters(context: dict[str, Any], cl: Any) -> dict[str, Any]:
    request, table = context["request"], label(cl.model)
    query = kept_query(request.META.get("QUERY_STRING", ""))
    staff = is_operator(request.user)
    rows = [
        {
            "row": row,
            "url": address_of(row),
            "current": row.query == query,
            "mine": row.user_id == request.user.pk or staff,
        }
        for row in filters_of(table, user=request.user)
    ]
    return {
        "rows": rows,
        "table": table,
        "query": query,
        "may_share": staff,
        "csrf_token": context.get("csrf_token"),
    }
