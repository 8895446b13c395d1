"""Records of what clients are answered from: one row per snapshot built."""

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
