"""Who runs mirrors: Sites, the users who may edit them, and the sponsors behind them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from registry.models.approval import Approvable
from registry.querysets import SiteQuerySet


class Site(Approvable):
    """An organization that runs mirrors; the unit of permission."""

    name = models.CharField(
        max_length=200, help_text="Name of the organization; also its name at check-in."
    )
    password = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="Hash of the check-in password. The password itself is shown once.",
    )
    organization_url = models.URLField(
        blank=True, help_text="Home page, linked from the public list of mirrors."
    )
    private = models.BooleanField(
        default=False,
        help_text="All Hosts of this Site count as private: they stay out of public lists and "
        "report themselves.",
    )
    admin_active = models.BooleanField(
        default=True,
        help_text="The operators' switch. Off takes all Hosts of the Site out of service.",
    )
    user_active = models.BooleanField(
        default=True,
        help_text="The SiteAdmins' switch. Off takes all Hosts of the Site out of service.",
    )
    all_sites_can_pull_from_me = models.BooleanField(
        default=False, help_text="Every other Site may copy from the Hosts of this one."
    )
    downstream_comments = models.TextField(
        blank=True, help_text="What those who copy from this Site should know."
    )
    created_at = models.DateTimeField(
        auto_now_add=True, help_text="When the Site registered (UTC)."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who registered the Site.",
    )

    revision = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Counts the changes people made, to notice two at once.",
    )

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="registry_site_name",
                violation_error_message="A Site of this name exists already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SiteAdmin(models.Model):
    """A user who may edit a Site and everything that belongs to it."""

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="admins", help_text="The Site they may edit."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="site_adminships",
        help_text="The user who may edit it.",
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text="Since when (UTC).")

    class Meta:
        ordering = ["site", "user"]
        verbose_name = "SiteAdmin"
        verbose_name_plural = "SiteAdmins"
        constraints = [
            models.UniqueConstraint(fields=["site", "user"], name="registry_siteadmin_site_user")
        ]

    def __str__(self) -> str:
        return f"{self.user} of {self.site}"


class SiteToSite(models.Model):
    """One Site may copy from another: its SiteAdmins may read the other's private URLs."""

    upstream = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="downstreams", help_text="Who is copied from."
    )
    downstream = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="upstreams", help_text="Who copies."
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text="Since when (UTC).")

    class Meta:
        ordering = ["upstream", "downstream"]
        verbose_name = "site-to-site right"
        constraints = [
            models.UniqueConstraint(
                fields=["upstream", "downstream"], name="registry_sitetosite_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(upstream=models.F("downstream")),
                name="registry_sitetosite_two_sites",
                violation_error_message="A Site needs no right to read itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.downstream} copies from {self.upstream}"


class Sponsor(models.Model):
    """Somebody who gives hardware, bandwidth or money and is thanked for it in public."""

    name = models.CharField(max_length=200, unique=True, help_text="Name as shown in public.")
    url = models.URLField(blank=True, help_text="Where the thank-you links to.")
    logo_url = models.URLField(blank=True, help_text="Logo shown beside the name.")
    contact = models.EmailField(
        blank=True, help_text="Whom operators write to; never shown in public."
    )
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sponsors",
        help_text="The Site of the sponsor, if it runs mirrors itself.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
