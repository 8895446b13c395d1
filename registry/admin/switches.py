"""The actions that turn the operators' switch of Sites and Hosts off and on."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from registry.admin.approvals import operator
from registry.admin.base import ModelAdmin
from registry.admin.sentences import ask_for_sentence, asked_sentence
from registry.logic.wording import counted


class SwitchableAdmin(ModelAdmin):
    """The admin page of a table whose rows operators take out of service and put back.

    `switched_off` and `switched_on` are the services; `switched_off_means` tells what follows.
    """

    switch_noun: str
    switched_off_means: str
    switched_off: Callable[..., int]
    switched_on: Callable[..., int]

    @admin.action(description="Disable, with a reason…", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        sentence = asked_sentence(request)
        if not sentence:
            return ask_for_sentence(
                self,
                request,
                queryset,
                action="disable",
                title=f"Disable {self.switch_noun}s",
                explanation=f"{self.switched_off_means} Their SiteAdmins are sent your sentence.",
            )
        count = type(self).switched_off(
            queryset, actor=operator(request), now=timezone.now(), sentence=sentence
        )
        self._tell(request, count, "off")
        return None

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = type(self).switched_on(queryset, actor=operator(request), now=timezone.now())
        self._tell(request, count, "on")

    def _tell(self, request: HttpRequest, count: int, position: str) -> None:
        what = counted(count, self.switch_noun)
        messages.success(request, f"The operators’ switch of {what} was turned {position}.")
