"""POST /api/v1/check-in/: a private Host reports what it has, as JSON, with a token of its own."""

from typing import Any, cast

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.logic.check_in_payload import PayloadPolicy
from registry.logic.check_in_request import Encoding, RequestError, RequestReason
from registry.logic.check_in_texts import SENTENCES, Refusal
from registry.logic.throttle import ThrottlePolicy
from registry.models import HostToken
from registry.services.check_in_wire import check_in_by_json
from registry.services.check_ins import CategoryOutcome, CheckInOutcome
from registry.services.credentials import authenticate_token
from registry.views.bodies import BodyTooLargeError, address_of, read_body

UNKNOWN_SHOWN = 20
STATUS = {
    RequestReason.NOT_GZIP: 400,
    RequestReason.TOO_LARGE: 413,
    RequestReason.NOT_JSON: 400,
    RequestReason.NOT_VALID: 400,
    Refusal.NOT_PRIVATE: 403,
    Refusal.TOO_OFTEN: 429,
    Refusal.BUSY: 503,
}
RETRY_AFTER = {Refusal.TOO_OFTEN: "600", Refusal.BUSY: "10"}
REFUSED = {
    Refusal.NOT_PRIVATE: "This Host is not private: it is crawled, and its own report is not used."
}


class HostTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`, with a token of the Host."""

    def authenticate(self, request: Request) -> tuple[Any, HostToken]:
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        token = None
        if scheme.lower() == "bearer":
            token = authenticate_token(
                text.strip(), scope=HostToken.Scope.CHECK_IN, now=timezone.now()
            )
        if token is None:
            raise AuthenticationFailed(
                "Send “Authorization: Bearer TOKEN” with a valid token of the Host."
            )
        return None, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasHostToken(BasePermission):
    """Whoever comes with a token that works."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, HostToken)


class CheckInView(APIView):
    """The check-in of the Host that the token belongs to."""

    authentication_classes = [HostTokenAuthentication]
    permission_classes = [HasHostToken]
    renderer_classes = [JSONRenderer]

    def post(self, request: Request) -> Response:
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {known.value for known in Encoding}:
            return _error(415, "encoding", f"“{encoding[:50]}” is not understood; use gzip.")
        try:
            result, dry_run = check_in_by_json(
                _token(request).host,
                read_body(request._request),
                encoding=Encoding(encoding),
                address=address_of(request._request),
                now=timezone.now(),
                payloads=PayloadPolicy(),
                throttle=ThrottlePolicy(),
                dry_run=request.GET.get("dry_run") in {"1", "true"},
            )
        except BodyTooLargeError as error:
            return _error(413, "too_large", str(error))
        except RequestError as error:
            return _invalid(error)
        if isinstance(result, Refusal):
            return _refused(result)
        return Response(_document(result, dry_run=dry_run), status=200 if result.applied else 422)


def _token(request: Request) -> HostToken:
    return cast("HostToken", request.auth)  # the permission let nothing else in


def _error(status: int, reason: str, sentence: str, **more: Any) -> Response:
    return Response({"error": reason, "sentence": sentence, **more}, status=status)


def _invalid(error: RequestError) -> Response:
    problems = [{"path": one.path, "sentence": one.sentence} for one in error.problems]
    return _error(STATUS[error.reason], error.reason.value, str(error), problems=problems)


def _refused(refusal: Refusal) -> Response:
    sentence = REFUSED.get(refusal, SENTENCES[refusal])
    response = _error(STATUS[refusal], refusal.value, sentence)
    if refusal in RETRY_AFTER:
        response["Retry-After"] = RETRY_AFTER[refusal]
    return response


def _document(outcome: CheckInOutcome, *, dry_run: bool) -> dict[str, Any]:
    return {
        "applied": outcome.applied and not dry_run,
        "dry_run": dry_run,
        "reason": outcome.reason.value,
        "sentence": outcome.sentence,
        "categories": [_category(one) for one in outcome.categories],
    }


def _category(outcome: CategoryOutcome) -> dict[str, Any]:
    match = outcome.match
    return {
        "name": match.name,
        "reason": match.reason.value,
        "sentence": match.sentence,
        "kept": outcome.kept,
        "added": outcome.added,
        "removed": outcome.removed,
        "stale": len(match.stale),
        "unknown": len(match.unknown),
        "unknown_names": sorted(match.unknown)[:UNKNOWN_SHOWN],
    }
