"""Build the crawler's policies from the settings, for everybody who crawls."""

from dataclasses import dataclass, field
from datetime import timedelta
from ssl import SSLContext

from django.conf import settings

from crawler.logic.canary import CanaryPolicy
from crawler.logic.certificates import CertificatePolicy
from crawler.logic.fallback import FallbackPolicy
from crawler.logic.health import HealthPolicy
from crawler.logic.modes import ModePolicy
from crawler.logic.queue import QueuePolicy
from crawler.logic.retry import RetryPolicy
from crawler.logic.sampling import SamplingPolicy
from crawler.logic.tree_comparison import ComparisonPolicy
from crawler.probes.ftp_client import FtpLimits
from crawler.probes.http import HttpLimits
from crawler.probes.pace import PaceLimits
from crawler.probes.rsync import RsyncLimits
from crawler.processes import this_process


@dataclass(frozen=True)
class CrawlPolicy:
    """Everything about a crawl that is not the same everywhere.

    A run's lease is renewed every `renew_seconds` while its process lives, and how far it is is
    written down every `progress_seconds`; of a single Host every second. Visits that have ended
    are stored together, once there are `stored_at_once` of them or one waited for `store_seconds`.
    `tls` says which certificates are trusted, if not those that the system trusts.
    """

    sampling: SamplingPolicy = field(default_factory=SamplingPolicy)
    fallback: FallbackPolicy = field(default_factory=FallbackPolicy)
    health: HealthPolicy = field(default_factory=HealthPolicy)
    queue: QueuePolicy = field(default_factory=QueuePolicy)
    certificates: CertificatePolicy = field(default_factory=CertificatePolicy)
    canary: CanaryPolicy = field(default_factory=CanaryPolicy)
    modes: ModePolicy = field(default_factory=ModePolicy)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    comparison: ComparisonPolicy = field(default_factory=ComparisonPolicy)
    limits: HttpLimits = field(default_factory=HttpLimits)
    rsync: RsyncLimits = field(default_factory=RsyncLimits)
    ftp: FtpLimits = field(default_factory=FtpLimits)
    pace: PaceLimits = field(default_factory=PaceLimits)
    hosts_at_once: int = 40
    connections_per_host: int = 2
    files_fetched_by_rsync: int = 200
    canaries_at_once: int = 200
    canary_seconds: float = 10
    canary_round_seconds: float = 50
    host_budget_seconds: float = 3600
    lease: timedelta = timedelta(minutes=10)
    renew_seconds: float = 60
    progress_seconds: float = 30
    stored_at_once: int = 20
    store_seconds: float = 1
    allow_private: bool = False
    user_agent: str = "Mirrorsite-crawler"
    tls: SSLContext | None = None
    worker: str = field(default_factory=this_process)


def crawl_policy() -> CrawlPolicy:
    """Return the policy that the settings ask for."""
    seconds = settings.CRAWLER_TIMEOUT_SECONDS
    return CrawlPolicy(
        health=HealthPolicy(disable_after=settings.CRAWLER_DISABLE_AFTER),
        queue=QueuePolicy(
            interval=settings.CRAWLER_INTERVAL,
            disabled_interval=max(settings.CRAWLER_INTERVAL, timedelta(days=1)),
            full_interval=settings.CRAWLER_FULL_INTERVAL,
            hosts_per_batch=settings.CRAWLER_HOSTS_AT_ONCE,
        ),
        limits=HttpLimits(answer_seconds=seconds, body_seconds=3 * seconds),
        rsync=RsyncLimits(
            connect_seconds=seconds,
            silent_seconds=6 * seconds,
            listing_seconds=settings.CRAWLER_HOST_BUDGET_SECONDS,
        ),
        ftp=FtpLimits(answer_seconds=seconds),
        pace=PaceLimits(
            connections_per_address=settings.CRAWLER_CONNECTIONS_PER_HOST,
            requests_per_second_per_address=settings.CRAWLER_REQUESTS_PER_SECOND_PER_ADDRESS,
            requests_per_second=settings.CRAWLER_REQUESTS_PER_SECOND,
        ),
        hosts_at_once=settings.CRAWLER_HOSTS_AT_ONCE,
        connections_per_host=settings.CRAWLER_CONNECTIONS_PER_HOST,
        host_budget_seconds=settings.CRAWLER_HOST_BUDGET_SECONDS,
        allow_private=settings.PROBE_ALLOW_PRIVATE,
        user_agent=f"Mirrorsite-crawler/{settings.VERSION} (+{settings.CRAWLER_CONTACT})",
    )
