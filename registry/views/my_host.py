"""The page of one Host for its own people: what it has, and what is wrong with it."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from registry.logic.acl import sort_addresses
from registry.logic.instructions import Carried, Instructions, check_in_instructions
from registry.models import DirectoryState, Host
from registry.services.acl import ADDRESSES_PER_HOST
from registry.services.coverage import Share
from registry.services.host_pages import copy_lines, count_issues, find_issues
from registry.services.lint import lint_hosts, lint_loaded
from registry.services.slots import network_slot
from registry.services.standing import host_standing
from registry.views.ownership import SignedInRequest, managed_host

EVENTS_SHOWN = 10
ISSUES_PER_PAGE = 50


@require_safe
def my_host(request: SignedInRequest, host_id: int) -> HttpResponse:
    return host_page(request, managed_host(request, host_id))


@require_safe
def my_host_lint(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    rows, now = Host.objects.filter(pk=host.pk), timezone.now()
    with network_slot(request.user.pk) as slot:
        [linted] = lint_hosts(rows, now=now, look_up=slot.granted)
    busy = "" if slot.granted else slot.sentence
    context = {"host": host, "findings": linted.findings, "busy": busy, "measured_at": now}
    return render(request, "registry/my_host_lint.html", context)


def host_page(
    request: SignedInRequest, host: Host, *, typed: str = "", problem: str = ""
) -> HttpResponse:
    """Show a Host; `problem` is about the ACL address that was typed."""
    now, state = timezone.now(), request.GET.get("state", "")
    lines = copy_lines(host)
    copies = [line.share.host_category for line in lines]
    issues = Paginator(find_issues(host, state=state), ISSUES_PER_PAGE)
    issues.count = count_issues(lines, state=state)  # known, so not asked for
    addresses = {row.ip: row for row in host.acl_ips.all()}
    context = {
        "host": host,
        "judgment": host_standing(host),
        "findings": [hint.finding for hint in lint_loaded(host, copies, now=now)],
        "lines": lines,
        "issues": issues.get_page(request.GET.get("page")),
        "issue_count": sum(copy.issue_count for copy in copies),
        "state": state,
        "states": DirectoryState.choices,
        "events": host.events.all()[:EVENTS_SHOWN],
        "addresses": [addresses[ip] for ip in sort_addresses(addresses)],
        "addresses_most": ADDRESSES_PER_HOST,
        "tokens": host.tokens.filter(revoked_at=None).select_related("created_by"),
        "instructions": _instructions(host, [line.share for line in lines]),
        "measured_at": now,
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
