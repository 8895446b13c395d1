"""Forget old visits: their records are for looking things up, not for ever."""

from datetime import datetime
from itertools import islice

from crawler.logic.records import Record, RecordPolicy, outdated
from crawler.models import CrawlRun, RunState

RUNS_AT_ONCE = 500


def prune_crawls(*, now: datetime, policy: RecordPolicy) -> int:
    """Delete the records of old visits, with what they found by Category; return how many.

    Running ones stay, since they are locks. In small transactions, so that nobody waits for long.
    """
    runs = CrawlRun.objects.exclude(state=RunState.RUNNING).order_by("host", "-started_at", "-id")
    records = (Record(*row) for row in runs.values_list("id", "host_id", "started_at").iterator())
    ids = iter([record.id for record in outdated(records, now=now, policy=policy)])
    deleted = 0
    while some := list(islice(ids, RUNS_AT_ONCE)):
        CrawlRun.objects.filter(id__in=some).delete()
        deleted += len(some)
    return deleted
