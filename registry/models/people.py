"""How people come in: identities at a provider, invitations, and tokens for their scripts."""

from django.conf import settings
from django.db import models

from registry.models.sites import Site


class OidcIdentity(models.Model):
    """Who somebody is at an OpenID Connect provider.

    The subject names an account for good; names and addresses change and are given to others.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="oidc_identities",
        help_text="The account here.",
    )
    issuer = models.CharField(max_length=255, help_text="The provider, by its issuer address.")
    subject = models.CharField(max_length=255, help_text="The account there (claim “sub”).")
    groups = models.JSONField(
        default=list, blank=True, help_text="The groups that the provider named the last time."
    )
    reason = models.TextField(
        blank=True, editable=False, help_text="Which role the groups gave, and why."
    )
    created_at = models.DateTimeField(help_text="When they first came (UTC).")
    last_seen_at = models.DateTimeField(help_text="When they last signed in (UTC).")

    class Meta:
        ordering = ["issuer", "subject"]
        verbose_name = "OIDC identity"
        verbose_name_plural = "OIDC identities"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], name="registry_oidcidentity_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"


class PersonalToken(models.Model):
    """A secret with which a person's script calls the API; it may do no more than the person."""

    class Scope(models.TextChoices):
        READ = "read", "read"
        WRITE = "write", "read and write"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="personal_tokens",
        help_text="Whose it is.",
    )
    name = models.CharField(max_length=100, help_text="What it is for, in the person's words.")
    prefix = models.CharField(
        max_length=16,
        unique=True,
        editable=False,
        help_text="The public start of the token, by which it is found.",
    )
    token_hash = models.CharField(
        max_length=64, editable=False, help_text="SHA-256 of the token; the token is shown once."
    )
    scope = models.CharField(
        max_length=10, choices=Scope.choices, default=Scope.READ, help_text="What it may do."
    )
    created_at = models.DateTimeField(help_text="When it was issued (UTC).")
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When it ends by itself (UTC); empty means never."
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last used, to the hour (UTC)."
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was revoked (UTC). It is refused since."
    )

    class Meta:
        ordering = ["user", "-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.user}"


class Invitation(models.Model):
    """Somebody is asked to become SiteAdmin of a Site; whoever has the letter may accept.

    The link in the letter is signed and names this row, so nothing secret is stored.
    """

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="invitations", help_text="The Site."
    )
    email = models.EmailField(help_text="Where the letter went.")
    created_at = models.DateTimeField(help_text="When it was sent (UTC).")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who invited.",
    )
    expires_at = models.DateTimeField(help_text="Until when it can be accepted (UTC).")
    accepted_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was accepted (UTC); each is accepted once."
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who accepted.",
    )

    class Meta:
        ordering = ["site", "-created_at"]

    def __str__(self) -> str:
        return f"{self.email} to {self.site}"
