"""How often each person had URLs tried of late, kept in the cache for as long as it counts.

A cache of one process counts for that process alone; several share one if the cache is shared.
"""

from datetime import datetime

from django.core.cache import cache

from crawler.logic.requests import RequestPolicy, RequestVerdict, judge_trial_request


def take_turn(person: int, *, now: datetime, policy: RequestPolicy) -> RequestVerdict:
    """Count one trial for a person, if one more is granted; return the decision."""
    key = f"crawler-trials-{person}"
    moments: list[datetime] = cache.get(key, [])
    verdict = judge_trial_request(moments, now=now, policy=policy)
    if verdict.granted:
        kept = [moment for moment in moments if now - moment < policy.trials_window]
        cache.set(key, [*kept, now], policy.trials_window.total_seconds())
    return verdict
