"""Filters of admin lists that somebody named. Knows addresses only, not what they select."""

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """The filters of one admin list under a name: of one user, or shared by all operators."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_filters",
        help_text="Who saved it.",
    )
    shared = models.BooleanField(default=False, help_text="Whether all staff see it.")
    name = models.CharField(max_length=60, help_text="Its name, on the list.")
    table = models.CharField(max_length=100, help_text="The list, for example registry_host.")
    query = models.CharField(
        max_length=1000, blank=True, help_text="What the address of the list has after its “?”."
    )

    class Meta:
        ordering = ["table", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "table", "name"], name="registry_savedfilter_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
