"""States as pills and moments as "ago" for pages, in the same words and shapes as in the admin."""

from django import template

from registry.admin.base import ago, pill

register = template.Library()

register.simple_tag(pill)
register.filter(ago)
