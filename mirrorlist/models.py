"""Records of what clients are answered from, and of what they were answered: snapshots, counts."""

from django.conf import settings
from django.db import models


class Snapshot(models.Model):
    """One snapshot: the file that edges answer from, or the reason why it was not published."""

    class State(models.TextChoices):
        BUILDING = "building", "building"
        PUBLISHED = "published", "published"
        REPLACED = "replaced", "replaced"
        REFUSED = "refused", "refused"
        FAILED = "failed", "failed"

    state = models.CharField(
        max_length=10, choices=State.choices, default=State.BUILDING, help_text="What became of it."
    )
    reason = models.TextField(blank=True, help_text="Why, in one sentence.")
    filename = models.CharField(max_length=255, blank=True, help_text="Name of the file.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the file.")
    size_bytes = models.PositiveBigIntegerField(default=0, help_text="Size of the file.")
    built_at = models.DateTimeField(db_index=True, help_text="When it was built (UTC).")
    duration = models.DurationField(null=True, blank=True, help_text="How long that took.")
    published_at = models.DateTimeField(null=True, blank=True, help_text="When it went live (UTC).")
    counts = models.JSONField(
        default=dict, blank=True, help_text="Hosts, Repositories, Directories and so on in it."
    )

    class Meta:
        ordering = ["-built_at", "-id"]

    def __str__(self) -> str:
        return self.filename or f"{self.state}, {self.built_at:%Y-%m-%d %H:%M} UTC"


class Span(models.TextChoices):
    """How much time one number is about."""

    DAY = "day", "day"
    MONTH = "month", "month"


class AccessStat(models.Model):
    """How many requests of one day or month had one country, Arch, Repository, Host and so on."""

    span = models.CharField(
        max_length=5, choices=Span.choices, help_text="Whether it is about a day or a month."
    )
    day = models.DateField(help_text="The day, or the first day of the month (UTC).")
    dimension = models.CharField(max_length=12, help_text="By what requests are counted.")
    key = models.CharField(
        max_length=500, blank=True, help_text="Which one; empty for all that have no row."
    )
    count = models.PositiveBigIntegerField(default=0, help_text="Number of requests.")

    class Meta:
        ordering = ["-day", "dimension", "-count"]
        constraints = [
            models.UniqueConstraint(
                fields=["span", "dimension", "day", "key"], name="mirrorlist_accessstat_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key or 'other'} on {self.day}: {self.count}"


class FileStat(models.Model):
    """How many downloads of one file clients were sent to mirrors for, in one day or month."""

    span = models.CharField(
        max_length=5, choices=Span.choices, help_text="Whether it is about a day or a month."
    )
    day = models.DateField(help_text="The day, or the first day of the month (UTC).")
    path = models.CharField(
        max_length=500,
        blank=True,
        db_index=True,
        help_text="Whole path of the file; empty for all that have no row.",
    )
    count = models.PositiveBigIntegerField(default=0, help_text="Number of downloads.")

    class Meta:
        ordering = ["-day", "-count"]
        constraints = [
            models.UniqueConstraint(fields=["span", "day", "path"], name="mirrorlist_filestat_once")
        ]

    def __str__(self) -> str:
        return f"{self.path or 'other'} on {self.day}: {self.count}"


class StatisticsBatch(models.Model):
    """One batch of counts, so that none counts twice: from an edge, or from a log file."""

    class State(models.TextChoices):
        COUNTED = "counted", "counted"
        REFUSED = "refused", "refused"

    name = models.CharField(max_length=200, unique=True, help_text="What no other batch is called.")
    source = models.CharField(max_length=100, help_text="The edge, or “log” for log files.")
    state = models.CharField(
        max_length=10, choices=State.choices, help_text="Whether it was counted."
    )
    reason = models.TextField(blank=True, help_text="Why not, or what of it not, in one sentence.")
    requests = models.PositiveBigIntegerField(default=0, help_text="Requests that were counted.")
    received_at = models.DateTimeField(db_index=True, help_text="When it came (UTC).")

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name_plural = "statistics batches"

    def __str__(self) -> str:
        return self.name


class LogImport(models.Model):
    """A log of mirrorlist-server that operators have read: first to look at it, then to count."""

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a worker"
        RUNNING = "running", "is being read"
        LOOKED_AT = "looked_at", "looked at"
        COUNTED = "counted", "counted"
        FAILED = "failed", "failed"

    filename = models.CharField(max_length=255, help_text="Its name in MIRRORLIST_LOG_DIR.")
    only_day = models.DateField(null=True, blank=True, help_text="Only this day counts, if given.")
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.WAITING, help_text="How far it is."
    )
    counts = models.BooleanField(
        default=False, help_text="Whether it is to be counted, not only looked at."
    )
    lines = models.PositiveBigIntegerField(default=0, help_text="Lines that were read so far.")
    found = models.JSONField(
        default=dict, blank=True, help_text="Requests by day, and what was left out."
    )
    sha256 = models.CharField(
        max_length=64, blank=True, help_text="Digest of what was looked at; only that is counted."
    )
    reason = models.TextField(blank=True, help_text="What came of it, in a sentence.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who had it read.",
    )
    asked_at = models.DateTimeField(help_text="When somebody asked for it (UTC).")
    seen_at = models.DateTimeField(
        null=True, blank=True, help_text="When the worker last said how far it is (UTC)."
    )
    finished_at = models.DateTimeField(null=True, blank=True, help_text="When it ended (UTC).")

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return self.filename


class EdgeKey(models.Model):
    """A secret with which an edge sends what it counted. Several may be valid at a time."""

    edge = models.CharField(
        max_length=100, help_text="Name of the edge, as in its MIRRORLIST_EDGE_NAME."
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
    created_at = models.DateTimeField(help_text="When it was issued (UTC).")
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last used, to the hour (UTC)."
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was revoked (UTC). It is refused since."
    )

    class Meta:
        ordering = ["edge", "-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.edge}"
