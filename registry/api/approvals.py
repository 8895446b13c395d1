"""The approval queue for operators and reviewers: what waits, and the two answers."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access import Decides, WithinScope, actor_of
from registry.api.base import ApiView, only
from registry.api.inputs import RejectionInput
from registry.api.problems import RefusedError
from registry.models import Approvable
from registry.services.approvals import (
    KINDS,
    Outcome,
    approve,
    count_pending,
    pending_objects,
    reject,
)

MODELS: dict[str, type[Approvable]] = {str(kind._meta.model_name): kind for kind in KINDS}
ROWS_SHOWN = 200


class Approvals(ApiView):
    """What waits, by kind, oldest first."""

    permission_classes = [Decides, WithinScope]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """List what waits: of each kind how many, and the oldest."""
        now = timezone.now()
        counts = count_pending(now=now)
        rows = pending_objects(now=now)
        return Response(
            {
                kind: {"count": count, "oldest": [_row(row) for row in rows[kind][:ROWS_SHOWN]]}
                for kind, count in counts.items()
            }
        )


class Decision(ApiView):
    """One answer about one object."""

    permission_classes = [Decides, WithinScope]

    def find(self, kind: str, pk: int) -> Approvable:
        """Return the object, which may be decided already."""
        model = MODELS.get(kind)
        if model is None:
            raise Http404
        found: Approvable = get_object_or_404(model._default_manager.all(), pk=pk)
        return found

    def done(self, thing: Approvable, decide: Callable[..., Outcome], **more: Any) -> Response:
        """Decide, and tell what became of it."""
        request = self.request
        outcome = decide([thing], actor=actor_of(request), now=timezone.now(), **more)
        for _, sentence in outcome.skipped:
            raise RefusedError(sentence)
        return Response(_row(thing))


KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=sorted(MODELS))


class Approve(Decision):
    """The good answer."""

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT, parameters=[KIND])
    def post(self, request: Request, kind: str, pk: int) -> Response:
        """Let it count from now on; its people are told."""
        only(request)
        return self.done(self.find(kind, pk), approve)


class Reject(Decision):
    """The other answer, with the reason."""

    @extend_schema(request=RejectionInput, responses=OpenApiTypes.OBJECT, parameters=[KIND])
    def post(self, request: Request, kind: str, pk: int) -> Response:
        """Refuse it with a sentence that its people are told."""
        body = RejectionInput(data=only(request, "sentence"))
        body.is_valid(raise_exception=True)
        return self.done(self.find(kind, pk), reject, sentence=body.validated_data["sentence"])


def _row(thing: Approvable) -> dict[str, Any]:
    return {
        "kind": thing._meta.model_name,
        "id": thing.pk,
        "name": str(thing),
        "approval": thing.approval,
        "approval_reason": thing.approval_reason,
    }
