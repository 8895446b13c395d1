"""What all admin pages share: the base classes, status pills and times.

Every admin class inherits from here, so that another dress is one file away (docs/adr/0002).
"""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

# State of an object → the class that gives its pill shape and color (mirrorsite/static/admin.css).
PILLS = {
    "ok": {"working", "approved", "finished", "published", "active", "up2date", "sent", "success"},
    "warn": {"pending", "running", "building", "unknown", "stale", "skipped", "waiting", "refused"},
    "bad": {"failing", "rejected", "failed", "missing", "unreadable", "disabled", "abandoned"},
}


def pill(state: str, label: str | None = None, *, title: str = "") -> SafeString:
    """Return a state as a word in its shape and color; `title` is the reason, shown on hover."""
    tone = next((tone for tone, states in PILLS.items() if state in states), "muted")
    return format_html(
        '<span class="pill pill-{}" title="{}">{}</span>', tone, title, label or state
    )


def ago(moment: datetime | None) -> SafeString | str:
    """Return how long ago something was, with the exact UTC time on hover; a dash for never."""
    if moment is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{} UTC">{} ago</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        timesince(moment, depth=1),
    )


class ModelAdmin(admin.ModelAdmin):
    """The admin page of a table that operators edit."""

    list_per_page = 50
    save_on_top = True


class ReadOnlyAdmin(ModelAdmin):
    """The admin page of a table that only the system writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class TabularInline(admin.TabularInline):
    """Rows of another table on an object's page."""

    extra = 0


class ReadOnlyInline(TabularInline):
    """Rows that only the system writes; the newest or worst `shown` of them."""

    can_delete = False
    shown = 20

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
