"""In which language a page is: the visitor's choice, else that of the browser.

Operators' pages and what machines read stay English: the field's terms are, and scripts and mail
about them should find the same words everywhere.
"""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

YEAR_SECONDS = 365 * 86_400
ENGLISH_ONLY = ("/admin/", "/api/", "/mirrorlist", "/metalink", "/snapshots/")


class PageLocaleMiddleware(LocaleMiddleware):
    """Choose the language of pages for people; leave everything else in English."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith(ENGLISH_ONLY):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
            return
        super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path.startswith(ENGLISH_ONLY):
            return response
        return super().process_response(request, response)


def choose_language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember a visitor's choice in a cookie, and return to the page that they came from.

    A link and no form: a form would put a secret of the visitor into every public page, and no
    cache could keep it. All that somebody else can do with the link is to change the language.
    """
    if code not in dict(settings.LANGUAGES):
        raise Http404(f"There is no translation “{code}”.")
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back, status=HTTPStatus.SEE_OTHER)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
