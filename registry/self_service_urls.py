"""Addresses of people: signing in and out, and the pages of SiteAdmins below /my/."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from registry.views.my_hosts import (
    add_address,
    my_host,
    new_token,
    remove_address,
    revoke_token,
)
from registry.views.my_sites import add_reader, my_site, my_sites, new_password, remove_reader

SITE = "sites/<int:site_id>/"
HOST = "hosts/<int:host_id>/"


def personal(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    """Return the address of a page for people who are signed in, which no cache may keep."""
    return path(f"my/{route}", never_cache(login_required(view)), name=name)


app_name = "my"

urlpatterns = [
    path("accounts/login/", LoginView.as_view(template_name="registry/login.html"), name="login"),
    path(
        "accounts/logout/",
        LogoutView.as_view(template_name="registry/logged_out.html"),
        name="logout",
    ),
    personal("", my_sites, "sites"),
    personal(SITE, my_site, "site"),
    personal(f"{SITE}password/", new_password, "password-new"),
    personal(f"{SITE}readers/", add_reader, "reader-add"),
    personal(f"{SITE}readers/<int:right_id>/remove/", remove_reader, "reader-remove"),
    personal(HOST, my_host, "host"),
    personal(f"{HOST}addresses/", add_address, "address-add"),
    personal(f"{HOST}addresses/<int:address_id>/remove/", remove_address, "address-remove"),
    personal(f"{HOST}tokens/", new_token, "token-new"),
    personal(f"{HOST}tokens/<int:token_id>/revoke/", revoke_token, "token-revoke"),
]
