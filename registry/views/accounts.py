"""Coming in: signing in, registering, confirming an address, a forgotten password, invitations."""

from typing import Any

from axes.decorators import axes_dispatch
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_q.tasks import async_task

from registry.account_forms import RegisterForm
from registry.services.accounts import AccountError, confirm_email, owner_of, register
from registry.services.letter_languages import note_language
from registry.services.people import PeopleError, accept_invitation, find_invitation
from registry.views.bodies import network_of_request

LETTERS_PER_HOUR = 10


@method_decorator([never_cache, axes_dispatch], name="dispatch")
class SignIn(LoginView):
    """Signing in with a password; the page also leads to the provider, if there is one."""

    template_name = "registry/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        note_language(form.get_user(), get_language())
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "registration": settings.ACCOUNTS_REGISTRATION,
            "provider": settings.OIDC_PROVIDER_NAME if settings.OIDC_ISSUER else "",
        }


def locked_out(request: HttpRequest, response: Any, credentials: Any) -> HttpResponse:
    """Tell a network that guessed too often; whoever is right waits with the others."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    answer = render(request, "registry/accounts/locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(60 * minutes)
    return answer


@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "registry/logged_out.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register_account(request: HttpRequest) -> HttpResponse:
    if not settings.ACCOUNTS_REGISTRATION:
        return render(request, "registry/accounts/closed.html", status=403)
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _may_cause_letter(request, form):
        given = form.cleaned_data
        try:
            user = register(given["username"], given["email"], given["password1"])
        except AccountError as error:
            form.add_error("username", str(error))
        else:
            if user is not None:
                note_language(user, get_language())
                async_task("registry.tasks.write_confirmation", user.pk, user.email)
            elif (owner := owner_of(given["email"])) is not None:
                async_task("registry.tasks.write_known_address", owner.pk)
            return render(request, "registry/accounts/letter_sent.html", {"email": given["email"]})
    status = 400 if form.errors else 200
    return render(request, "registry/accounts/register.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, text: str) -> HttpResponse:
    """Ask for a click first: programs that read mail follow links, and each works once."""
    if request.method != "POST":
        return render(request, "registry/accounts/confirm.html")
    try:
        user = confirm_email(text)
    except AccountError as error:
        messages.error(request, str(error))
        return redirect("my:login")
    messages.success(request, _("Your address %(email)s is confirmed.") % {"email": user.email})
    return redirect("my:account" if request.user.is_authenticated else "my:login")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    email = request.POST.get("email", "").strip()
    if request.method != "POST" or "@" not in email:
        return render(request, "registry/accounts/forgotten.html", {"email": email})
    if not _letters_left(request):
        return _too_many_letters(request)
    user = owner_of(email)
    if user is not None and user.is_active and user.has_usable_password():
        async_task("registry.tasks.write_password_reset", user.pk)
    return render(request, "registry/accounts/letter_sent.html", {"email": email})


class ChoosePassword(PasswordResetConfirmView):
    """Where the letter about a forgotten password leads."""

    template_name = "registry/accounts/choose_password.html"
    success_url = reverse_lazy("my:login")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your new password works now."))
        return super().form_valid(form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, text: str) -> HttpResponse:
    """Show an invitation; accepting takes an account and a click."""
    now = timezone.now()
    try:
        row = find_invitation(text, now=now)
        if request.method == "POST":
            if not request.user.is_authenticated:
                return redirect(f"{reverse('my:login')}?next={request.path}")
            site = accept_invitation(text, user=request.user, now=now)
            messages.success(request, _("You are SiteAdmin of %(site)s now.") % {"site": site})
            return redirect("my:site", site.pk)
    except PeopleError as error:
        context = {"problem": str(error)}
        return render(request, "registry/accounts/invitation.html", context, status=410)
    return render(request, "registry/accounts/invitation.html", {"invitation": row})


def _may_cause_letter(request: HttpRequest, form: RegisterForm) -> bool:
    if _letters_left(request):
        return True
    form.add_error(None, _("Too many letters were asked for from here. Try again in an hour."))
    return False


def _too_many_letters(request: HttpRequest) -> HttpResponse:
    problem = _("Too many letters were asked for from here. Try again in an hour.")
    context = {"problem": problem}
    return render(request, "registry/accounts/forgotten.html", context, status=429)


def _letters_left(request: HttpRequest) -> bool:
    """Count the letters that a network causes, so that nobody floods others through us."""
    key = f"letters:{network_of_request(request)}"
    cache.add(key, 0, timeout=3600)
    return cache.incr(key) <= LETTERS_PER_HOUR
