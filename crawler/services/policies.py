"""Build the crawler's policies from the settings, for everybody who crawls."""

import os
import platform
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings

from crawler.logic.fallback import FallbackPolicy
from crawler.logic.health import HealthPolicy
from crawler.logic.queue import QueuePolicy
from crawler.logic.sampling import SamplingPolicy
from crawler.probes.http import HttpLimits


@dataclass(frozen=True)
class CrawlPolicy:
    """Everything about a crawl that is not the same everywhere.

    A run's lease is renewed every `renew_seconds` while its process lives.
    """

    sampling: SamplingPolicy = field(default_factory=SamplingPolicy)
    fallback: FallbackPolicy = field(default_factory=FallbackPolicy)
    health: HealthPolicy = field(default_factory=HealthPolicy)
    queue: QueuePolicy = field(default_factory=QueuePolicy)
    limits: HttpLimits = field(default_factory=HttpLimits)
    hosts_at_once: int = 40
    connections_per_host: int = 2
    host_budget_seconds: float = 3600
    lease: timedelta = timedelta(minutes=10)
    renew_seconds: float = 60
    allow_private: bool = False
    user_agent: str = "Mirrorsite-crawler"
    worker: str = field(default_factory=lambda: f"{platform.node()}:{os.getpid()}"[:100])


def crawl_policy() -> CrawlPolicy:
    """Return the policy that the settings ask for."""
    seconds = settings.CRAWLER_TIMEOUT_SECONDS
    return CrawlPolicy(
        health=HealthPolicy(disable_after=settings.CRAWLER_DISABLE_AFTER),
        queue=QueuePolicy(
            interval=settings.CRAWLER_INTERVAL,
            disabled_interval=max(settings.CRAWLER_INTERVAL, timedelta(days=1)),
            hosts_per_batch=settings.CRAWLER_HOSTS_AT_ONCE,
        ),
        limits=HttpLimits(answer_seconds=seconds, body_seconds=3 * seconds),
        hosts_at_once=settings.CRAWLER_HOSTS_AT_ONCE,
        connections_per_host=settings.CRAWLER_CONNECTIONS_PER_HOST,
        host_budget_seconds=settings.CRAWLER_HOST_BUDGET_SECONDS,
        allow_private=settings.PROBE_ALLOW_PRIVATE,
        user_agent=f"Mirrorsite-crawler/{settings.VERSION} (+{settings.CRAWLER_CONTACT})",
    )
