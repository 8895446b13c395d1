"""POST /api/v1/edge-statistics/: an edge on another machine hands over one batch of counts."""

from typing import Any, cast

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mirrorlist.logic.statistics_batch import (
    GREATEST_BATCH_BYTES,
    BatchError,
    BatchReason,
    unpack_batch,
)
from mirrorlist.models import EdgeKey
from mirrorlist.services.edge_keys import authenticate_edge
from mirrorlist.services.statistics import statistics_policy, take_batch
from registry.views.bodies import BodyTooLargeError, read_body

STATUS = {
    BatchReason.TOO_LARGE: 413,
    BatchReason.NOT_GZIP: 400,
    BatchReason.NOT_JSON: 400,
    BatchReason.NOT_VALID: 422,
    BatchReason.NO_DAY: 422,
    BatchReason.WRONG_EDGE: 403,
}


class EdgeKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`, with a token of the edge."""

    def authenticate(self, request: Request) -> tuple[Any, EdgeKey]:
        """Return the key; the user is nobody."""
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        key = authenticate_edge(text.strip(), now=timezone.now()) if scheme else None
        if key is None or scheme.lower() != "bearer":
            raise AuthenticationFailed("Send “Authorization: Bearer TOKEN” with the edge's token.")
        return None, key

    def authenticate_header(self, request: Request) -> str:
        """Make a wrong token 401 instead of 403."""
        return "Bearer"


class HasEdgeKey(BasePermission):
    """Whoever comes with a key that works."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether there is a key."""
        return isinstance(request.auth, EdgeKey)


class EdgeStatisticsView(APIView):
    """One batch of the edge that the token belongs to."""

    authentication_classes = [EdgeKeyAuthentication]
    permission_classes = [HasEdgeKey]
    parser_classes: list[type[BaseParser]] = []
    renderer_classes = [JSONRenderer]

    def post(self, request: Request) -> Response:
        """Take a batch; a second time it is accepted and changes nothing."""
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip"}:
            return _refused(415, "encoding", f"“{encoding[:50]}” is not understood; use gzip.")
        try:
            body = read_body(request._request, greatest=GREATEST_BATCH_BYTES)
            batch = unpack_batch(body, packed=encoding == "gzip")
            _check_edge(batch.edge, cast("EdgeKey", request.auth).edge)
            taken = take_batch(batch, now=timezone.now(), policy=statistics_policy())
        except BodyTooLargeError:
            sentence = f"The batch is larger than {GREATEST_BATCH_BYTES // 2**20} MiB."
            return _refused(413, "too_large", sentence)
        except BatchError as error:
            return _refused(STATUS[error.reason], error.reason.value, str(error))
        return Response(taken._asdict())


def _check_edge(claimed: str, real: str) -> None:
    if claimed != real:
        raise BatchError(
            BatchReason.WRONG_EDGE,
            f"The batch is of the edge “{claimed}”, but the token is of “{real}”: issue one for "
            "the name of this edge, or correct its MIRRORLIST_EDGE_NAME.",
        )


def _refused(status: int, reason: str, sentence: str) -> Response:
    return Response({"error": reason, "sentence": sentence}, status=status)
