"""The waiting room of new Sites, Hosts, netblocks and nodes. Knows no rule about who may enter."""

from django.conf import settings
from django.db import models


class Approval(models.TextChoices):
    PENDING = "pending", "pending"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"


class Approvable(models.Model):
    """Something that counts only once approved, unless its kind needs no approval."""

    approval = models.CharField(
        max_length=10,
        choices=Approval.choices,
        default=Approval.APPROVED,
        db_index=True,
        help_text="Pending objects wait in the approval queue and are neither crawled nor listed.",
    )
    approval_reason = models.TextField(
        blank=True, help_text="The sentence that the owner was told with the decision."
    )
    approval_decided_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the decision was taken (UTC)."
    )
    approval_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who decided.",
    )

    class Meta:
        abstract = True
