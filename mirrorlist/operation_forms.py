"""The mirrorlist's operations as forms."""

from typing import Any

from django import forms

from mirrorlist.services.chores import BuildNetblocks, ExpireStatistics
from registry.operation_forms import OperationForm
from registry.services.operations.base import Operation


class ChoreForm(OperationForm):
    """Something to send, so that an empty form differs from one that was not sent."""

    asked = forms.CharField(widget=forms.HiddenInput, initial="1", required=False)


class BuildNetblocksForm(ChoreForm):
    """Making the table of autonomous systems."""

    force = forms.BooleanField(
        label="However much is lost",
        required=False,
        help_text="Replace the table in use even if the new one lost more than the settings allow.",
    )

    def operation(self) -> Operation[Any]:
        return BuildNetblocks(force=self.cleaned_data["force"])


class ExpireStatisticsForm(ChoreForm):
    """Deleting old statistics."""

    def operation(self) -> Operation[Any]:
        return ExpireStatistics()
