"""Pages about oneself: name, address, password, tokens."""

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_q.tasks import async_task

from registry.account_forms import AccountForm, TokenForm
from registry.models import PersonalToken
from registry.services.personal_tokens import (
    TooManyPersonalTokensError,
    issue_personal_token,
    revoke_personal_token,
    working_tokens,
)
from registry.views.ownership import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def my_account(request: SignedInRequest) -> HttpResponse:
    user = request.user
    known = {"first_name": user.first_name, "last_name": user.last_name, "email": user.email}
    form = AccountForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        user.first_name, user.last_name = given["first_name"], given["last_name"]
        user.save(update_fields=["first_name", "last_name"])
        messages.success(request, _("Saved."))
        if given["email"] != user.email:
            async_task("registry.tasks.write_confirmation", user.pk, given["email"])
            sentence = _("Follow the link in the letter to %(email)s, and the address counts.")
            messages.info(request, sentence % {"email": given["email"]})
        return redirect("my:account")
    context = {
        "form": form,
        "identities": user.oidc_identities.all(),
        "tokens": working_tokens(user, now=timezone.now()),
        "adminships": user.site_adminships.select_related("site").order_by("site__name"),
    }
    status = 400 if form.errors else 200
    return render(request, "registry/accounts/account.html", context, status=status)


class ChangePassword(PasswordChangeView):
    """A new password for somebody who knows the old one."""

    template_name = "registry/accounts/change_password.html"
    success_url = reverse_lazy("my:account")


@require_http_methods(["GET", "HEAD", "POST"])
def new_personal_token(request: SignedInRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            issued = issue_personal_token(
                request.user,
                given["name"],
                scope=PersonalToken.Scope(given["scope"]),
                lifetime=given["lifetime"],
                now=timezone.now(),
            )
        except TooManyPersonalTokensError as error:
            form.add_error(None, str(error))
        else:
            page = {
                "title": _("New token"),
                "subject": given["name"],
                "usage": _("Send it as “Authorization: Bearer TOKEN” to the API."),
                "back": reverse("my:account"),
            }
            return render(request, "registry/secret.html", {"page": page, "secret": issued.text})
    status = 400 if form.errors else 200
    return render(request, "registry/accounts/token.html", {"form": form}, status=status)


@require_POST
def revoke_own_token(request: SignedInRequest, own_token_id: int) -> HttpResponse:
    row = get_object_or_404(request.user.personal_tokens, pk=own_token_id)
    revoke_personal_token(row, now=timezone.now())
    messages.success(request, _("The token %(prefix)s… no longer works.") % {"prefix": row.prefix})
    return redirect("my:account")
