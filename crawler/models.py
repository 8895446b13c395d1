"""Records of our own visits: scans of the master tree, crawls of Hosts, and what both add up to."""

from django.db import models

from registry.models import Category, Host, HostCategory, Repository


class RunState(models.TextChoices):
    """How far a scan or crawl is."""

    RUNNING = "running", "running"
    FINISHED = "finished", "finished"
    FAILED = "failed", "failed"
    REFUSED = "refused", "refused"
    SKIPPED = "skipped", "skipped"
    ABANDONED = "abandoned", "abandoned"


class MasterScan(models.Model):
    """One scan of the master tree of a Category; while it runs it is also the Category's lock."""

    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="scans", help_text="What was scanned."
    )
    state = models.CharField(
        max_length=10,
        choices=RunState.choices,
        default=RunState.RUNNING,
        help_text="How far it is.",
    )
    reason = models.TextField(blank=True, help_text="Why it ended as it did, in one sentence.")
    started_at = models.DateTimeField(db_index=True, help_text="Start (UTC).")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="End (UTC).")
    lease_until_at = models.DateTimeField(
        help_text="If it has not reported by then, its process is taken for dead (UTC)."
    )
    worker = models.CharField(max_length=100, blank=True, help_text="The process that runs it.")
    counts = models.JSONField(
        default=dict, blank=True, help_text="Directories seen, added, changed, vanished and so on."
    )
    log = models.TextField(blank=True, help_text="What was odd, a line each.")
    signal = models.TextField(
        blank=True, help_text="The change signal of the master when the scan started."
    )

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["category"],
                condition=models.Q(state="running"),
                name="crawler_masterscan_running",
            )
        ]

    def __str__(self) -> str:
        return f"{self.category}, {self.started_at:%Y-%m-%d %H:%M} UTC"


class CrawlMode(models.TextChoices):
    """How much a visit looks at."""

    FULL = "full", "everything"
    CHANGES = "changes", "what changed"
    REPODATA = "repodata", "metadata of repositories"


class CrawlRun(models.Model):
    """One visit of a Host; while it runs it is also the Host's lock."""

    host = models.ForeignKey(
        Host,
        on_delete=models.CASCADE,
        related_name="crawls",
        help_text="The Host that was visited.",
    )
    mode = models.CharField(
        max_length=10,
        choices=CrawlMode.choices,
        default=CrawlMode.FULL,
        help_text="How much it looks at.",
    )
    state = models.CharField(
        max_length=10,
        choices=RunState.choices,
        default=RunState.RUNNING,
        help_text="How far it is.",
    )
    reason = models.TextField(blank=True, help_text="How it ended, in one sentence.")
    started_at = models.DateTimeField(db_index=True, help_text="Start (UTC).")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="End (UTC).")
    lease_until_at = models.DateTimeField(
        help_text="If it has not reported by then, its process is taken for dead (UTC)."
    )
    worker = models.CharField(max_length=100, blank=True, help_text="The process that runs it.")
    seed = models.BigIntegerField(default=0, help_text="Seed of the random sample, to repeat it.")
    counts = models.JSONField(
        default=dict, blank=True, help_text="Directories up2date, stale, missing …, requests made."
    )
    log = models.TextField(blank=True, help_text="What happened, a line each.")

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["host", "-started_at"], name="crawler_crawlrun_host_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["host"],
                condition=models.Q(state="running"),
                name="crawler_crawlrun_running",
            )
        ]

    def __str__(self) -> str:
        return f"{self.host}, {self.started_at:%Y-%m-%d %H:%M} UTC"


class CategoryCrawl(models.Model):
    """What one visit found about one Category of the Host."""

    run = models.ForeignKey(
        CrawlRun, on_delete=models.CASCADE, related_name="categories", help_text="The visit."
    )
    host_category = models.ForeignKey(
        HostCategory, on_delete=models.CASCADE, related_name="crawls", help_text="The copy."
    )
    url = models.CharField(max_length=500, blank=True, help_text="The URL that was used last.")
    reason = models.TextField(blank=True, help_text="How it ended, in one sentence.")
    up2date = models.PositiveIntegerField(default=0, help_text="Directories up2date.")
    stale = models.PositiveIntegerField(default=0, help_text="Directories stale.")
    missing = models.PositiveIntegerField(default=0, help_text="Directories missing.")
    unreadable = models.PositiveIntegerField(default=0, help_text="Directories unreadable.")
    unknown = models.PositiveIntegerField(
        default=0, help_text="Directories nothing is known about."
    )
    requests = models.PositiveIntegerField(default=0, help_text="Requests made.")

    class Meta:
        ordering = ["run", "host_category"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "host_category"], name="crawler_categorycrawl_run_host_category"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host_category}: {self.up2date} up2date"


class HeldMetadata(models.Model):
    """Which state of its metadata one copy had of each Repository, when last looked at."""

    host_category = models.OneToOneField(
        HostCategory,
        on_delete=models.CASCADE,
        related_name="held_metadata",
        help_text="Whose copy.",
    )
    states = models.BinaryField(
        help_text="For each Directory of metadata the time of its content and when that was seen."
    )

    class Meta:
        ordering = ["host_category"]
        verbose_name_plural = "held metadata"

    def __str__(self) -> str:
        return f"Metadata of {self.host_category}"


class PropagationStat(models.Model):
    """How many Hosts had which age of one Repository at one moment."""

    repository = models.ForeignKey(
        Repository,
        on_delete=models.CASCADE,
        related_name="propagation",
        help_text="The Repository.",
    )
    at = models.DateTimeField(db_index=True, help_text="When it was measured (UTC).")
    same_day = models.PositiveIntegerField(
        default=0, help_text="Hosts at most one day behind the master."
    )
    one_day = models.PositiveIntegerField(
        default=0, help_text="Hosts more than one day behind, at most two."
    )
    two_day = models.PositiveIntegerField(
        default=0, help_text="Hosts more than two days behind, at most three."
    )
    older = models.PositiveIntegerField(
        default=0, help_text="Hosts more than three days behind, or in no state that we know."
    )
    no_info = models.PositiveIntegerField(
        default=0, help_text="Hosts that do not have it, or could not be asked."
    )

    class Meta:
        ordering = ["repository", "-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "at"], name="crawler_propagationstat_repository_at"
            )
        ]

    def __str__(self) -> str:
        return f"{self.repository}, {self.at:%Y-%m-%d %H:%M} UTC"
