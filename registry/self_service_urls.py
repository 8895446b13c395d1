"""Addresses of people: signing in and out, and the pages of SiteAdmins below /my/."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from registry.views import accounts
from registry.views.my_account import (
    ChangePassword,
    my_account,
    new_personal_token,
    revoke_own_token,
)
from registry.views.my_add import add_a_mirror
from registry.views.my_carriage import (
    carriage,
    delete_url,
    edit_url,
    new_url,
    remove_category,
)
from registry.views.my_clients import (
    clients,
    delete_country,
    delete_netblock,
    delete_peer,
    netblocks,
    new_country,
    new_peer,
)
from registry.views.my_host import my_host, my_host_lint
from registry.views.my_host_edit import (
    accept_offer,
    decline_offer,
    delete_host,
    edit_host,
    new_host,
    offer,
    turn_host,
    withdraw_own_offer,
)
from registry.views.my_hosts import (
    add_address,
    new_token,
    remove_address,
    revoke_token,
)
from registry.views.my_notifications import my_notifications, unsubscribe_page
from registry.views.my_people import remove_person, site_people, withdraw
from registry.views.my_questions import answer_question
from registry.views.my_site_edit import delete_site, edit_site, new_site
from registry.views.my_sites import add_reader, my_site, my_sites, new_password, remove_reader
from registry.views.my_webhooks import (
    my_webhook,
    my_webhooks,
    new_webhook_secret,
    remove_my_webhook,
    switch_my_webhook,
    try_my_webhook,
)

SITE = "sites/<int:site_id>/"
HOST = "hosts/<int:host_id>/"
COPY = f"{HOST}categories/<int:copy_id>/"
URL = f"{COPY}urls/<int:url_id>/"
WEBHOOK = f"{SITE}webhooks/<int:webhook_id>/"


def personal(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    """Return the address of a page for people who are signed in, which no cache may keep."""
    return path(f"my/{route}", never_cache(login_required(view)), name=name)


app_name = "my"

urlpatterns = [
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/signed-out/", accounts.signed_out, name="logged-out"),
    path("accounts/register/", accounts.register_account, name="register"),
    path("accounts/confirm/<str:text>/", accounts.confirm_address, name="confirm"),
    path("accounts/password/", accounts.forgotten_password, name="password-reset"),
    path(
        "accounts/password/<str:uidb64>/<str:token>/",
        accounts.ChoosePassword.as_view(),
        name="password-choose",
    ),
    path("accounts/invitation/<str:text>/", accounts.invitation, name="invitation"),
    personal("account/", my_account, "account"),
    personal("account/password/", ChangePassword.as_view(), "password-change"),
    personal("account/tokens/", new_personal_token, "own-token-new"),
    personal("account/tokens/<int:own_token_id>/revoke/", revoke_own_token, "own-token-revoke"),
    path("unsubscribe/<str:token>/", never_cache(unsubscribe_page), name="unsubscribe"),
    personal("", my_sites, "sites"),
    personal("add/", add_a_mirror, "add"),
    personal("notifications/", my_notifications, "notifications"),
    personal("sites/new/", new_site, "site-new"),
    personal(SITE, my_site, "site"),
    personal(f"{SITE}edit/", edit_site, "site-edit"),
    personal(f"{SITE}delete/", delete_site, "site-delete"),
    personal(f"{SITE}hosts/new/", new_host, "host-new"),
    personal(f"{SITE}password/", new_password, "password-new"),
    personal(f"{SITE}people/", site_people, "people"),
    personal(f"{SITE}people/<int:admin_id>/remove/", remove_person, "person-remove"),
    personal(
        f"{SITE}people/invitations/<int:invitation_id>/withdraw/", withdraw, "invitation-withdraw"
    ),
    personal(f"{SITE}questions/<int:question_id>/answer/", answer_question, "question-answer"),
    personal(f"{SITE}readers/", add_reader, "reader-add"),
    personal(f"{SITE}readers/<int:right_id>/remove/", remove_reader, "reader-remove"),
    personal(f"{SITE}webhooks/", my_webhooks, "webhooks"),
    personal(WEBHOOK, my_webhook, "webhook"),
    personal(f"{WEBHOOK}try/", try_my_webhook, "webhook-try"),
    personal(f"{WEBHOOK}switch/", switch_my_webhook, "webhook-switch"),
    personal(f"{WEBHOOK}secret/", new_webhook_secret, "webhook-secret"),
    personal(f"{WEBHOOK}remove/", remove_my_webhook, "webhook-remove"),
    personal(HOST, my_host, "host"),
    personal(f"{HOST}lint/", my_host_lint, "host-lint"),
    personal(f"{HOST}edit/", edit_host, "host-edit"),
    personal(f"{HOST}switch/", turn_host, "host-switch"),
    personal(f"{HOST}delete/", delete_host, "host-delete"),
    personal(f"{HOST}offer/", offer, "offer"),
    personal(f"{HOST}offer/withdraw/", withdraw_own_offer, "offer-withdraw"),
    personal("offers/<int:offer_id>/accept/", accept_offer, "offer-accept"),
    personal("offers/<int:offer_id>/decline/", decline_offer, "offer-decline"),
    personal(f"{HOST}categories/", carriage, "carriage"),
    personal(f"{COPY}remove/", remove_category, "category-remove"),
    personal(f"{COPY}urls/", new_url, "url-new"),
    personal(URL, edit_url, "url-edit"),
    personal(f"{URL}remove/", delete_url, "url-remove"),
    personal(f"{HOST}clients/", clients, "clients"),
    personal(f"{HOST}netblocks/", netblocks, "netblocks"),
    personal(f"{HOST}netblocks/<int:netblock_id>/remove/", delete_netblock, "netblock-remove"),
    personal(f"{HOST}countries/<slug:kind>/", new_country, "country-add"),
    personal(
        f"{HOST}countries/<slug:kind>/<int:country_id>/remove/", delete_country, "country-remove"
    ),
    personal(f"{HOST}peers/", new_peer, "peer-add"),
    personal(f"{HOST}peers/<int:peer_id>/remove/", delete_peer, "peer-remove"),
    personal(f"{HOST}addresses/", add_address, "address-add"),
    personal(f"{HOST}addresses/<int:address_id>/remove/", remove_address, "address-remove"),
    personal(f"{HOST}tokens/", new_token, "token-new"),
    personal(f"{HOST}tokens/<int:token_id>/revoke/", revoke_token, "token-revoke"),
]
