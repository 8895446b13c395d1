"""MirrorManager's two JSON addresses, in its shapes, for programs that were written for it.

Names of accounts are no public facts: by default everybody gets those they may see.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.access import person_of
from registry.api.base import ApiView
from registry.models import Host, Repository, Site

WHY = (
    "Names of SiteAdmins are not public here. Send “Authorization: Bearer TOKEN” with a token of "
    "an operator for all names, or of a SiteAdmin for those of their Sites."
)


class MirrorAdmins(ApiView):
    """GET /api/mirroradmins: who may edit Sites, or one Site, or the Site of one Host."""

    schema: Any = None

    def get(self, request: Request) -> Response:
        user = person_of(request)
        if not user.is_authenticated and not settings.API_PUBLIC_ADMIN_NAMES:
            return Response({"message": WHY}, status=401, headers={"WWW-Authenticate": "Bearer"})
        sites = Site.objects.inspectable_by(user)
        if settings.API_PUBLIC_ADMIN_NAMES:
            sites = Site.objects.readable_by(user)
        if "name" not in request.GET:
            names = User.objects.filter(site_adminships__site__in=sites.order_by().values("pk"))
            return _names(names)
        name = request.GET["name"]
        found = _site_of(name, sites)
        if found is None:
            return Response({"message": f"No host or site found for {name}"}, status=400)
        creator = Q(pk=found.created_by_id) if found.created_by_id else Q()
        return _names(User.objects.filter(Q(site_adminships__site=found) | creator))


class Repositories(ApiView):
    """GET /api/repositories: prefixes and their Directories, ordered by Arch and age."""

    schema: Any = None

    def get(self, request: Request) -> Response:
        rows = Repository.objects.publiclisted().order_by("arch_id", "pk")
        named = rows.values_list("prefix", "directory__path")
        found = [{prefix: {"directory": path, "name": path}} for prefix, path in named]
        return Response({"repositories": found, "total": len(found)})


def _site_of(name: str, sites: QuerySet[Site]) -> Site | None:
    """Return the Site of the Host of this name, else the Site of this name, if it is visible."""
    if "\0" in name:
        return None
    of_host = Host.objects.filter(name=name, site__in=sites.order_by().values("pk"))
    host = of_host.select_related("site").order_by("pk").first()
    return host.site if host else sites.filter(name=name).order_by("pk").first()


def _names(users: QuerySet[User]) -> Response:
    names = sorted(set(users.values_list("username", flat=True)))
    return Response({"admins": names, "total": len(names)})
