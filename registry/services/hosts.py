"""Add Hosts, say which Categories they carry under which URLs, and move them between Sites.

Who may touch a Site or Host is the edges' question. Whether something new waits for an operator
is decided by `registry.logic`, and the reason is stored with it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F

from registry.logic.approval import Kind, judge_new
from registry.logic.owner_fields import HOST, why_refused
from registry.logic.url_claims import judge_url
from registry.logic.urls import normalize_url
from registry.models import (
    Approval,
    Category,
    Event,
    EventKind,
    Host,
    HostCategory,
    HostCategoryUrl,
    HostTransfer,
    Site,
)
from registry.querysets import is_operator
from registry.services.approvals import approval_policy
from registry.services.edits import EditRefusedError, cleaned, saved_once
from registry.services.events import record_event
from registry.services.notifications import queue_emails

HOSTS_PER_SITE = 200
URLS_PER_CATEGORY = 20


def add_host(site: Site, values: Mapping[str, Any], *, actor: User, now: datetime) -> Host:
    """Add a Host to a Site; it may have to wait for an operator.

    Raises EditRefusedError and Django's ValidationError as `registry.services.edits.edit` does.
    """
    by_operator = is_operator(actor)
    if sentence := why_refused(HOST, values, by_operator=by_operator):
        raise EditRefusedError(sentence)
    if site.hosts.count() >= HOSTS_PER_SITE and not by_operator:
        raise EditRefusedError(f"A Site has at most {HOSTS_PER_SITE} Hosts. Ask an operator.")
    admission = judge_new(Kind.HOST, by_operator=by_operator, policy=approval_policy())
    host = Host(
        site=site,
        **cleaned(HOST, values),
        approval=Approval.PENDING if admission.waits else Approval.APPROVED,
        approval_reason=admission.sentence,
    )
    host.full_clean()
    with saved_once(), transaction.atomic():
        host.save()
        record_event(
            host,
            EventKind.CREATED,
            f"{actor} added the Host “{host}”. {admission.sentence}",
            now=now,
            actor=actor,
            facts={"approval": host.approval},
        )
    return host


def carry(host: Host, category: Category, *, actor: User, now: datetime) -> HostCategory:
    """Say that a Host carries a Category; raise EditRefusedError if it does or may not.

    Categories that only operators may give are refused to others.
    """
    if category.admin_only and not is_operator(actor):
        raise EditRefusedError(f"Only operators let a Host carry “{category}”. Ask one.")
    with transaction.atomic():
        row, new = HostCategory.objects.get_or_create(host=host, category=category)
        if not new:
            raise EditRefusedError(f"“{host}” carries “{category}” already.")
        _note(row, EventKind.CREATED, f"{actor} added “{category}”.", actor=actor, now=now)
    return row


def stop_carrying(row: HostCategory, *, actor: User, now: datetime) -> None:
    """Say that a Host no longer carries a Category; its URLs and what is known of it go."""
    with transaction.atomic():
        sentence = f"{actor} removed “{row.category}”."
        _note(row, EventKind.DELETED, sentence, actor=actor, now=now)
        row.delete()


def add_url(
    row: HostCategory, text: str, *, private: bool = False, actor: User, now: datetime
) -> HostCategoryUrl:
    """Add a URL under which a Host offers a Category; one with a strange host name waits.

    Raises EditRefusedError, with a sentence, if it is no URL or somebody has it already.
    """
    if private and not is_operator(actor):
        raise EditRefusedError("Only operators may change private.")
    if row.urls.count() >= URLS_PER_CATEGORY:
        raise EditRefusedError(f"A Category has at most {URLS_PER_CATEGORY} URLs on one Host.")
    return _store_url(row, _checked(text, row), private=private, actor=actor, now=now)


def change_url(url: HostCategoryUrl, text: str, *, actor: User, now: datetime) -> HostCategoryUrl:
    """Give a URL another address; what was found at the old one is forgotten.

    A private one stays private. Raises EditRefusedError as `add_url` does.
    """
    row = url.host_category
    wanted = _checked(text, row, besides=url)
    if wanted == url.url:
        return url
    with transaction.atomic():
        remove_url(url, actor=actor, now=now)
        return _store_url(row, wanted, private=url.private, actor=actor, now=now)


def remove_url(url: HostCategoryUrl, *, actor: User, now: datetime) -> None:
    """Take a URL away; clients get it until the next snapshot."""
    with transaction.atomic():
        _note(url, EventKind.DELETED, f"{actor} removed {url.url}.", actor=actor, now=now)
        url.delete()


def offer_host(host: Host, site_name: str, *, actor: User, now: datetime) -> HostTransfer:
    """Offer a Host to another Site; it moves when a SiteAdmin there accepts. They are written to.

    A later offer replaces an earlier one. Raises EditRefusedError if there is no such Site.
    """
    wanted = site_name.strip()
    to_site = None if "\0" in wanted else Site.objects.active().filter(name=wanted).first()
    if to_site is None:
        raise EditRefusedError(
            "There is no active Site of exactly this name. Ask its people how it is written."
        )
    if to_site == host.site:
        raise EditRefusedError(f"“{host}” belongs to “{to_site}” already.")
    with transaction.atomic():
        offer, _ = HostTransfer.objects.update_or_create(
            host=host, defaults={"to_site": to_site, "created_at": now, "created_by": actor}
        )
        sentence = f"{actor} offered “{host}” to “{to_site}”."
        _note(host, EventKind.CHANGED, sentence, actor=actor, now=now)
        event = _note(to_site, EventKind.CHANGED, sentence, actor=actor, now=now)
        queue_emails(event, site=to_site)
    return offer


def accept_host(offer: HostTransfer, *, actor: User, now: datetime) -> Host:
    """Move an offered Host, with all it has, to the Site that it was offered to.

    Tokens of the Host end: people of the old Site have them. They are written to. Raises
    EditRefusedError if the offer was withdrawn meanwhile, the Site has a Host of this name, or it
    is full.
    """
    host, to_site = offer.host, offer.to_site
    old = host.site
    if to_site.hosts.filter(name__iexact=host.name).exclude(pk=host.pk).exists():
        raise EditRefusedError(f"“{to_site}” has a Host “{host}” already. Rename one of them.")
    if to_site.hosts.count() >= HOSTS_PER_SITE and not is_operator(actor):
        raise EditRefusedError(f"A Site has at most {HOSTS_PER_SITE} Hosts. Ask an operator.")
    with transaction.atomic():
        if not HostTransfer.objects.filter(pk=offer.pk, to_site=to_site).delete()[0]:
            raise EditRefusedError("The offer was withdrawn in the meantime.")
        Host.objects.filter(pk=host.pk).update(site=to_site, revision=F("revision") + 1)
        host.tokens.filter(revoked_at=None).update(revoked_at=now)
        sentence = f"“{host}” moved from “{old}” to “{to_site}”; {actor} accepted it."
        event = _note(old, EventKind.CHANGED, sentence, actor=actor, now=now)
        queue_emails(event, site=old)
        host.refresh_from_db()
        _note(host, EventKind.CHANGED, sentence, actor=actor, now=now)
    return host


def withdraw_offer(offer: HostTransfer, *, actor: User, now: datetime) -> None:
    """Take back or decline an offer; the Host stays where it is."""
    with transaction.atomic():
        sentence = f"{actor} ended the offer of “{offer.host}” to “{offer.to_site}”."
        _note(offer.host, EventKind.CHANGED, sentence, actor=actor, now=now)
        offer.delete()


def _store_url(
    row: HostCategory, url: str, *, private: bool, actor: User, now: datetime
) -> HostCategoryUrl:
    """Write a new URL, pending or not; raise EditRefusedError if somebody was faster."""
    admission = _judge(url, row, actor=actor)
    try:
        with transaction.atomic():
            created = HostCategoryUrl.objects.create(
                host_category=row,
                url=url,
                private=private,
                approval=Approval.PENDING if admission.waits else Approval.APPROVED,
                approval_reason=admission.sentence,
            )
            sentence = f"{actor} added {url}. {admission.sentence}"
            facts = {"approval": created.approval}
            record_event(created, EventKind.CREATED, sentence, now=now, actor=actor, facts=facts)
    except IntegrityError as error:
        raise EditRefusedError(_taken(url, row)) from error
    return created


def _checked(text: str, row: HostCategory, *, besides: HostCategoryUrl | None = None) -> str:
    """Return a URL in its canonical form; raise EditRefusedError if nobody may have it here."""
    try:
        url = normalize_url(text)
    except ValueError as error:
        raise EditRefusedError(str(error)) from error
    if len(url) > 500:
        raise EditRefusedError("A URL has at most 500 characters.")
    others = HostCategoryUrl.objects.filter(url=url)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        raise EditRefusedError(_taken(url, row))
    return url


def _taken(url: str, row: HostCategory) -> str:
    """Say that a URL is taken; whose it is, only its own people learn."""
    own = HostCategoryUrl.objects.filter(url=url, host_category__host__site=row.host.site).first()
    if own is not None:
        return f"{url} is a URL of {own.host_category} already."
    return f"{url} belongs to another mirror already. If it is yours, ask an operator."


def _judge(url: str, row: HostCategory, *, actor: User) -> Any:
    known = HostCategoryUrl.objects.approved().filter(host_category__host=row.host)
    return judge_new(
        Kind.URL,
        by_operator=is_operator(actor),
        policy=approval_policy(),
        claim=judge_url(
            url,
            host_name=row.host.name,
            known_urls=known.values_list("url", flat=True),
            host_waits=row.host.approval == Approval.PENDING,
        ),
    )


def _note(subject: Any, kind: EventKind, sentence: str, *, actor: User, now: datetime) -> Event:
    return record_event(subject, kind, sentence, now=now, actor=actor)
