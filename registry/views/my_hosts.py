"""What SiteAdmins change on the page of a Host: its ACL addresses and its tokens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from registry.services.acl import AclError, add_acl_address, remove_acl_address
from registry.services.credentials import (
    TooManyTokensError,
    issue_host_token,
    revoke_host_tokens,
)
from registry.views.my_host import host_page
from registry.views.ownership import SignedInRequest, managed_host
from registry.views.secrets import SecretPage, ask_then_issue


@require_http_methods(["GET", "HEAD", "POST"])
def add_address(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    if request.method != "POST":
        return redirect("my:host", host.pk)
    typed = request.POST.get("ip", "")
    try:
        row = add_acl_address(host, typed, actor=request.user, now=timezone.now())
    except AclError as error:
        return host_page(request, host, typed=typed, problem=str(error))
    messages.success(request, _("%(ip)s was added to the ACL addresses.") % {"ip": row.ip})
    return redirect("my:host", host.pk)


@require_POST
def remove_address(request: SignedInRequest, host_id: int, address_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    row = get_object_or_404(host.acl_ips.select_related("host__site"), pk=address_id)
    remove_acl_address(row, actor=request.user, now=timezone.now())
    messages.success(request, _("%(ip)s was removed from the ACL addresses.") % {"ip": row.ip})
    return redirect("my:host", host.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new_token(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    page = SecretPage(
        title=_("New token"),
        subject=host.name,
        warning=_(
            "The Host gets one more token for checking in. The ones it has stay valid until you "
            "revoke them."
        ),
        usage=_("Put it into ~/.check-in-token on the Host, readable for the user that checks in."),
        back=reverse("my:host", args=[host.pk]),
    )
    try:
        return ask_then_issue(
            request,
            page,
            lambda: issue_host_token(host, now=timezone.now(), actor=request.user).text,
        )
    except TooManyTokensError as error:
        messages.error(request, str(error))
        return redirect("my:host", host.pk)


@require_POST
def revoke_token(request: SignedInRequest, host_id: int, token_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    row = get_object_or_404(host.tokens, pk=token_id)
    if revoke_host_tokens(host, now=timezone.now(), actor=request.user, prefix=row.prefix):
        said = _("The token %(prefix)s… is refused from now on.")
        messages.success(request, said % {"prefix": row.prefix})
    return redirect("my:host", host.pk)
