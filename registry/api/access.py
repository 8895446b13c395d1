"""Who calls the API, how often, and what they may see and change.

Visibility itself is said once, in `registry.querysets`; here requests meet it.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from registry.api.problems import NotYoursError
from registry.logic.throttle import network_of
from registry.models import Host, PersonalToken, Site
from registry.querysets import is_operator, sees_everything
from registry.services.personal_tokens import authenticate_personal_token
from registry.views.bodies import address_of

Anybody = User | AnonymousUser


class PersonalTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`, with a token of a person."""

    def authenticate(self, request: Request) -> tuple[User, PersonalToken] | None:
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = authenticate_personal_token(text.strip(), now=timezone.now())
        if token is None:
            raise AuthenticationFailed("This token does not work: it is unknown, ended or revoked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PersonalTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document tells of tokens."""

    target_class = PersonalTokenAuthentication
    name = "personalToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class WithinScope(BasePermission):
    """Tokens that only read change nothing."""

    message = "This token may only read. Issue one that may write at /my/account/."

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        reads = request.method in SAFE_METHODS
        return (
            reads
            or not isinstance(token, PersonalToken)
            or token.scope == (PersonalToken.Scope.WRITE)
        )


class SignedInToWrite(BasePermission):
    """Everybody may read what there is for everybody; changes are made by somebody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or bool(request.user.is_authenticated)


class SignedIn(BasePermission):
    """Somebody with an account."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated)


class Decides(BasePermission):
    """Operators and reviewers."""

    message = "Only operators and reviewers see what waits, and decide it."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return sees_everything(person_of(request))


class Operates(BasePermission):
    """Operators."""

    message = "Only operators may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_operator(person_of(request))


class ApiThrottle(SimpleRateThrottle):
    """So many requests of one person, or of one network without a person, by API_RATES."""

    def __init__(self) -> None:
        """Set no rate yet: it depends on the request."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.scope = _scope_of(request, view)
        self.rate = settings.API_RATES[self.scope]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return bool(super().allow_request(request, view))

    def get_cache_key(self, request: Request, view: APIView) -> str:
        person = request.user.pk
        who = network_of(address_of(request._request)) if person is None else f"user-{person}"
        return f"api-{self.scope}-{who.replace('/', '-')}"


def _scope_of(request: Request, view: APIView) -> str:
    if not request.user.is_authenticated:
        return "anonymous"
    if request.method in SAFE_METHODS:
        return "person"
    return str(getattr(view, "write_scope", "write"))


def person_of(request: Request) -> Anybody:
    """Return who asks, perhaps nobody."""
    return request.user


def actor_of(request: Request) -> User:
    """Return who changes something; permissions let nobody else in."""
    return cast("User", request.user)


def find_site(request: Request, pk: int, *, manage: bool = False) -> Site:
    """Return a Site whose inner matters somebody may see, or change (`manage`).

    What they may not see at all is not found; what they may see, but no more, is not theirs.
    """
    user = person_of(request)
    return cast("Site", _find(Site.objects.all(), user, pk, manage=manage))


def find_host(request: Request, pk: int, *, manage: bool = False) -> Host:
    """Return a Host whose inner matters somebody may see, or change, as `find_site` does."""
    hosts = Host.objects.select_related("site", "country__embargo", "sponsor")
    return cast("Host", _find(hosts, person_of(request), pk, manage=manage))


def _find(rows: Any, user: Anybody, pk: int, *, manage: bool) -> Host | Site:
    found: Host | Site = get_object_or_404(rows.readable_by(user), pk=pk)
    theirs = rows.managed_by(user) if manage else rows.inspectable_by(user)
    if not theirs.filter(pk=pk).exists():
        raise NotYoursError if user.is_authenticated else NotAuthenticated
    return found
