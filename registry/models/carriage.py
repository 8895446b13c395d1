"""Which Host carries which Category, under which URLs, and what it has of it."""

from contextlib import suppress
from datetime import datetime

from django.db import models

from registry.bitmaps import BitmapField
from registry.logic.urls import normalize_url
from registry.models.approval import Approvable
from registry.models.content import Category, Directory
from registry.models.hosts import Host
from registry.querysets import HostCategoryQuerySet, HostCategoryUrlQuerySet
from registry.validators import validate_base_url


class HostCategory(models.Model):
    """This Host carries this Category, and this is the set of Directories it has up2date."""

    host = models.ForeignKey(
        Host, on_delete=models.CASCADE, related_name="host_categories", help_text="The Host."
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.CASCADE,
        related_name="host_categories",
        help_text="The Category it carries.",
    )
    always_up2date = models.BooleanField(
        default=False,
        help_text="Take the copy for up2date without looking, as with a CDN. It is never crawled.",
    )
    up2date = BitmapField(help_text="Ids of the Directories that the Host has, current.")
    up2date_revision = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Counts the changes of the set, to notice concurrent ones.",
    )
    up2date_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the set last changed (UTC)."
    )
    up2date_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="Number of Directories up2date."
    )
    issue_count = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text="Number of Directories with something wrong, stored or not.",
    )
    last_crawled_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When this Category was last crawled (UTC).",
    )
    last_checked_in_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the Host last reported this Category itself (UTC).",
    )
    silent_since_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when the master has changes that a private Host has not reported (UTC).",
    )
    silence_warned_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the SiteAdmins were told of that silence (UTC).",
    )
    behind = models.DurationField(
        "behind the master",
        null=True,
        blank=True,
        editable=False,
        help_text="How much older the newest metadata it has is than the newest of the master; "
        "empty means that nothing is known.",
    )
    reason = models.TextField(
        blank=True,
        editable=False,
        help_text="What the last crawl or check-in found, in one sentence.",
    )

    objects = HostCategoryQuerySet.as_manager()

    class Meta:
        ordering = ["host", "category"]
        verbose_name_plural = "host categories"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "category"], name="registry_hostcategory_host_category"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category} on {self.host}"

    @property
    def self_reported_at(self) -> datetime | None:
        """When somebody last learned what the Host has: it told, or it was crawled before."""
        return self.last_checked_in_at or self.last_crawled_at


class UrlState(models.TextChoices):
    """What the last probes of a URL found."""

    UNKNOWN = "unknown", "not probed yet"
    WORKING = "working", "working"
    FAILING = "failing", "failing"


class FamilyState(models.TextChoices):
    """Whether a URL can be reached by one family of addresses."""

    UNKNOWN = "unknown", "not probed yet"
    WORKING = "working", "working"
    FAILING = "failing", "failing"
    ABSENT = "absent", "no address"


class HostCategoryUrl(Approvable):
    """One URL under which a Host offers a Category.

    One with a host name that the Host did not have before waits for an operator.
    """

    host_category = models.ForeignKey(
        HostCategory,
        on_delete=models.CASCADE,
        related_name="urls",
        help_text="What the URL leads to.",
    )
    url = models.CharField(
        max_length=500,
        unique=True,
        validators=[validate_base_url],
        help_text="Address of the Category's top directory on the Host: https, http, rsync or ftp.",
    )
    private = models.BooleanField(
        default=False, help_text="For crawling and for other mirrors only; clients never get it."
    )
    state = models.CharField(
        max_length=10,
        choices=UrlState.choices,
        default=UrlState.UNKNOWN,
        editable=False,
        help_text="What the last probes found.",
    )
    reason = models.TextField(
        blank=True, editable=False, help_text="Why it is in that state, in one sentence."
    )
    consecutive_failures = models.PositiveIntegerField(
        default=0, editable=False, help_text="Failed visits since the last good one."
    )
    failing_since_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it fails (UTC)."
    )
    last_success_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it last worked (UTC)."
    )
    last_probed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was last tried (UTC)."
    )
    canary_failures = models.PositiveIntegerField(
        default=0, editable=False, help_text="Canaries in a row that found it out of reach."
    )
    ipv4_state = models.CharField(
        "IPv4",
        max_length=10,
        choices=FamilyState.choices,
        default=FamilyState.UNKNOWN,
        editable=False,
        help_text="Whether it can be reached by IPv4.",
    )
    ipv4_reason = models.TextField(
        "IPv4 reason", blank=True, editable=False, help_text="Why, in one sentence."
    )
    ipv4_failures = models.PositiveIntegerField(
        "IPv4 failures",
        default=0,
        editable=False,
        help_text="Canaries in a row that did not reach it by IPv4.",
    )
    ipv6_state = models.CharField(
        "IPv6",
        max_length=10,
        choices=FamilyState.choices,
        default=FamilyState.UNKNOWN,
        editable=False,
        help_text="Whether it can be reached by IPv6.",
    )
    ipv6_reason = models.TextField(
        "IPv6 reason", blank=True, editable=False, help_text="Why, in one sentence."
    )

    ipv6_failures = models.PositiveIntegerField(
        "IPv6 failures",
        default=0,
        editable=False,
        help_text="Canaries in a row that did not reach it by IPv6.",
    )
    certificate_until_at = models.DateTimeField(
        "certificate valid until",
        null=True,
        blank=True,
        editable=False,
        help_text="When the certificate ends that the last visits saw (UTC).",
    )
    certificate_reason = models.TextField(
        "certificate",
        blank=True,
        editable=False,
        help_text="What is wrong with it, or soon will be, in one sentence.",
    )

    objects = HostCategoryUrlQuerySet.as_manager()

    class Meta:
        ordering = ["host_category", "id"]
        verbose_name = "host category URL"

    def __str__(self) -> str:
        return self.url

    def clean(self) -> None:
        with suppress(ValueError):  # the field's validator says what is wrong
            self.url = normalize_url(self.url)

    @property
    def protocol(self) -> str:
        return self.url.split(":", 1)[0]


class DirectoryState(models.TextChoices):
    """What can be wrong with a Host's copy of a Directory."""

    STALE = "stale", "stale"
    MISSING = "missing", "missing"
    UNREADABLE = "unreadable", "unreadable"
    UNKNOWN = "unknown", "unknown"


class DirectoryIssue(models.Model):
    """What is wrong with a Host's copy of one Directory. What is right has no row."""

    host_category = models.ForeignKey(
        HostCategory, on_delete=models.CASCADE, related_name="issues", help_text="Whose copy."
    )
    directory = models.ForeignKey(
        Directory, on_delete=models.CASCADE, related_name="issues", help_text="Copy of what."
    )
    state = models.CharField(
        max_length=12, choices=DirectoryState.choices, help_text="What is wrong."
    )
    reason = models.CharField(max_length=40, help_text="The rule that says so.")
    sentence = models.TextField(help_text="What was expected and what was found.")
    since_at = models.DateTimeField(help_text="When it was first noticed (UTC).")
    seen_at = models.DateTimeField(help_text="When it was last noticed (UTC).")

    class Meta:
        ordering = ["host_category", "directory"]
        constraints = [
            models.UniqueConstraint(
                fields=["host_category", "directory"], name="registry_directoryissue_directory"
            )
        ]

    def __str__(self) -> str:
        return f"{self.directory} is {self.state}"
