"""With what Hosts prove who they are when they check in, and what was tried in vain."""

from django.conf import settings
from django.db import models

from registry.models.hosts import Host
from registry.models.sites import Site


class HostToken(models.Model):
    """A secret with which a Host calls the API. Several may be valid, so that one can follow on."""

    class Scope(models.TextChoices):
        CHECK_IN = "check-in", "check in"

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="tokens", help_text="Who may use it."
    )
    prefix = models.CharField(
        max_length=16,
        unique=True,
        editable=False,
        help_text="The public start of the token, by which it is found.",
    )
    token_hash = models.CharField(
        max_length=64, editable=False, help_text="SHA-256 of the token; the token is shown once."
    )
    scopes = models.JSONField(
        default=list, blank=True, editable=False, help_text="What the token may do."
    )
    created_at = models.DateTimeField(help_text="When it was issued (UTC).")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who issued it; nobody means a command.",
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last used, to the hour (UTC)."
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was revoked (UTC). It is refused since."
    )

    class Meta:
        ordering = ["host", "-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.host}"


class WrongPassword(models.Model):
    """One wrong check-in password from one network, known by a keyed fingerprint only.

    Rows live for an hour or so: they say which passwords need not be tried again, and who guesses.
    """

    network = models.CharField(
        max_length=49, help_text="Where it came from: an IPv4 address or an IPv6 /64."
    )
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The Site it was tried for; none if there is no Site of that name.",
    )
    fingerprint = models.CharField(max_length=64, help_text="Keyed hash of what was tried.")
    times = models.PositiveIntegerField(default=1, help_text="How often it was tried.")
    first_at = models.DateTimeField(help_text="When it was first tried (UTC).")
    last_at = models.DateTimeField(help_text="When it was last tried (UTC).")

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "fingerprint"], name="registry_wrongpassword_once"
            )
        ]
        indexes = [
            models.Index(fields=["network", "last_at"], name="registry_wrongpassword_network"),
            models.Index(fields=["site", "last_at"], name="registry_wrongpassword_site"),
        ]

    def __str__(self) -> str:
        return f"{self.times} × from {self.network}"
