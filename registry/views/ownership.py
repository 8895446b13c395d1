"""Which Sites and Hosts a request may touch. Every page of SiteAdmins looks them up here.

What belongs to somebody else is not found, so that nobody learns what exists.
"""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from registry.models import Host, Site
from registry.services.standing import NEEDED


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


def managed_site(request: SignedInRequest, site_id: int) -> Site:
    return get_object_or_404(Site.objects.managed_by(request.user), pk=site_id)


def managed_host(request: SignedInRequest, host_id: int) -> Host:
    hosts = Host.objects.managed_by(request.user).select_related(*NEEDED)
    return get_object_or_404(hosts, pk=host_id)
