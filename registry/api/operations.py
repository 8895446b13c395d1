"""The operations of operators, as in the admin and as commands: seen first, then carried out."""

from typing import Any, NamedTuple

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access import Operates, WithinScope, actor_of
from registry.api.base import ApiView, document_of
from registry.api.problems import RefusedError
from registry.logic.operations.steps import steps_as_facts
from registry.operation_forms import (
    AddReleaseForm,
    ArchiveForm,
    CreateRedirectsForm,
    DisableForm,
    ExpireForm,
    OperationForm,
    ReleaseDayForm,
    ReleaseMoveForm,
    RemoveRedirectsForm,
)
from registry.services.operations.base import carry_out, preview


class Offered(NamedTuple):
    """An operation: the form of its parameters, and who may carry it out."""

    form: type[OperationForm]
    permissions: tuple[str, ...]


CHANGE_REPOSITORIES = ("registry.change_repository",)
OPERATIONS = {
    "add-release": Offered(
        AddReleaseForm,
        (
            "registry.add_product",
            "registry.add_version",
            "registry.add_category",
            "registry.add_hostcategory",
        ),
    ),
    "move-to-release": Offered(ReleaseMoveForm, CHANGE_REPOSITORIES),
    "release-day": Offered(
        ReleaseDayForm, ("registry.change_version", "registry.delete_repositoryredirect")
    ),
    "move-to-archive": Offered(ArchiveForm, CHANGE_REPOSITORIES),
    "create-redirects": Offered(
        CreateRedirectsForm,
        ("registry.add_repositoryredirect", "registry.change_repositoryredirect"),
    ),
    "remove-redirects": Offered(RemoveRedirectsForm, ("registry.delete_repositoryredirect",)),
    "disable-repository": Offered(DisableForm, CHANGE_REPOSITORIES),
    "emergency-expire": Offered(ExpireForm, CHANGE_REPOSITORIES),
}
SLUG = OpenApiParameter("slug", str, OpenApiParameter.PATH, enum=sorted(OPERATIONS))


class Operations(ApiView):
    """Which operations there are."""

    permission_classes = [Operates, WithinScope]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """List the operations with their parameters."""
        return Response({slug: _parameters(each.form) for slug, each in OPERATIONS.items()})


class RunOperation(ApiView):
    """One operation."""

    permission_classes = [Operates, WithinScope]

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT, parameters=[SLUG])
    def post(self, request: Request, slug: str) -> Response:
        """Show the steps; with `"dry_run": false` carry them out.

        Give back the `fingerprint` of what you were shown, and nothing is done if it would be
        something else now.
        """
        offered = OPERATIONS.get(slug)
        if offered is None:
            raise Http404
        if not actor_of(request).has_perms(offered.permissions):
            raise PermissionDenied("Your account lacks the permissions for this operation.")
        data = dict(document_of(request))
        dry_run, shown = data.pop("dry_run", True), data.pop("fingerprint", None)
        if not isinstance(dry_run, bool) or not isinstance(shown, str | None):
            raise RefusedError("dry_run is true or false, and fingerprint a text.")
        operation = _filled(offered.form, data).operation()
        now = timezone.now()
        if dry_run:
            outcome = preview(operation, now=now)
        else:
            outcome = carry_out(operation, now=now, actor=actor_of(request), shown=shown)
        return Response(
            {
                "written": outcome.written,
                "summary": outcome.plan.summary,
                "conclusion": outcome.conclusion,
                "fingerprint": outcome.plan.fingerprint,
                "steps": steps_as_facts(outcome.plan.steps),
            }
        )


def _filled(form: type[OperationForm], data: dict[str, Any]) -> OperationForm:
    """Return a form with valid parameters; raise a problem that names those that are not."""
    if beyond := sorted(set(data) - set(form.base_fields)):
        raise RefusedError(f"{', '.join(beyond)} cannot be given here.")
    texts = {name: value for name, value in data.items() if isinstance(value, str | int | None)}
    if len(texts) < len(data):
        raise RefusedError("Parameters are texts, numbers, true and false.")
    filled = form({name: value for name, value in texts.items() if value is not None})
    if not filled.is_valid():
        raise ValidationError(
            {name: [str(each) for each in errors] for name, errors in filled.errors.items()}
        )
    return filled


def _parameters(form: type[OperationForm]) -> dict[str, dict[str, Any]]:
    return {
        name: {"required": bool(field.required), "help": str(field.help_text)}
        for name, field in form.base_fields.items()
    }
