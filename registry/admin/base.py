"""What all admin pages share: the base classes, status pills, times and links.

Every admin class inherits from here, so that another dress is one file away (docs/adr/0002).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from registry.admin.loading import CappedFormSet, LoadedChoices, LoadedPage
from registry.logic.findings import Finding
from registry.logic.standing import Check
from registry.services.changes import record_change, record_creation, record_deletion

MINUTE = timedelta(minutes=1)
# State of an object → the class that gives its pill shape and color (mirrorsite/static/admin.css).
PILLS = {
    "ok": {
        "active",
        "approved",
        "counted",
        "current",
        "finished",
        "listed",
        "published",
        "sent",
        "success",
        "up2date",
        "working",
    },
    "warn": {
        "building",
        "pending",
        "refused",
        "running",
        "sending",
        "skipped",
        "stale",
        "submitted",
        "suspended",
        "unknown",
        "waiting",
    },
    "bad": {
        "abandoned",
        "disabled",
        "embargoed",
        "failed",
        "failing",
        "missing",
        "rejected",
        "revoked",
        "unreadable",
    },
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
    recent = timezone.now() - moment < MINUTE
    said = "just now" if recent else f"{timesince(moment, depth=1)} ago"
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        said,
    )


def link(address: str | None, label: object) -> SafeString | str:
    """Return a link, or the bare label where the address does not exist."""
    if address is None:
        return str(label)
    return format_html('<a href="{}">{}</a>', address, label)


def verbatim(text: str) -> SafeString:
    """Return lines as they are; whoever has no mouse can reach them and scroll."""
    return format_html('<pre tabindex="0">{}</pre>', text)


def rows_url(table: str, filters: Mapping[str, Any]) -> str | None:
    """Return the address of a table's filtered list, or None if the table has no admin page.

    Other apps are named in words (`crawler_crawlrun`), since this one may not import them.
    """
    try:
        address = reverse(f"admin:{table}_changelist")
    except NoReverseMatch:
        return None
    return f"{address}?{urlencode(filters)}" if filters else address


def page_url(thing: models.Model) -> str:
    """Return the address of an object's admin page."""
    return reverse(
        f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk]
    )


def facts_table(facts: Mapping[str, Any]) -> SafeString | str:
    """Return machine-readable facts as a list of terms; a pair is before and after."""
    if not facts:
        return "–"
    rows = format_html_join(
        "", "<dt>{}</dt><dd>{}</dd>", ((name, _fact(value)) for name, value in facts.items())
    )
    return format_html('<dl class="facts">{}</dl>', rows)


def _fact(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{value[0]} → {value[1]}"
    return str(value)


def checks_list(checks: Iterable[Check]) -> SafeString:
    """Return why something is or is not listed: one line a fact, what speaks against it marked."""
    return format_html(
        '<ul class="checks">{}</ul>',
        format_html_join(
            "",
            "<li>{} {}</li>",
            (
                (
                    pill("listed", "good") if check.good else pill(check.standing.value),
                    check.sentence,
                )
                for check in checks
            ),
        ),
    )


def findings_list(findings: Iterable[Finding]) -> SafeString | str:
    """Return what is odd about something: one line a finding, with what to do about it."""
    lines = [
        (finding.tone, finding.subject, finding.sentence, finding.advice) for finding in findings
    ]
    if not lines:
        return "Nothing about it is odd."
    line = '<li><span class="pill pill-{}">{}</span> {} {}</li>'
    return format_html('<ul class="checks">{}</ul>', format_html_join("", line, lines))


class Tool(NamedTuple):
    """A button beside the title of an object's page."""

    label: str
    url: str


class ModelAdmin(LoadedPage):
    """The admin page of a table that operators edit."""

    list_per_page = 50
    save_on_top = True
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def tools(self, obj: Any) -> Iterable[tuple[str, str | None]]:
        """Return label and address of an object's buttons; those without address are left out."""
        return ()

    def past(self, obj: Any) -> Iterable[tuple[str, str | None]]:
        """Return the button that leads to an object's past, where Events keep it."""
        return ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = context.get("original")
        tools = [*self.tools(obj), *self.past(obj)] if obj is not None else []
        context["tools"] = [Tool(label, url) for label, url in tools if url is not None]
        return super().render_change_form(request, context, *args, **kwargs)


class AuditedAdmin(ModelAdmin):
    """The admin page of a table whose changes belong on a timeline."""

    def past(self, obj: Any) -> Iterable[tuple[str, str | None]]:
        """Lead to the Events of a Host or Site, or to those that name another object."""
        own = {"host": "host__id__exact", "site": "site__id__exact"}.get(str(self.opts.model_name))
        subject = f"{self.opts.verbose_name}: {obj}"[:300]
        filters = {own: obj.pk} if own else {"subject": subject}
        return (("Timeline", rows_url("registry_event", filters)),)

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Model,
        form: ModelForm,
        change: bool,  # noqa: FBT001 -- the signature is Django's
    ) -> None:
        super().save_model(request, obj, form, change)
        actor: Any = request.user
        if not change:
            record_creation(obj, actor=actor, now=timezone.now())
            return
        after = {name: getattr(obj, name) for name in form.changed_data}
        before = {name: form.fields[name].to_python(form.initial[name]) for name in after}
        record_change(obj, before, after, actor=actor, now=timezone.now())

    def save_formset(
        self,
        request: HttpRequest,
        form: ModelForm,
        formset: BaseInlineFormSet,
        change: bool,  # noqa: FBT001 -- the signature is Django's
    ) -> None:
        """Note what happens to the rows of other tables on the page, too."""
        actor: Any = request.user
        now = timezone.now()
        for gone in getattr(formset, "deleted_forms", ()):
            if gone.instance.pk:
                record_deletion(gone.instance, actor=actor, now=now)
        super().save_formset(request, form, formset, change)
        for added in formset.new_objects:
            record_creation(added, actor=actor, now=now)
        for row in formset.initial_forms:
            if row.instance.pk and row.changed_data:
                self._note_row(row, row.instance, row.changed_data, actor=actor)

    def _note_row(self, row: ModelForm, obj: models.Model, names: list[str], *, actor: Any) -> None:
        after = {name: getattr(obj, name) for name in names}
        before = {name: row.fields[name].to_python(row.initial[name]) for name in after}
        record_change(obj, before, after, actor=actor, now=timezone.now())

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        actor: Any = request.user
        record_deletion(obj, actor=actor, now=timezone.now())
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        actor: Any = request.user
        for obj in queryset:
            record_deletion(obj, actor=actor, now=timezone.now())
        super().delete_queryset(request, queryset)


class ReadOnlyAdmin(ModelAdmin):
    """The admin page of a table that only the system writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class TabularInline(LoadedChoices, admin.TabularInline):
    """Rows of another table on an object's page: the first `shown` of them.

    They are joined to `related`, which must name what `__str__` needs, the object itself included.
    """

    extra = 0
    shown = 50
    related: tuple[str, ...] = ()
    formset = CappedFormSet

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related(*self.related) if self.related else rows

    def get_formset(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any
    ) -> type[forms.BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        return type(formset.__name__, (formset,), {"shown": self.shown})


class AddOnlyInline(TabularInline):
    """Rows that are added and removed but never edited: old ones cost no query each."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(AddOnlyInline):
    """Rows that only the system writes; the newest or worst `shown` of them."""

    can_delete = False
    shown = 20

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
