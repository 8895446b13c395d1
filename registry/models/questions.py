"""What operators ask owners before they decide. Knows no rule about who may ask or answer."""

from django.conf import settings
from django.db import models

from registry.models.hosts import Host
from registry.models.sites import Site
from registry.querysets import QuestionQuerySet


class Question(models.Model):
    """A question of an operator about something that waits for approval, and its answer."""

    class State(models.TextChoices):
        ASKED = "asked", "asked"
        ANSWERED = "answered", "answered"
        DROPPED = "dropped", "decided without an answer"

    thing = models.CharField(max_length=40, help_text="What kind of object it is about.")
    thing_id = models.PositiveBigIntegerField(help_text="Number of that object.")
    subject = models.CharField(max_length=300, help_text="The object, in words that outlive it.")
    site = models.ForeignKey(
        Site,
        on_delete=models.CASCADE,
        related_name="questions",
        help_text="Whose SiteAdmins are asked.",
    )
    host = models.ForeignKey(
        Host,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="questions",
        help_text="The Host it is about.",
    )
    text = models.TextField(help_text="What is asked.")
    asked_at = models.DateTimeField(help_text="When it was asked (UTC).")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who asked.",
    )
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.ASKED, help_text="How far it is."
    )
    answer = models.TextField(blank=True, help_text="What the owner answered.")
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was answered (UTC)."
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who answered.",
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["thing", "thing_id"], name="registry_question_thing")]
        constraints = [
            models.UniqueConstraint(
                fields=["thing", "thing_id"],
                condition=models.Q(state="asked"),
                name="registry_question_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}"[:200]
