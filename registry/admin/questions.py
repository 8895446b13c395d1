"""Admin page of what operators asked owners, and what they answered."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from registry.admin.base import ReadOnlyAdmin, ago, pill
from registry.models import Question


@admin.register(Question)
class QuestionPage(ReadOnlyAdmin):
    list_display = ("subject", "state_pill", "question", "site", "asked_by", "asked", "answered")
    list_filter = ("state",)
    list_select_related = ("site", "asked_by")
    search_fields = ("subject", "text", "answer", "site__name")

    @admin.display(description="state", ordering="state")
    def state_pill(self, obj: Question) -> SafeString:
        tone = {"asked": "waiting", "answered": "finished"}.get(obj.state, "skipped")
        return pill(tone, obj.get_state_display(), title=obj.answer)

    @admin.display(description="question")
    def question(self, obj: Question) -> str:
        return Truncator(obj.text).chars(120)

    @admin.display(description="asked", ordering="asked_at")
    def asked(self, obj: Question) -> SafeString | str:
        return ago(obj.asked_at)

    @admin.display(description="answered", ordering="answered_at")
    def answered(self, obj: Question) -> SafeString | str:
        return ago(obj.answered_at)
