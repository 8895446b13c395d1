"""How Hosts become nodes and prove who they are. What a node holds is the business of `sync`."""

from django.conf import settings
from django.db import models

from registry.models.approval import Approvable
from registry.models.content import Category
from registry.models.hosts import Host
from registry.querysets import EnrolRequestQuerySet


class PairingCode(models.Model):
    """A one-time secret that turns a Host into a node."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="pairing_codes", help_text="The Host to pair."
    )
    code_hash = models.CharField(
        max_length=64, unique=True, editable=False, help_text="Keyed hash; the code is shown once."
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was issued (UTC).")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who issued it.",
    )
    expires_at = models.DateTimeField(help_text="When it stops working (UTC).")
    redeemed_at = models.DateTimeField(null=True, blank=True, help_text="When it was used (UTC).")
    redeemed_ip = models.GenericIPAddressField(
        null=True, blank=True, help_text="The address it was used from."
    )
    attempts = models.PositiveIntegerField(default=0, help_text="How often it was tried.")
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="When it was revoked (UTC).")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"pairing code for {self.host}"


class NodeKey(models.Model):
    """What a node signs in with. Two may be valid at a time, so that a key can be changed."""

    class Kind(models.TextChoices):
        CURRENT = "current", "current"
        LEGACY = "legacy", "legacy protocol"

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="node_keys", help_text="The node."
    )
    prefix = models.CharField(
        max_length=16, unique=True, help_text="The public start of the key, by which it is found."
    )
    key_hash = models.CharField(
        max_length=64, editable=False, help_text="SHA-256 of the key; the key is shown once."
    )
    kind = models.CharField(
        max_length=10, choices=Kind.choices, default=Kind.CURRENT, help_text="Who made the key."
    )
    scopes = models.JSONField(default=list, blank=True, help_text="What the key may do.")
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was issued (UTC).")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="When it ends (UTC).")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="Last use (UTC).")
    last_ip = models.GenericIPAddressField(
        null=True, blank=True, help_text="Address of the last use."
    )
    revoked_at = models.DateTimeField(null=True, blank=True, help_text="When it was revoked (UTC).")
    revoked_reason = models.TextField(blank=True, help_text="Why it was revoked.")

    class Meta:
        ordering = ["host", "-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.host}"


class EnrolRequest(Approvable):
    """A machine that asks to become a node and waits for an operator to compare its code."""

    device_code_hash = models.CharField(
        max_length=64,
        unique=True,
        editable=False,
        help_text="Hash of the secret the machine polls with.",
    )
    user_code = models.CharField(
        max_length=20,
        help_text="The code on the machine's console; the operator must see the same.",
    )
    claimed_name = models.CharField(max_length=255, help_text="What the machine calls itself.")
    source_ip = models.GenericIPAddressField(help_text="Where the request came from.")
    description = models.JSONField(
        default=dict, blank=True, help_text="Storage, addresses and software the machine told."
    )
    host = models.ForeignKey(
        Host,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="enrol_requests",
        help_text="The Host it became.",
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it asked (UTC).")
    expires_at = models.DateTimeField(help_text="When the request is forgotten (UTC).")

    objects = EnrolRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.claimed_name} from {self.source_ip}"


class Registration(models.Model):
    """The entry of a Host in another project's own mirror list."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        SUBMITTED = "submitted", "submitted"
        LISTED = "listed", "listed"
        SUSPENDED = "suspended", "suspended"
        WITHDRAWN = "withdrawn", "withdrawn"

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="registrations", help_text="The Host."
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="registrations", help_text="The Category."
    )
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.DRAFT, help_text="How far it is."
    )
    reference = models.CharField(
        max_length=500, blank=True, help_text="Ticket, merge request or page of the entry."
    )
    note = models.TextField(blank=True, help_text="What to remember.")
    changed_at = models.DateTimeField(auto_now=True, help_text="Last change (UTC).")

    class Meta:
        ordering = ["host", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["host", "category"], name="registry_registration_host_category"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} at {self.category}: {self.state}"
