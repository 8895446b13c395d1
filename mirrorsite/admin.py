"""Admin pages of the background work: schedules, finished tasks and the queue, to be read.

Schedules cannot be edited here, because one row that django-q2 cannot read stops all of them; they
are declared in mirrorsite/schedules.py. *Run now* and *Run again* start work out of turn.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django_q import admin as _registered_first  # noqa: F401 -- so that it can be replaced below
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Schedule, Success, Task

from mirrorsite.schedule_table import declared_work, run_again, run_now
from registry.admin.base import ReadOnlyAdmin, ago, pill


class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ["name", "every", "queue", "next_run", "last_run", "why"]
    search_fields = ["name", "func"]
    ordering = ["name"]
    actions = ["start_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        last = Task.objects.filter(id=OuterRef("task"))
        with_last: QuerySet[Any] = rows.annotate(
            last_success=Subquery(last.values("success")),
            last_stopped_at=Subquery(last.values("stopped")),
            last_result=Subquery(last.values("result")),
        )
        return with_last

    @admin.display(description="Every", ordering="minutes")
    def every(self, row: Schedule) -> str:
        return f"{row.minutes} min"

    @admin.display(description="Cluster")
    def queue(self, row: Schedule) -> str:
        work = declared_work().get(row.name)
        return work.cluster if work else "–"

    @admin.display(description="Last run")
    def last_run(self, row: Any) -> SafeString | str:
        if row.last_success is None:
            return pill("waiting") if row.task else "–"
        if row.last_success:
            return ago(row.last_stopped_at)
        return pill("failed", title=Truncator(row.last_result).chars(300))

    @admin.display(description="Why")
    def why(self, row: Schedule) -> str:
        work = declared_work().get(row.name)
        return work.why if work else "Not declared: “manage.py sync_schedules” removes it."

    @admin.action(description="Run now", permissions=["view"])
    def start_now(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        started = 0
        for row in rows:
            try:
                run_now(row)
                started += 1
            except ValueError as error:
                self.message_user(request, str(error), messages.ERROR)
        if started:
            self.message_user(request, f"{started} task(s) queued; a worker runs them next.")


class TaskAdmin(ReadOnlyAdmin):
    """What successes and failures share."""

    list_display = ["name", "func", "cluster", "group", "started_ago", "took", "outcome"]
    list_filter = ["group", "cluster"]
    search_fields = ["name", "func", "group"]
    actions = ["start_again"]

    @admin.display(description="Queued", ordering="started")
    def started_ago(self, task: Task) -> SafeString | str:
        return ago(task.started)

    @admin.display(description="Took")
    def took(self, task: Task) -> str:
        return f"{task.time_taken():.1f} s"

    @admin.display(description="Result")
    def outcome(self, task: Task) -> str:
        return Truncator(task.result or "–").chars(100)

    @admin.action(description="Run again", permissions=["view"])
    def start_again(self, request: HttpRequest, tasks: QuerySet[Any]) -> None:
        for task in tasks:
            run_again(task)
        self.message_user(
            request, f"{len(tasks)} task(s) queued again; what is listed here stays as a record."
        )


class FailureAdmin(TaskAdmin):
    """Failures are never pruned by themselves: operators delete what they have dealt with."""

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm("django_q.delete_failure")


class QueueAdmin(ReadOnlyAdmin):
    list_display = ["name", "func", "key", "group", "state"]
    list_filter = ["key"]
    fields = ["key", "lock", "task_id", "name", "group", "func", "args", "kwargs", "q_options"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        taken = ExpressionWrapper(Q(lock__gt=Now()), output_field=BooleanField())
        rows: QuerySet[Any] = super().get_queryset(request).using(Conf.ORM).annotate(taken=taken)
        return rows

    @admin.display(description="State")
    def state(self, row: Any) -> SafeString:
        return pill("running") if row.taken else pill("waiting")


PAGES = {
    Schedule: ScheduleAdmin,
    Success: TaskAdmin,
    Failure: FailureAdmin,
    OrmQ: QueueAdmin,
}

for model, page in PAGES.items():
    # With Redis as the broker there is no table of queued tasks, and django-q2 has no page for it.
    if admin.site.is_registered(model):
        admin.site.unregister(model)
        admin.site.register(model, page)
