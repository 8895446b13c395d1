"""System checks: combinations of settings that cannot work, reported at start with what to do."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from registry.logic.approval import parse_kinds


@register
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report every bad combination at once."""
    return [*_clusters(), *_addresses(), *_files(), *_approval(), *_provider(), *_messages()]


def _clusters() -> Iterator[CheckMessage]:
    base = settings.Q_CLUSTER
    for name, cluster in {"default": base, **base.get("ALT_CLUSTERS", {})}.items():
        timeout, retry = cluster.get("timeout", 0), cluster.get("retry", 60)
        if retry <= timeout:
            yield Error(
                f"The cluster “{name}” would run a task a second time while it still runs.",
                hint=f"Make its retry ({retry}) greater than its timeout ({timeout}).",
                id="mirrorsite.E001",
            )


def _addresses() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        return
    local = _is_local()
    if settings.BASE_URL.startswith("http:") and not local:
        yield Warning(
            "BASE_URL is not https, so cookies and passwords travel in clear.",
            hint="Put a proxy with TLS in front and set BASE_URL to its https address.",
            id="mirrorsite.W001",
        )
    if settings.PROBE_ALLOW_PRIVATE and not local:
        yield Warning(
            "PROBE_ALLOW_PRIVATE lets owners point the crawler at machines of your own network.",
            hint="Unset it; mark single Hosts as private instead.",
            id="mirrorsite.W002",
        )


def _files() -> Iterator[CheckMessage]:
    for name in ("MIRRORLIST_COUNTRY_MMDB", "MIRRORLIST_ASN_MMDB", "MIRRORLIST_CITY_MMDB"):
        path = getattr(settings, name)
        if path and not Path(path).is_file():
            yield Error(
                f"{name} names a file that does not exist: {path}",
                hint="Correct the path, or or leave it empty to do with the built-in data.",
                id="mirrorsite.E002",
            )


def _approval() -> Iterator[CheckMessage]:
    try:
        parse_kinds(settings.APPROVAL_KINDS)
    except ValueError as error:
        yield Error(
            f"APPROVAL_KINDS cannot be used. {error}",
            hint="Correct the list; leave it empty if nothing shall wait for approval.",
            id="mirrorsite.E003",
        )


def _provider() -> Iterator[CheckMessage]:
    if not settings.OIDC_ISSUER:
        return
    needed = {
        "OIDC_CLIENT_ID": settings.OIDC_RP_CLIENT_ID,
        "OIDC_CLIENT_SECRET": settings.OIDC_RP_CLIENT_SECRET,
        "OIDC_AUTHORIZATION_ENDPOINT": settings.OIDC_OP_AUTHORIZATION_ENDPOINT,
        "OIDC_TOKEN_ENDPOINT": settings.OIDC_OP_TOKEN_ENDPOINT,
        "OIDC_USERINFO_ENDPOINT": settings.OIDC_OP_USER_ENDPOINT,
        "OIDC_JWKS_ENDPOINT": settings.OIDC_OP_JWKS_ENDPOINT,
    }
    if missing := sorted(name for name, value in needed.items() if not value):
        yield Error(
            f"Nobody can sign in through {settings.OIDC_ISSUER}: {', '.join(missing)} is missing.",
            hint="Run manage.py oidc_discover with the issuer's address; it prints what to set.",
            id="mirrorsite.E004",
        )


def _messages() -> Iterator[CheckMessage]:
    if settings.FEDORA_MESSAGING and find_spec("fedora_messaging") is None:
        yield Error(
            "FEDORA_MESSAGING is on, but the package fedora-messaging is not installed.",
            hint="Install it beside Mirrorsite (pip install fedora-messaging), or unset it.",
            id="mirrorsite.E005",
        )
    unset = settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")
    if unset and not settings.DEBUG and not _is_local():
        yield Warning(
            "EMAIL_URL is not set, so nobody gets letters; they wait in the outbox.",
            hint="Set EMAIL_URL to your mail server and NOTIFY_FROM to the address you write from.",
            id="mirrorsite.W003",
        )


def _is_local() -> bool:
    return any(name in settings.BASE_URL for name in ("//127.0.0.1", "//localhost", "//[::1]"))
