"""Let caches keep public pages: who may keep what, how long, and how they ask whether it changed.

Knows nothing of what a page is about: the view says what it depends on.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

CACHE_SECONDS = 300
View = Callable[..., HttpResponse]


def is_anonymous(request: HttpRequest) -> bool:
    """Tell whether nobody can be signed in: there is no cookie but that of the language.

    Asks no session, so that it costs nothing.
    """
    return not request.COOKIES.keys() - {settings.LANGUAGE_COOKIE_NAME}


def public_page(revision: Callable[[], str]) -> Callable[[View], View]:
    """Let everybody keep a page for minutes, if nobody is signed in.

    `revision` is what the page is made from, as a text. A client that has the same already is told
    so before anything is loaded or rendered. What is shown to somebody who is signed in has their
    name in it: no cache shares it, and it is always made anew.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not is_anonymous(request):
                response = view(request, *args, **kwargs)
                patch_cache_control(response, private=True, no_cache=True)
                return response
            etag = etag_of(request, revision())
            known = get_conditional_response(request, etag=etag)
            response = known if known is not None else view(request, *args, **kwargs)
            if response.status_code in {200, 304}:
                response.headers["ETag"] = etag
                patch_cache_control(response, public=True, max_age=CACHE_SECONDS)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response

        return answer

    return decorate


def etag_of(request: HttpRequest, revision: str) -> str:
    """Return what identifies an answer: address, language, version, what it is made from.

    Ages in sentences go on, so an answer lasts no longer than caches keep it.
    """
    period = int(timezone.now().timestamp()) // CACHE_SECONDS
    parts = (
        request.get_full_path(),
        translation.get_language() or "",
        settings.VERSION,
        revision,
        str(period),
    )
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f'"{digest[:32]}"'
