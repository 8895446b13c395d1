"""What is odd about how Hosts are set up, of all of them on one page."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from registry.admin.approvals import operator
from registry.admin.base import findings_list, page_url
from registry.models import Host
from registry.services.lint import lint_hosts

HOSTS_PER_PAGE = 100


def lint_page(request: HttpRequest) -> HttpResponse:
    """List the Hosts with something odd; names are not resolved, so nobody waits."""
    if not operator(request).has_perm("registry.view_host"):
        raise PermissionDenied
    found = lint_hosts(Host.objects.all(), now=timezone.now(), look_up=False)
    odd = [each for each in found if each.hints]
    page = Paginator(odd, HOSTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": "What is odd about Hosts",
        "page": page,
        "rows": [(each.host, page_url(each.host), findings_list(each.findings)) for each in page],
        "odd": len(odd),
        "total": len(found),
    }
    return TemplateResponse(request, "admin/registry/lint.html", context)


lint_view = admin.site.admin_view(lint_page)
