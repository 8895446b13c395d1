"""What the API answers when something is wrong: always `{"error", "sentence", "fields"?}`."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from registry.services.acl import AclError
from registry.services.edits import EditRefusedError, StaleEditError
from registry.services.operations.base import ChangedError, OperationError
from registry.services.people import PeopleError

CLASH = "It clashes with something that exists already. Choose another name or address."
INVALID = "Some values cannot be accepted; the fields say why."
# Statuses of what services refuse; of a class and those derived from it, the first counts.
REFUSED: tuple[tuple[type[Exception], int, str], ...] = (
    (StaleEditError, status.HTTP_412_PRECONDITION_FAILED, "changed_meanwhile"),
    (ChangedError, status.HTTP_412_PRECONDITION_FAILED, "changed_meanwhile"),
    (EditRefusedError, status.HTTP_422_UNPROCESSABLE_ENTITY, "refused"),
    (OperationError, status.HTTP_422_UNPROCESSABLE_ENTITY, "refused"),
    (PeopleError, status.HTTP_422_UNPROCESSABLE_ENTITY, "refused"),
    (AclError, status.HTTP_422_UNPROCESSABLE_ENTITY, "refused"),
)
NAMES = {
    status.HTTP_403_FORBIDDEN: "forbidden",
    status.HTTP_404_NOT_FOUND: "not_found",
}
SENTENCES = {
    status.HTTP_401_UNAUTHORIZED: "Sign in, or send “Authorization: Bearer TOKEN” with a token "
    "of yours.",
    status.HTTP_403_FORBIDDEN: "You may not do this.",
    status.HTTP_404_NOT_FOUND: "There is nothing here, or nothing that you may see.",
}


class RefusedError(exceptions.APIException):
    """The request is understood and refused; the sentence says why."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "refused"


class NotYoursError(exceptions.PermissionDenied):
    """Somebody may see the object, but not change it; or not this part of it."""

    default_detail = "You may see this, but not change it: it belongs to others."


class NotReplacedBlindlyError(exceptions.APIException):
    """A change came without If-Match."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = (
        "Send “If-Match:” with the ETag of what you are changing, as you last read it, or "
        "“If-Match: *” to change it however it is now."
    )


class OutdatedError(exceptions.APIException):
    """If-Match names a state that is no more."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed_meanwhile"
    default_detail = (
        "It was changed by somebody else in the meantime. Read it again, and make your change anew."
    )


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer to an error that is the client's; None for ours, which becomes a 500."""
    for kind, code, name in REFUSED:
        if isinstance(error, kind):
            return _answer(code, name, str(error))
    if isinstance(error, IntegrityError):
        return _answer(status.HTTP_409_CONFLICT, "conflict", CLASH)
    if isinstance(error, ValidationError):
        return _invalid(error.message_dict if hasattr(error, "error_dict") else error.messages)
    response = exception_handler(error, context)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error.detail)
    if response is not None:
        response.data = _problem(error, response.status_code)
    return response


def _problem(error: Exception, code: int) -> dict[str, str]:
    """Return what is said of an error that DRF knows, in our words where it has only its own."""
    if not isinstance(error, exceptions.APIException):
        return {"error": NAMES[code], "sentence": SENTENCES[code]}
    known = str(error.detail) == str(type(error).default_detail) and code in SENTENCES
    theirs = type(error).__module__ == exceptions.__name__
    sentence = SENTENCES[code] if known and theirs else str(error.detail)
    return {"error": error.default_code, "sentence": sentence}


def _answer(code: int, name: str, sentence: str) -> Response:
    return Response({"error": name, "sentence": sentence}, status=code)


def _invalid(detail: Any) -> Response:
    fields = _flat(detail) if isinstance(detail, Mapping) else {"": _sentences(detail)}
    beyond = fields.pop("__all__", []) + fields.pop("non_field_errors", []) + fields.pop("", [])
    sentence = " ".join(beyond) or INVALID
    body: dict[str, Any] = {"error": "invalid", "sentence": sentence}
    if fields:
        body["fields"] = fields
    return Response(body, status=status.HTTP_422_UNPROCESSABLE_ENTITY)


def _flat(detail: Mapping[str, Any]) -> dict[str, list[str]]:
    return {str(name): _sentences(value) for name, value in detail.items()}


def _sentences(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [sentence for each in value.values() for sentence in _sentences(each)]
    if isinstance(value, list | tuple):
        return [sentence for each in value for sentence in _sentences(each)]
    return [str(value)]
