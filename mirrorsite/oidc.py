"""Sign-in through an OpenID Connect provider: mozilla-django-oidc, told what is ours to decide.

The library speaks the protocol. Here the answer is checked more strictly than it does, and handed
to `registry.services.accounts`, which knows accounts.
"""

import logging
from typing import Any

import jwt
import requests  # noqa: TID251 -- what mozilla-django-oidc itself speaks with
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView

from registry.logic.roles import RolePolicy
from registry.services.accounts import AccountError, ProviderPolicy, sign_in_from_provider
from registry.services.letter_languages import note_language

logger = logging.getLogger(__name__)


class ProviderError(ValueError):
    """What the provider answered cannot be trusted or understood; the text says why."""


def provider_policy() -> ProviderPolicy:
    """Return how accounts of the provider become accounts here, as the settings say."""
    return ProviderPolicy(
        issuer=settings.OIDC_ISSUER,
        name_claims=settings.OIDC_NAME_CLAIMS,
        groups_claim=settings.OIDC_GROUPS_CLAIM,
        roles=RolePolicy(
            operator_groups=frozenset(settings.OIDC_OPERATOR_GROUPS),
            reviewer_groups=frozenset(settings.OIDC_REVIEWER_GROUPS),
        ),
    )


class ProviderBackend(OIDCAuthenticationBackend):  # type: ignore[misc]  # no annotations
    """Turns a code from the provider into an account."""

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """Check signature, nonce and expiry as the library does, and whom the token is for."""
        try:
            payload: dict[str, Any] = super().verify_token(token, **kwargs)
        except (jwt.PyJWTError, KeyError) as error:
            raise ProviderError(f"The provider's token cannot be used: {error}.") from error
        audience = payload.get("aud")
        if self.OIDC_RP_CLIENT_ID not in (audience if isinstance(audience, list) else [audience]):
            raise ProviderError("The provider's token is meant for another client.")
        if payload.get("iss") != settings.OIDC_ISSUER:
            raise ProviderError(
                f"The provider's token comes from {payload.get('iss')!r}, and OIDC_ISSUER is "
                f"{settings.OIDC_ISSUER!r}."
            )
        return payload

    def retrieve_matching_jwk(self, token: str) -> jwt.PyJWK:
        """Return the key that signed a token; one without a key id needs a provider with one key.

        Raises ProviderError if there is no such key.
        """
        answer = requests.get(self.OIDC_OP_JWKS_ENDPOINT, timeout=settings.OIDC_TIMEOUT)
        answer.raise_for_status()
        header = jwt.get_unverified_header(token)
        keys = [
            key
            for key in answer.json().get("keys", ())
            if key.get("alg", header.get("alg")) == header.get("alg")
            and ("kid" not in header or key.get("kid") == header["kid"])
        ]
        if len(keys) != 1:
            raise ProviderError("None of the provider's keys signed its token.")
        return jwt.PyJWK(keys[0], algorithm=self.OIDC_RP_SIGN_ALGO)

    def get_or_create_user(
        self, access_token: str, id_token: str, payload: dict[str, Any]
    ) -> User | None:
        told = self.get_userinfo(access_token, id_token, payload)
        if not isinstance(told, dict) or told.get("sub", payload.get("sub")) != payload.get("sub"):
            raise ProviderError("The provider spoke of somebody else when asked for details.")
        return sign_in_from_provider(
            {**payload, **told}, policy=provider_policy(), now=timezone.now()
        )


class CallbackView(OIDCAuthenticationCallbackView):  # type: ignore[misc]  # no annotations
    """Where the provider sends people back to; failures end on the sign-in page with a sentence."""

    def login_success(self) -> HttpResponse:
        response: HttpResponse = super().login_success()
        note_language(self.request.user, get_language())
        return response

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if request.GET.get("error") == "login_required":
            # Asked silently, the provider wants to see them: they sign in again.
            ended = _("Your session at the provider has ended. Please sign in again.")
            messages.info(request, ended)
        elif error := request.GET.get("error"):
            logger.warning("The OIDC provider refused: %r", error[:100])
            refused = _("The provider did not let you in. Try again, or ask it why.")
            messages.error(request, refused)
        try:
            response: HttpResponseBase = super().get(request)
        except AccountError as error:
            messages.error(request, str(error))
        except (SuspiciousOperation, requests.RequestException, ValueError) as error:
            logger.error("Sign-in through the OIDC provider failed: %s", error)
            messages.error(
                request,
                _("Signing in failed: the provider's answer could not be used. Try again."),
            )
        else:
            return response
        failed: HttpResponse = self.login_failure()
        return failed


def provider_logout_url(request: HttpRequest) -> str:
    """Return where people end their session at the provider, too (OIDC RP-Initiated Logout)."""
    back = request.build_absolute_uri(reverse("my:logged-out"))
    if not settings.OIDC_END_SESSION_ENDPOINT:
        return back
    question = {"post_logout_redirect_uri": back, "client_id": settings.OIDC_RP_CLIENT_ID}
    if token := request.session.get("oidc_id_token"):
        question["id_token_hint"] = token
    return f"{settings.OIDC_END_SESSION_ENDPOINT}?{urlencode(question)}"
