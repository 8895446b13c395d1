"""Pages of SiteAdmins about one Host: what it is to clients, its ACL addresses, its tokens."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.logic.acl import sort_addresses
from registry.logic.instructions import Carried, Instructions, check_in_instructions
from registry.models import Host
from registry.services.acl import (
    ADDRESSES_PER_HOST,
    AclError,
    add_acl_address,
    remove_acl_address,
)
from registry.services.coverage import Share, issues_on, shares_on
from registry.services.credentials import (
    TooManyTokensError,
    issue_host_token,
    revoke_host_tokens,
)
from registry.services.standing import host_standing
from registry.views.ownership import SignedInRequest, managed_host
from registry.views.secrets import SecretPage, ask_then_issue

EVENTS_SHOWN = 10
ISSUES_SHOWN = 20


@require_safe
def my_host(request: SignedInRequest, host_id: int) -> HttpResponse:
    return _host_page(request, managed_host(request, host_id))


@require_http_methods(["GET", "HEAD", "POST"])
def add_address(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    if request.method != "POST":
        return redirect("my:host", host.pk)
    typed = request.POST.get("ip", "")
    try:
        row = add_acl_address(host, typed, actor=request.user, now=timezone.now())
    except AclError as error:
        return _host_page(request, host, typed=typed, problem=str(error))
    messages.success(request, f"{row.ip} was added to the ACL addresses.")
    return redirect("my:host", host.pk)


@require_POST
def remove_address(request: SignedInRequest, host_id: int, address_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    row = get_object_or_404(host.acl_ips.select_related("host__site"), pk=address_id)
    remove_acl_address(row, actor=request.user, now=timezone.now())
    messages.success(request, f"{row.ip} was removed from the ACL addresses.")
    return redirect("my:host", host.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new_token(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    page = SecretPage(
        title="New token",
        subject=host.name,
        warning="The Host gets one more token for checking in. The ones it has stay valid until "
        "you revoke them.",
        usage="Put it into ~/.check-in-token on the Host, readable for the user that checks in.",
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
        messages.success(request, f"The token {row.prefix}… is refused from now on.")
    return redirect("my:host", host.pk)


def _host_page(
    request: SignedInRequest, host: Host, *, typed: str = "", problem: str = ""
) -> HttpResponse:
    shares = shares_on(host)
    addresses = {row.ip: row for row in host.acl_ips.all()}
    context = {
        "host": host,
        "judgment": host_standing(host),
        "shares": shares,
        "issues": issues_on(host, at_most=ISSUES_SHOWN),
        "issue_count": sum(share.host_category.issue_count for share in shares),
        "events": host.events.all()[:EVENTS_SHOWN],
        "addresses": [addresses[ip] for ip in sort_addresses(addresses)],
        "addresses_most": ADDRESSES_PER_HOST,
        "tokens": host.tokens.filter(revoked_at=None).select_related("created_by"),
        "instructions": _instructions(host, shares),
        "measured_at": timezone.now(),
        "typed": typed,
        "problem": problem,
    }
    return render(request, "registry/my_host.html", context, status=400 if problem else 200)


def _instructions(host: Host, shares: list[Share]) -> Instructions | None:
    """Return how the Host checks in, or None while it may not or has nothing to report."""
    categories = [share.host_category.category for share in shares]
    if not categories or not host.counts_as_private:
        return None
    return check_in_instructions(
        server=settings.BASE_URL,
        site=host.site.name,
        host=host.name,
        carried=[Carried(category.name, category.top_directory) for category in categories],
    )
