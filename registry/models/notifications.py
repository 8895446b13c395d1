"""Who is told of what happened, how they want to be told, and the outbox of all messages.

Written by services only; nothing here decides anything.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from registry.logic.notifications.topics import TOPICS
from registry.models.events import Event
from registry.models.sites import Site
from registry.querysets import NotificationQuerySet

DIGEST = "digest"
DEFAULT_DIGEST_HOUR = 7


class NotificationPreference(models.Model):
    """How one person, or one bare address, wants to be told. Without a row the defaults hold."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="notification_preference",
        help_text="The person; empty for an address without an account.",
    )
    address = models.EmailField(
        null=True,
        blank=True,
        unique=True,
        help_text="The contact address of Hosts, if nobody signs in with it.",
    )
    paces = models.JSONField(
        default=dict,
        blank=True,
        help_text="Topic → immediate, digest or never; topics that are not named have the default.",
    )
    digest_hour = models.PositiveSmallIntegerField(
        default=DEFAULT_DIGEST_HOUR,
        validators=[MaxValueValidator(23)],
        help_text="The hour (UTC, 0 to 23) of the daily digest.",
    )
    language = models.CharField(
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        help_text="The language of letters; empty for that in which they last signed in.",
    )
    seen_language = models.CharField(
        max_length=10,
        blank=True,
        editable=False,
        help_text="The language of the page on which they last signed in.",
    )

    class Meta:
        ordering = ["user", "address"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None) ^ models.Q(address=None),
                name="registry_notificationpreference_one_owner",
                violation_error_message="Name a user or an address, not both.",
            )
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.user or self.address}"


class Webhook(models.Model):
    """An address of somebody's program that is told, signed, of Events of a Site or of all."""

    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="webhooks",
        help_text="The Site whose Events it gets; empty for those of the whole network.",
    )
    url = models.URLField(max_length=500, help_text="Where the Events are posted.")
    kinds = models.JSONField(default=list, blank=True, help_text="The kinds of Event it gets.")
    active = models.BooleanField(default=True, help_text="Whether it gets anything.")
    secret_salt = models.CharField(
        max_length=64,
        editable=False,
        help_text="From this and the key of the installation its secret follows.",
    )
    created_at = models.DateTimeField(editable=False, help_text="When it was added (UTC).")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who added it.",
    )
    last_tried_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was last called (UTC)."
    )
    last_result = models.TextField(
        blank=True, editable=False, help_text="What became of the last call."
    )
    failing_since_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when every call failed (UTC)."
    )

    class Meta:
        ordering = ["site", "url"]

    def __str__(self) -> str:
        return f"{self.url} for {self.site or 'the whole network'}"


class Notification(models.Model):
    """One recipient to be told of one Event by one channel: the outbox of the notifier."""

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"
        WEBHOOK = "webhook", "webhook"
        BUS = "bus", "message bus"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        FAILED = "failed", "given up"

    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, related_name="notifications", help_text="What happened."
    )
    channel = models.CharField(
        max_length=10, choices=Channel.choices, help_text="How they are told."
    )
    recipient = models.CharField(
        max_length=500, help_text="Address, URL, or topic of the message bus."
    )
    topic = models.CharField(
        max_length=20,
        blank=True,
        choices=[(topic.value, rule.label) for topic, rule in TOPICS.items()],
        help_text="What it is about, as people choose it.",
    )
    role = models.CharField(max_length=10, blank=True, help_text="As what they are told.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The person behind an address, if it has an account.",
    )
    webhook = models.ForeignKey(
        Webhook,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
        help_text="The webhook that is called.",
    )
    bundle = models.CharField(
        max_length=50,
        blank=True,
        help_text="What goes into one letter: empty, the digest, or one message of operators.",
    )
    payload = models.JSONField(
        default=dict, blank=True, help_text="The body, for webhooks and the message bus."
    )
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.WAITING, help_text="How far it is."
    )
    due_at = models.DateTimeField(help_text="Not before this moment (UTC).")
    attempts = models.PositiveIntegerField(default=0, help_text="How often it was tried.")
    reason = models.TextField(blank=True, help_text="Why it is where it is.")
    letter = models.UUIDField(
        null=True,
        blank=True,
        db_index=True,
        help_text="Those that were claimed and sent together share it.",
    )
    lease_until_at = models.DateTimeField(
        null=True, blank=True, help_text="When its sender is taken for dead (UTC)."
    )
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it was sent (UTC).")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "channel", "recipient"],
                condition=models.Q(webhook=None),
                name="registry_notification_once",
            ),
            models.UniqueConstraint(
                fields=["event", "webhook"],
                condition=models.Q(webhook__isnull=False),
                name="registry_notification_webhook_once",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "state", "due_at"], name="registry_notification_due"),
            models.Index(fields=["recipient", "-sent_at"], name="registry_notification_to"),
            models.Index(fields=["webhook", "-id"], name="registry_notification_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.recipient}"
