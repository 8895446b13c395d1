"""Pages of SiteAdmins about their Sites: all, one, its check-in password, who may read it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.models import HostCategoryUrl, HostTransfer, Site
from registry.services.credentials import set_check_in_password
from registry.services.reading_rights import ReadingRightError, grant_reading, withdraw_reading
from registry.services.standing import stand_in_line
from registry.views.ownership import SignedInRequest, managed_site
from registry.views.secrets import SecretPage, ask_then_issue

SITES_PER_PAGE = 50
EVENTS_SHOWN = 10
URLS_SHOWN = 100
OFFERS_SHOWN = 50


@require_safe
def my_sites(request: SignedInRequest) -> HttpResponse:
    sites = Site.objects.managed_by(request.user).order_by("name")
    page = Paginator(sites, SITES_PER_PAGE).get_page(request.GET.get("page"))
    offers = HostTransfer.objects.filter(to_site__in=Site.objects.managed_by(request.user))
    context = {
        "lines": stand_in_line(list(page.object_list)),
        "page": page,
        "offers": offers.select_related("host__site", "to_site")[:OFFERS_SHOWN],
    }
    return render(request, "registry/my_sites.html", context)


@require_safe
def my_site(request: SignedInRequest, site_id: int) -> HttpResponse:
    return _site_page(request, managed_site(request, site_id))


@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    page = SecretPage(
        title=_("New check-in password"),
        subject=site.name,
        warning=_(
            "The Site gets a new password. The one it has ends at once: Hosts that check in "
            "with it cannot until their report_mirror.conf has the new one."
        ),
        usage=_("Put it into the [site] section of report_mirror.conf on each of your Hosts."),
        back=reverse("my:site", args=[site.pk]),
    )
    return ask_then_issue(
        request,
        page,
        lambda: set_check_in_password(site, now=timezone.now(), actor=request.user),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_reader(request: SignedInRequest, site_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    if request.method != "POST":
        return redirect("my:site", site.pk)
    name = request.POST.get("name", "")
    try:
        right = grant_reading(site, name, actor=request.user, now=timezone.now())
    except ReadingRightError as error:
        return _site_page(request, site, name=name, problem=str(error))
    said = _("“%(site)s” may read your private URLs now.")
    messages.success(request, said % {"site": right.downstream})
    return redirect("my:site", site.pk)


@require_POST
def remove_reader(request: SignedInRequest, site_id: int, right_id: int) -> HttpResponse:
    site = managed_site(request, site_id)
    rights = site.downstreams.select_related("upstream", "downstream")
    right = get_object_or_404(rights, pk=right_id)
    withdraw_reading(right, actor=request.user, now=timezone.now())
    said = _("“%(site)s” may no longer read your private URLs.")
    messages.success(request, said % {"site": right.downstream})
    return redirect("my:site", site.pk)


def _site_page(
    request: SignedInRequest, site: Site, *, name: str = "", problem: str = ""
) -> HttpResponse:
    (line,) = stand_in_line([site])
    readable = HostCategoryUrl.objects.readable_by(request.user).hidden()
    context = {
        "line": line,
        "site": site,
        "admins": site.admins.select_related("user").order_by("user__username"),
        "readers": site.downstreams.select_related("downstream").order_by("downstream__name"),
        "readable": readable.filter(host_category__host__site__in=Site.objects.readable_for(site))
        .select_related("host_category__host__site", "host_category__category")
        .defer("host_category__up2date")
        .order_by("host_category__host__site__name", "url")[:URLS_SHOWN],
        "events": site.events.filter(host=None)[:EVENTS_SHOWN],
        "name": name,
        "problem": problem,
    }
    return render(request, "registry/my_site.html", context, status=400 if problem else 200)
