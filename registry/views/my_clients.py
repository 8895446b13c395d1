"""Pages on which SiteAdmins say whose clients a Host prefers: netblocks, countries, peers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry.models import Host
from registry.owner_forms import CountryForm, NetblocksForm, PeerForm
from registry.querysets import is_operator
from registry.services.audiences import (
    COUNTRY_LISTS,
    add_country,
    add_peer,
    countries_of,
    remove_country,
    remove_peer,
)
from registry.services.edits import EditRefusedError
from registry.services.netblocks import (
    NETBLOCKS_PER_HOST,
    Line,
    LineState,
    add_netblocks,
    remove_netblock,
)
from registry.views.form_pages import accepted, posted, show
from registry.views.ownership import SignedInRequest, managed_host

READS_AND_WRITES = ["GET", "HEAD", "POST"]
NETBLOCKS_PER_PAGE = 100
LINES_SHOWN = 200
TITLES = {
    "allowed": gettext_lazy("Only clients of these countries are sent here; none means all"),
    "excluded": gettext_lazy("Clients of these countries are never sent here"),
    "served": gettext_lazy("Counts as a mirror of these countries, too"),
}


@require_http_methods(READS_AND_WRITES)
def netblocks(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    form = NetblocksForm(posted(request))
    lines: list[Line] = []

    def add(form: NetblocksForm) -> None:
        given = form.cleaned_data
        texts = given["netblocks"].splitlines()
        now = timezone.now()
        lines.extend(add_netblocks(host, texts, actor=request.user, now=now, name=given["name"]))

    if request.method == "POST" and accepted(form, add):
        if lines and all(line.state is LineState.ADDED for line in lines):
            said = ngettext("%d netblock was added.", "%d netblocks were added.", len(lines))
            messages.success(request, said % len(lines))
            return redirect("my:netblocks", host.pk)
        if not lines:
            form.add_error("netblocks", _("Give at least one address range."))
    return show(
        request,
        "registry/host_netblocks.html",
        form if form.errors or not lines else NetblocksForm(initial=_left(lines)),
        host=host,
        most=NETBLOCKS_PER_HOST,
        **_told(lines),
        **_listed(request, host),
    )


@require_POST
def delete_netblock(request: SignedInRequest, host_id: int, netblock_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    row = get_object_or_404(host.netblocks.written_by_people(), pk=netblock_id)
    row.host = host
    remove_netblock(row, actor=request.user, now=timezone.now())
    messages.success(request, _("%(netblock)s was removed.") % {"netblock": row.netblock})
    return redirect("my:netblocks", host.pk)


@require_safe
def clients(request: SignedInRequest, host_id: int) -> HttpResponse:
    return _page(request, managed_host(request, host_id))


@require_POST
def new_country(request: SignedInRequest, host_id: int, kind: str) -> HttpResponse:
    host = managed_host(request, host_id)
    _check_kind(kind)
    form = CountryForm(posted(request), auto_id=f"id_{kind}_%s")

    def add(form: CountryForm) -> None:
        country = form.cleaned_data["country"]
        add_country(host, kind, country, actor=request.user, now=timezone.now())

    if accepted(form, add):
        said = _("%(country)s was added.") % {"country": form.cleaned_data["country"]}
        messages.success(request, said)
        return redirect("my:clients", host.pk)
    return _page(request, host, form, kind)


@require_POST
def delete_country(
    request: SignedInRequest, host_id: int, kind: str, country_id: int
) -> HttpResponse:
    host = managed_host(request, host_id)
    _check_kind(kind)
    row = get_object_or_404(countries_of(host, kind).select_related("host__site"), pk=country_id)
    try:
        remove_country(row, kind, actor=request.user, now=timezone.now())
    except EditRefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(country)s was removed.") % {"country": row.country})
    return redirect("my:clients", host.pk)


@require_POST
def new_peer(request: SignedInRequest, host_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    form = PeerForm(posted(request), auto_id="id_peer_%s")

    def add(form: PeerForm) -> None:
        given = form.cleaned_data
        add_peer(host, given["asn"], given["name"], actor=request.user, now=timezone.now())

    if accepted(form, add):
        messages.success(request, _("AS%(asn)d was added.") % {"asn": form.cleaned_data["asn"]})
        return redirect("my:clients", host.pk)
    return _page(request, host, form, "peer")


@require_POST
def delete_peer(request: SignedInRequest, host_id: int, peer_id: int) -> HttpResponse:
    host = managed_host(request, host_id)
    row = get_object_or_404(host.peer_asns.select_related("host__site"), pk=peer_id)
    try:
        remove_peer(row, actor=request.user, now=timezone.now())
    except EditRefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("AS%(asn)d was removed.") % {"asn": row.asn})
    return redirect("my:clients", host.pk)


def _check_kind(kind: str) -> None:
    if kind not in COUNTRY_LISTS:
        raise Http404


def _left(lines: list[Line]) -> dict[str, str]:
    """Return what stays in the form, to be corrected: the lines that were refused."""
    return {"netblocks": "\n".join(line.text for line in lines if line.state is LineState.REFUSED)}


def _told(lines: list[Line]) -> dict[str, Any]:
    """Return what became of pasted lines: numbers, and the lines, those with problems first."""
    order = [LineState.REFUSED, LineState.PENDING, LineState.KNOWN, LineState.ADDED]
    counts = {state.value: sum(line.state is state for line in lines) for state in LineState}
    return {
        "lines": sorted(lines, key=lambda line: (order.index(line.state), line.number))[
            :LINES_SHOWN
        ],
        "line_count": len(lines),
        "line_counts": counts,
    }


def _listed(request: SignedInRequest, host: Host) -> dict[str, Any]:
    asked = request.GET.get("q", "")[:100].replace("\0", "").strip()
    rows = host.netblocks.select_related("source").order_by("netblock", "pk")
    if asked:
        rows = rows.filter(Q(netblock__startswith=asked) | Q(name__icontains=asked))
    page = Paginator(rows, NETBLOCKS_PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "asked": asked}


def _page(
    request: SignedInRequest, host: Host, bad: CountryForm | PeerForm | None = None, at: str = ""
) -> HttpResponse:
    operator = is_operator(request.user)
    lists = [
        {
            "kind": kind,
            "title": TITLES[kind],
            "rows": countries_of(host, kind),
            "form": bad if kind == at else CountryForm(auto_id=f"id_{kind}_%s"),
            "changeable": entry.by_owner or operator,
        }
        for kind, entry in COUNTRY_LISTS.items()
    ]
    return show(
        request,
        "registry/host_clients.html",
        bad or CountryForm(),
        host=host,
        lists=lists,
        peers=host.peer_asns.order_by("asn")[:NETBLOCKS_PER_PAGE],
        peer_form=bad if at == "peer" else PeerForm(auto_id="id_peer_%s"),
        operator=operator,
        netblock_count=host.netblocks.count(),
    )
