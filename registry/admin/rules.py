"""Admin pages of the rules of recognition: the tables, try paths, add a set, apply what changed."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from registry.admin.approvals import operator
from registry.admin.base import AuditedAdmin
from registry.forms import AddRuleSetForm, TryPathsForm
from registry.logic.network.wording import diff_lines, summary
from registry.logic.wording import counted
from registry.models import Category, Repository, RepositoryAlias, RepositoryMapping
from registry.services.recognition import try_paths
from registry.services.rule_sets import RuleSetError, add_rule_set
from registry.services.rules import apply_rules

LIST = "admin:registry_repositorymapping_changelist"
PLANS_SHOWN = 200


class RulesAdmin(AuditedAdmin):
    """The page of rules: who changes them is told which Repositories they might concern."""

    def save_model(
        self,
        request: HttpRequest,
        obj: Model,
        form: ModelForm,
        change: bool,  # noqa: FBT001 -- the signature is Django's
    ) -> None:
        super().save_model(request, obj, form, change)
        waiting = Repository.objects.unrecognized().count()
        if waiting and not hasattr(request, "told_of_rules"):
            request.told_of_rules = True  # type: ignore[attr-defined] # once, not once a row
            named = counted(waiting, "unrecognized Repository", "unrecognized Repositories")
            messages.info(
                request,
                format_html(
                    '<a href="{}">Apply to {}…</a>', reverse("registry:apply-rules"), named
                ),
            )


@admin.register(RepositoryMapping)
class RepositoryMappingPage(RulesAdmin):
    list_display = ("id", "position", "category", "pattern", "prefix", "version_prefix", "comment")
    list_editable = ("position", "pattern", "prefix", "version_prefix")
    list_filter = ("category",)
    list_select_related = ("category",)
    search_fields = ("pattern", "prefix", "comment")
    autocomplete_fields = ("category",)


@admin.register(RepositoryAlias)
class RepositoryAliasPage(RulesAdmin):
    list_display = ("from_text", "to_text")
    search_fields = ("from_text", "to_text")


def try_paths_page(request: HttpRequest) -> HttpResponse:
    """Show what the rules make of pasted paths; nothing is written."""
    _require(request, "view")
    asked = request.method == "POST"
    form = TryPathsForm(request.POST if asked else None, initial=request.GET.dict())
    context: dict[str, Any] = {"form": form}
    if asked and form.is_valid():
        chosen = form.cleaned_data
        context["tried"] = list(try_paths(chosen["category"], chosen["paths"]))
    return _page(request, "try_paths", "Try a path", context)


def add_rule_set_page(request: HttpRequest) -> HttpResponse:
    """Show what a shipped set would change, then add it."""
    _require(request, "change")
    asked = request.method == "POST"
    form = AddRuleSetForm(request.POST if asked else None)
    context: dict[str, Any] = {"form": form}
    if asked and form.is_valid():
        try:
            outcome = add_rule_set(
                form.cleaned_data["rule_set"],
                categories=[category.name for category in form.cleaned_data["categories"]],
                now=timezone.now(),
                dry_run="add" not in request.POST,
                actor=operator(request),
            )
        except RuleSetError as error:
            form.add_error(None, str(error))
        else:
            if outcome.written:
                messages.success(request, f"The set was added: {summary(outcome.plan)}.")
                return HttpResponseRedirect(reverse("registry:apply-rules"))
            lines = [line for _, line in diff_lines(outcome.plan)]
            context |= {"outcome": outcome, "lines": lines, "summary": summary(outcome.plan)}
    return _page(request, "add_rule_set", "Add a shipped set of rules", context)


def apply_rules_page(request: HttpRequest) -> HttpResponse:
    """Show what the rules now make of Repositories without prefix, then write it."""
    _require(request, "change")
    write = request.method == "POST"
    chosen = request.POST.get("category", "") if write else request.GET.get("category", "")
    categories = Category.objects.order_by("name")
    if chosen.isdecimal():
        categories = categories.filter(pk=int(chosen))
    applied = apply_rules(
        categories, now=timezone.now(), dry_run=not write, actor=operator(request)
    )
    if write:
        for each in applied:
            messages.success(request, each.sentence)
        return HttpResponseRedirect(reverse(LIST))
    groups = [(each, each.plans[:PLANS_SHOWN], len(each.plans)) for each in applied]
    changes = sum(len(each.plans) for each in applied)
    context = {"groups": groups, "changes": changes, "category": chosen, "shown": PLANS_SHOWN}
    return _page(request, "apply_rules", "Apply the rules to unrecognized Repositories", context)


def _require(request: HttpRequest, what: str) -> None:
    """Refuse users who may not do this with mapping rules."""
    if not operator(request).has_perm(f"registry.{what}_repositorymapping"):
        raise PermissionDenied


def _page(request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/registry/rules/{name}.html", whole)
