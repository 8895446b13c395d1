"""Visit one Host: ask its URLs about the Directories of its Categories, within its budget.

Everything here happens inside the event loop and touches no database; what to expect comes in
and what was found goes out. What answers mean is decided by logic.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Protocol

from crawler.logic.fallback import Course, UrlOutcome, learn, settles, sum_up, without_urls
from crawler.logic.freshness import ask_for, implied, judge_directory, judge_file, judge_greeting
from crawler.logic.sampling import draw_files
from crawler.logic.verdicts import Expected, State, Verdict, best, describe
from crawler.probes.base import Probe, UrlProbe
from crawler.services.ledger import Ledger
from crawler.services.policies import CrawlPolicy
from crawler.services.trees import Row, Tree
from registry.services.carriage import Findings


class Progress(Protocol):
    """Who wants to see a crawl happen."""

    def started(self, plan: "VisitPlan") -> None:
        """Hear that a visit begins."""
        ...

    def advanced(self, plan: "VisitPlan") -> None:
        """Hear that one more Directory was looked at."""
        ...

    def finished(self, plan: "VisitPlan", reason: str) -> None:
        """Hear how the visit ended."""
        ...


@dataclass(frozen=True)
class CopyPlan:
    """One HostCategory to look at: what it should have, and its URLs by id, in order."""

    host_category_id: int
    label: str
    tree: Tree
    urls: Mapping[int, str]


@dataclass(frozen=True)
class VisitPlan:
    """One Host to visit. The same seed draws the same sample of the same tree."""

    host_id: int
    host: str
    seed: int
    allow_private: bool
    copies: Sequence[CopyPlan]

    @property
    def directories(self) -> int:
        return sum(len(copy.tree.rows) for copy in self.copies)


@dataclass(frozen=True)
class CopyResult:
    """What a visit found about one HostCategory."""

    plan: CopyPlan
    findings: Findings
    counts: Mapping[State, int]
    outcomes: Mapping[int, UrlOutcome]
    url: str
    reason: str
    requests: int
    log: Sequence[str]


async def visit_host(
    plan: VisitPlan, *, probes: Mapping[str, Probe], policy: CrawlPolicy, progress: Progress
) -> list[CopyResult]:
    """Look at all copies of a Host, one after the other, and return what was found.

    `probes` are by URL scheme; copies without a URL that any of them can ask are left out. When
    the Host's budget of time is used up, the Directories that remain are unknown.
    """
    until = asyncio.get_running_loop().time() + policy.host_budget_seconds
    rng = Random(plan.seed)  # noqa: S311 -- a sample, not a secret
    results = []
    for copy in plan.copies:
        urls = [
            _UrlVisit(
                url_id, url, probes[scheme].bind(url, allow_private=plan.allow_private), policy
            )
            for url_id, url in copy.urls.items()
            if (scheme := url.partition(":")[0]) in probes
        ]
        if urls:
            visit = _CopyVisit(copy, urls, until=until, rng=rng, policy=policy)
            results.append(await visit.run(partial(progress.advanced, plan)))
    return results


class _UrlVisit:
    """One URL in the course of the visit."""

    def __init__(self, url_id: int, url: str, probe: UrlProbe, policy: CrawlPolicy) -> None:
        self.id, self.url = url_id, url
        self.course = Course()
        self.requests = 0
        self._probe = probe
        self._policy = policy

    async def greet(self, impossible: str) -> None:
        found = await self._probe.greet(impossible)
        self.requests += found.requests
        self.course = self.course._replace(closed=judge_greeting(found, base=self.url))

    async def judge(self, row: Row, files: Sequence[Expected]) -> Verdict:
        """Ask about the files of a Directory until one is not good; judge the Directory."""
        verdicts = []
        greatest = self._policy.limits.body_bytes
        for expected in files:
            found = await self._probe.look(row.path, ask_for(expected, greatest_bytes=greatest))
            self.requests += found.requests
            verdict = judge_file(expected, found)
            verdicts.append(verdict)
            if not verdict.good:
                break
        decided = judge_directory(verdicts)
        self.course = learn(self.course, decided, policy=self._policy.fallback)
        return decided


class _CopyVisit:
    """One copy in the course of the visit: several connections share its list of Directories."""

    def __init__(
        self,
        plan: CopyPlan,
        urls: Sequence[_UrlVisit],
        *,
        until: float,
        rng: Random,
        policy: CrawlPolicy,
    ) -> None:
        self._plan, self._tree, self._urls = plan, plan.tree, urls
        self._until, self._rng, self._policy = until, rng, policy
        self._ledger = Ledger()
        self._without_files: list[Row] = []
        self._asked_last = urls[0].url

    async def run(self, advanced: Callable[[], None]) -> CopyResult:
        impossible = f"mirrorsite-{self._rng.getrandbits(64):016x}-does-not-exist"
        await asyncio.gather(*(url.greet(impossible) for url in self._urls))
        rows = iter(self._tree.rows)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._policy.connections_per_host):
                group.create_task(self._walk(rows, advanced))
        unseen = [*await self._finish_without_files(), *rows]
        left = without_urls(url.course for url in self._urls)
        for row in unseen:
            self._ledger.note_unseen(row, left)
        return self._result(left, complete=not unseen)

    async def _walk(self, rows: Iterator[Row], advanced: Callable[[], None]) -> None:
        while self._may_ask():
            row = next(rows, None)
            if row is None:
                return
            frame = self._tree.frame(row)
            if frame.empty:
                self._without_files.append(row)
            else:
                entries = draw_files(
                    frame, allowed=self._tree.allowed, policy=self._tree.policy, rng=self._rng
                )
                await self._ask(row, [self._tree.expect(row, entry) for entry in entries])
            advanced()

    def _may_ask(self) -> bool:
        in_time = asyncio.get_running_loop().time() < self._until
        return in_time and any(url.course.closed is None for url in self._urls)

    async def _ask(self, row: Row, files: Sequence[Expected]) -> None:
        """Ask one URL after the other about the same Directory, until one settles it."""
        verdicts = []
        for url in self._urls:
            if url.course.closed is not None:
                continue
            self._asked_last = url.url
            verdicts.append(await url.judge(row, files))
            if settles(url.course, verdicts[-1]):
                break
        verdict = best(verdicts)
        # None: the other connection closed the last URL since this one looked.
        if verdict is None:
            self._ledger.note_unseen(row, without_urls(url.course for url in self._urls))
        else:
            self._ledger.note(row, verdict)

    async def _finish_without_files(self) -> list[Row]:
        """Judge the Directories without files, by what is below them or by asking for them.

        Return those that could not be judged any more.
        """
        judged = implied((row.path for row in self._without_files), up2date=self._ledger.paths)
        unseen = []
        for row in self._without_files:
            if verdict := judged.get(row.path):
                self._ledger.note(row, verdict)
            elif self._may_ask():
                await self._ask(row, [Expected("")])
            else:
                unseen.append(row)
        return unseen

    def _result(self, left: Verdict | None, *, complete: bool) -> CopyResult:
        outcomes = {url.id: sum_up(url.course) for url in self._urls}
        reason = describe(self._ledger.counts)
        if left is not None:
            reason = f"{left.sentence} {reason}"
        elif not complete:
            reason = f"The time for this Host was used up. {reason}"
        return CopyResult(
            plan=self._plan,
            findings=self._ledger.findings(),
            counts=self._ledger.counts,
            outcomes=outcomes,
            url=self._asked_last,
            reason=reason,
            requests=sum(url.requests for url in self._urls),
            log=[f"{url.url}: {outcomes[url.id].sentence}" for url in self._urls]
            + self._ledger.log,
        )
