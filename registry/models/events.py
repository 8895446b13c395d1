"""What happened. Written by services only; nothing here decides anything."""

from django.conf import settings
from django.db import models

from registry.models.hosts import Host
from registry.models.sites import Site
from registry.querysets import EventQuerySet


class EventKind(models.TextChoices):
    """What kind of thing happened. Add one here before a service writes it."""

    CREATED = "created", "created"
    CHANGED = "changed", "changed"
    DELETED = "deleted", "deleted"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    ASKED = "asked", "operator asked the owner"
    ANSWERED = "answered", "owner answered"
    URL_FAILED = "url_failed", "URL failed"
    URL_RECOVERED = "url_recovered", "URL recovered"
    CERTIFICATE_EXPIRING = "certificate_expiring", "certificate expires soon"
    SYSTEM_DISABLED = "system_disabled", "taken out of service by the system"
    SYSTEM_RECOVERED = "system_recovered", "back in service by itself"
    PLACE_HINT = "place_hint", "country to be checked"
    CHECKED_IN = "checked_in", "checked in"
    CHECK_IN_IGNORED = "check_in_ignored", "check-in without effect"
    CHECK_IN_OUTDATED = "check_in_outdated", "changed since the last check-in"
    CHECK_IN_MISSED = "check_in_missed", "check-in is missed"
    CHECK_IN_EXPIRED = "check_in_expired", "last check-in has expired"
    CREDENTIAL_ISSUED = "credential_issued", "password or token issued"
    CREDENTIAL_REVOKED = "credential_revoked", "token revoked"
    ADMIN_INVITED = "admin_invited", "SiteAdmin invited"
    ADMIN_ADDED = "admin_added", "SiteAdmin added"
    ADMIN_REMOVED = "admin_removed", "SiteAdmin removed"
    RANGES_REFUSED = "ranges_refused", "cloud ranges not believed"
    SCAN_REFUSED = "scan_refused", "master scan refused"
    SNAPSHOT_REFUSED = "snapshot_refused", "snapshot refused"
    IMPORTED = "imported", "imported from a network file"
    MESSAGE = "message", "operators wrote to the owners"
    WEBHOOK_TESTED = "webhook_tested", "webhook was tried"
    WEBHOOK_DISABLED = "webhook_disabled", "webhook was switched off after failures"


class Event(models.Model):
    """One thing that happened to a Site, a Host or something else, with its reason."""

    at = models.DateTimeField(db_index=True, help_text="When it happened (UTC).")
    kind = models.CharField(max_length=30, choices=EventKind.choices, help_text="What happened.")
    sentence = models.TextField(help_text="What happened and why, for people.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who did it; nobody means the system.",
    )
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
        help_text="The Site it happened to.",
    )
    host = models.ForeignKey(
        Host,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
        help_text="The Host it happened to.",
    )
    subject = models.CharField(
        max_length=300, help_text="What it happened to, in words that outlive the object."
    )
    thing = models.CharField(
        max_length=40, blank=True, help_text="What kind of object it happened to, for programs."
    )
    facts = models.JSONField(
        default=dict, blank=True, help_text="Machine-readable facts, for example before and after."
    )

    routed = models.BooleanField(
        default=False,
        help_text="Whether webhooks, the message bus and operators got what they asked for.",
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["host", "-at"], name="registry_event_host_at"),
            models.Index(fields=["subject", "-at"], name="registry_event_subject_at"),
            models.Index(
                fields=["id"], condition=models.Q(routed=False), name="registry_event_unrouted"
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
