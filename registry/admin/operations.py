"""The page between an operation and its effect: parameters, the steps as a preview, confirm.

One page for all of them. An operation is a form that makes it; whoever has one adds it with
`add_page`. Actions on lists lead here, too, with their rows as the parameters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from registry.admin.approvals import operator
from registry.admin.base import pill, rows_url
from registry.logic.operations.steps import Mark, Step
from registry.operation_forms import OperationForm
from registry.services.operations.base import OperationError, carry_out, preview

RowAction = Callable[[admin.ModelAdmin, HttpRequest, QuerySet], HttpResponse]

STEPS_SHOWN = 500
PILLS = {
    Mark.ADD: ("success", "add"),
    Mark.CHANGE: ("pending", "change"),
    Mark.REMOVE: ("missing", "remove"),
    Mark.KEEP: ("same", "stays"),
    Mark.REFUSED: ("rejected", "refused"),
}


@dataclass(frozen=True)
class OperationPage:
    """One operation as operators see it; who may do it are those with all `permissions`.

    One that only makes sense for rows selected on a list names their table as `rows_of`.
    """

    slug: str
    title: str
    explanation: str
    form: type[OperationForm]
    permissions: tuple[str, ...]
    rows_of: str = ""

    @property
    def url(self) -> str:
        return reverse("registry:operation", args=[self.slug])

    def may(self, request: HttpRequest) -> bool:
        return bool(operator(request).has_perms(self.permissions))

    def show(
        self,
        request: HttpRequest,
        data: Mapping[str, Any] | None,
        *,
        initial: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form, and below it what the operation would do if `data` are parameters."""
        if not self.may(request):
            raise PermissionDenied
        form = self.form(data, request.FILES or None, initial=initial)
        form.person = operator(request).pk
        context: dict[str, Any] = {
            **admin.site.each_context(request),
            "title": self.title,
            "page": self,
            "form": form,
        }
        if data is not None and form.is_valid():
            try:
                outcome = preview(form.operation(), now=timezone.now())
            except OperationError as error:
                form.add_error(None, str(error))
            else:
                steps = outcome.plan.steps
                context["plan"] = outcome.plan
                context["rows"] = [Row.of(step) for step in steps[:STEPS_SHOWN]]
                context["more"] = len(steps) - STEPS_SHOWN
        return TemplateResponse(request, "admin/operations/operation.html", context)

    def confirm(self, request: HttpRequest) -> HttpResponse:
        """Carry out what was shown; show it again with the reason if that cannot be done."""
        form = self.form(request.POST)
        form.person = operator(request).pk
        if not self.may(request):
            raise PermissionDenied
        if not form.is_valid():
            return self.show(request, request.POST)
        try:
            outcome = carry_out(
                form.operation(),
                now=timezone.now(),
                actor=operator(request),
                shown=request.POST["shown"],
            )
        except OperationError as error:
            messages.error(request, str(error))
            return self.show(request, request.POST)
        level = messages.SUCCESS if outcome.written else messages.WARNING
        messages.add_message(
            request, level, f"{self.title}: {outcome.plan.summary} {outcome.conclusion}"
        )
        back = rows_url(f"registry_{self.rows_of}", {}) if self.rows_of else self.url
        return HttpResponseRedirect(back or self.url)


class Row(NamedTuple):
    """One step as the table shows it."""

    pill: SafeString
    subject: str
    sentence: str

    @classmethod
    def of(cls, step: Step) -> "Row":
        state, word = PILLS[step.mark]
        return cls(pill(state, word), step.subject, step.sentence)


_PAGES: dict[str, OperationPage] = {}


def add_page(page: OperationPage) -> OperationPage:
    """Offer an operation in the admin."""
    _PAGES[page.slug] = page
    return page


def operation_list(request: HttpRequest) -> HttpResponse:
    """List the operations that the operator may use."""
    context = {
        **admin.site.each_context(request),
        "title": "Operations",
        "pages": [page for page in _PAGES.values() if page.may(request) and not page.rows_of],
        "schedules": rows_url("django_q_schedule", {}),
    }
    return TemplateResponse(request, "admin/operations/list.html", context)


def operation_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the parameters (GET), show the steps, carry them out (POST with `shown`)."""
    page = _PAGES.get(slug)
    if page is None:
        raise Http404
    if request.method == "POST" and "shown" in request.POST:
        return page.confirm(request)
    if request.method == "POST":
        return page.show(request, request.POST)
    # An address may name all parameters, or some of them as a start.
    complete = bool(request.GET) and page.form(request.GET).is_valid()
    return page.show(request, request.GET if complete else None, initial=request.GET.dict())


def row_action(page: OperationPage, field: str, *, permission: str = "change") -> RowAction:
    """Return the action that leads from the rows of a list to the page of an operation.

    `field` takes their ids; `permission` is the one on the table of the list.
    """

    @admin.action(description=f"{page.title}…", permissions=[permission])
    def lead_on(
        model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet
    ) -> HttpResponse:
        return _show_for_rows(page, request, queryset, field=field)

    lead_on.__name__ = page.slug.replace("-", "_")  # by which Django knows it
    return lead_on


def _show_for_rows(
    page: OperationPage, request: HttpRequest, queryset: QuerySet, *, field: str
) -> HttpResponse:
    """Return the page of an operation for the rows that an action on a list selected.

    If it needs more than the rows, it asks for that first, without a complaint.
    """
    first = {name: field.initial for name, field in page.form.base_fields.items()}
    ids = queryset.order_by("pk").values_list("pk", flat=True)
    data = {name: value for name, value in first.items() if value is not None}
    data[field] = ",".join(map(str, ids))
    complete = page.form(data).is_valid()
    return page.show(request, data if complete else None, initial=data)
