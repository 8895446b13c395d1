"""One URL during a visit: asked file by file with patience, or for the listing of its whole tree.

Keeps what the visit must remember of the URL. What answers mean is decided by logic.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from urllib.parse import urlsplit

from crawler.logic.fallback import Course, judge_break, learn, leave_alone
from crawler.logic.freshness import ask_for, judge_directory, judge_file, judge_greeting
from crawler.logic.held_metadata import content_by_listing
from crawler.logic.observations import Ask, Fault, Observation
from crawler.logic.retry import BROKEN, BUSY, RetryReason, judge_retry
from crawler.logic.rsync_endings import Ending, Proof
from crawler.logic.tree_comparison import Compared, Row, TreeComparison
from crawler.logic.verdicts import Expected, Reason, State, Verdict
from crawler.probes.base import TreeUrl, UrlProbe
from crawler.probes.pace import Gate, Pace
from crawler.services.attempts import attempt
from crawler.services.policies import CrawlPolicy
from crawler.services.trees import History
from registry.logic.wording import counted


class FileVisit:
    """One URL that is asked file by file; `rng` is for the pauses before it is asked again."""

    def __init__(
        self,
        url_id: int,
        url: str,
        probe: UrlProbe,
        *,
        clock: Callable[[], datetime],
        rng: Random,
        policy: CrawlPolicy,
    ) -> None:
        self.id, self.url = url_id, url
        self.course = Course()
        self.requests = 0
        self.redirects: Counter[str] = Counter()
        self._probe, self._clock, self._rng, self._policy = probe, clock, rng, policy
        self._gate: Gate | None = None
        self._pause: Verdict | None = None

    async def greet(self, impossible: str, *, pace: Pace) -> None:
        """Find the way to the server, and see whether what it answers can be believed."""
        closed = await attempt(self._greet(impossible, pace=pace), at=self.url)
        if isinstance(closed, Exception):
            closed = judge_break(self.url, closed)
        self.course = self.course._replace(closed=closed)

    async def judge(self, row: Row, files: Sequence[Expected]) -> Verdict:
        """Ask about the files of a Directory until one is not good; judge the Directory."""
        decided = await attempt(self._judge(row, files), at=f"{self.url}, {row.path}")
        if isinstance(decided, Exception):
            decided = judge_break(self.url, decided)
        self.course = learn(self.course, decided, policy=self._policy.fallback)
        return decided

    @property
    def certificate_until(self) -> datetime | None:
        """Until when the server's certificate is valid, if there is one."""
        return self._probe.certificate_until()

    def log(self) -> list[str]:
        """Say where the URL redirected to."""
        return [
            f"{self.url} redirects to {target} ({counted(count, 'request')})."
            for target, count in self.redirects.most_common(3)
        ]

    async def _greet(self, impossible: str, *, pace: Pace) -> Verdict | None:
        self._gate = pace.gate(await self._probe.addresses(), otherwise=self.url)
        async with self._gate:
            found = await self._probe.greet(impossible)
        self.requests += found.requests
        settled = await self._settle("", Ask(impossible), found)
        return settled if isinstance(settled, Verdict) else judge_greeting(settled, base=self.url)

    async def _judge(self, row: Row, files: Sequence[Expected]) -> Verdict:
        verdicts = []
        greatest = self._policy.limits.body_bytes
        for expected in files:
            found = await self._look(row.path, ask_for(expected, greatest_bytes=greatest))
            if isinstance(found, Verdict):
                return found
            verdict = judge_file(expected, found)
            verdicts.append(verdict)
            if not verdict.good:
                break
        return verdicts[0] if len(verdicts) == 1 else judge_directory(verdicts)

    async def _look(self, path: str, ask: Ask) -> Observation | Verdict:
        """Ask with patience; return the answer, or why the URL is asked for nothing any more."""
        found = await self._ask(path, ask)
        if isinstance(found, Observation) and (found.status in BUSY or found.fault in BROKEN):
            found = await self._settle(path, ask, found)
        if isinstance(found, Observation) and found.redirects:
            parts = urlsplit(found.url)
            self.redirects[f"{parts.scheme}://{parts.netloc}"] += 1
        return found

    async def _ask(self, path: str, ask: Ask) -> Observation | Verdict:
        assert self._gate is not None  # noqa: S101 -- greeted first
        async with self._gate:
            # Another connection may have been told while this one waited.
            if self._pause is not None:
                return self._pause
            found = await self._probe.look(path, ask)
        self.requests += found.requests
        return found

    async def _settle(self, path: str, ask: Ask, found: Observation) -> Observation | Verdict:
        """Come back later, as often as the policy allows; return the last answer, or as `_look`."""
        assert self._gate is not None  # noqa: S101 -- greeted first
        tries = 1
        policy, rng = self._policy.retry, self._rng
        while True:
            retry = judge_retry(found, tries=tries, policy=policy, rng=rng)
            if retry.reason is RetryReason.TOO_LONG:
                seconds = found.retry_after or 0
                self._pause = leave_alone(self.url, seconds=seconds, now=self._clock())
                return self._pause
            if retry.hold_seconds:
                self._gate.hold(retry.hold_seconds)
            if retry.wait_seconds is None:
                return found
            if not retry.hold_seconds:
                await asyncio.sleep(retry.wait_seconds)
            again = await self._ask(path, ask)
            if isinstance(again, Verdict):
                return again
            found = again
            tries += 1


