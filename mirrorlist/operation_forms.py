"""The mirrorlist's operations as forms; they have no parameters."""

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

    def operation(self) -> Operation[Any]:
        return BuildNetblocks()


class ExpireStatisticsForm(ChoreForm):
    """Deleting old statistics."""

    def operation(self) -> Operation[Any]:
        return ExpireStatistics()
