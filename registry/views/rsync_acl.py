"""/rsync_acl: the addresses from which Hosts pull, for the access lists of upstreams."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from registry.logic.acl import sort_addresses
from registry.models import HostAclIp

OFF = {"0", "false", "no"}


@require_safe
def rsync_acl(request: HttpRequest) -> HttpResponse:
    public, private = (_wanted(request, name) for name in ("public_only", "private_only"))
    if public and private:
        sentence = "Ask for public_only or for private_only, not for both.\n"
        return HttpResponse(sentence, "text/plain; charset=utf-8", status=400)
    rows = HostAclIp.objects.admitted()
    if public:
        rows = rows.public()
    if private:
        rows = rows.private()
    addresses = sort_addresses(rows.order_by().values_list("ip", flat=True))
    if request.GET.get("format") == "json":
        return JsonResponse({"addresses": addresses})
    return HttpResponse("".join(f"{one}\n" for one in addresses), "text/plain; charset=utf-8")


def _wanted(request: HttpRequest, name: str) -> bool:
    """Tell whether a switch is in the query; its mere name turns it on."""
    return name in request.GET and request.GET[name].lower() not in OFF