class TreeVisit:
    """One URL that lists its whole tree."""

    def __init__(self, url_id: int, url: str, probe: TreeUrl, *, policy: CrawlPolicy) -> None:
        self.id, self.url = url_id, url
        self.course = Course()
        self.requests = 0
        self.odd: list[str] = []
        self._probe, self._policy = probe, policy

    async def list_tree(
        self, rows: Sequence[Row], *, histories: Mapping[int, History], pace: Pace
    ) -> dict[int, Verdict]:
        """Compare the whole tree while its listing arrives; return verdicts by Directory id.

        `histories` are the known states of files that clients verify; where the listing says which
        of them is there, the verdict does, too.
        """
        listed = await attempt(self._list_tree(rows, histories=histories, pace=pace), at=self.url)
        if isinstance(listed, Exception):
            self.course = Course(closed=judge_break(self.url, listed))
            return {}
        return listed

    async def verify(
        self, rows: Sequence[tuple[Row, Expected]], *, pace: Pace
    ) -> dict[int, Verdict]:
        """Fetch a few files and compare their digests; return verdicts by Directory id.

        Of several files of a Directory the first that is not good decides.
        """
        verified = await attempt(self._verify(rows, pace=pace), at=self.url)
        return {} if isinstance(verified, Exception) else verified

    def log(self) -> list[str]:
        """Say what was odd about the listing."""
        return [f"{self.url}: {sentence}" for sentence in self.odd]

    async def _list_tree(
        self, rows: Sequence[Row], *, histories: Mapping[int, History], pace: Pace
    ) -> dict[int, Verdict]:
        comparison = TreeComparison(
            rows, url=self.url, policy=self._policy.comparison, watch=histories
        )
        gate = pace.gate(await self._probe.addresses(), otherwise=self.url)
        async with gate:
            ending = await self._probe.list_tree(comparison.read)
        self.requests += 1
        if ending.proof is Proof.NOTHING:
            self._close(ending)
            return {}
        compared = comparison.finish(whole=ending.proof is Proof.WHOLE)
        self._learn(ending, compared)
        for directory, states in histories.items():
            if verdict := compared.verdicts.get(directory):
                listed = compared.watched.get(directory, {})
                content_at = content_by_listing(states, listed, good=verdict.good)
                compared.verdicts[directory] = verdict._replace(content_at=content_at)
        return compared.verdicts

    async def _verify(
        self, rows: Sequence[tuple[Row, Expected]], *, pace: Pace
    ) -> dict[int, Verdict]:
        greatest = max((expected.size or 0 for _, expected in rows), default=0)
        limit = self._policy.limits.body_bytes
        asks = [
            (f"{row.path}/{expected.name}".lstrip("/"), ask_for(expected, greatest_bytes=limit))
            for row, expected in rows
        ]
        async with pace.gate(await self._probe.addresses(), otherwise=self.url):
            found = await self._probe.fetch(asks, greatest_bytes=min(greatest, limit))
        self.requests += 1
        verdicts: dict[int, Verdict] = {}
        for (row, expected), each in zip(rows, found, strict=True):
            verdict = judge_file(expected, each)
            if row.id not in verdicts or verdicts[row.id].good:
                verdicts[row.id] = verdict
        return verdicts

    def _close(self, ending: Ending) -> None:
        refused = ending.fault is Fault.ADDRESS_REFUSED
        reason = Reason.ADDRESS_REFUSED if refused else Reason.NO_ANSWER
        sentence = f"Nothing was learned from {self.url}: {ending.detail}."
        self.course = Course(closed=Verdict(State.UNKNOWN, reason, sentence))

    def _learn(self, ending: Ending, compared: Compared) -> None:
        # Directories without files are to be found everywhere, so they prove nothing.
        proven = compared.files > 0
        asked = len(compared.verdicts)
        if not asked:
            self._close(ending)
            return
        self.course = Course(proven=proven, asked=asked)
        self.odd = list(compared.odd)
        if ending.proof is not Proof.WHOLE:
            self.odd.append(f"The listing is not whole: {ending.detail}.")
