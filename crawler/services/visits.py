"""Visit one Host: ask its URLs about the Directories of its Categories, within its budget.

Everything here happens inside the event loop and touches no database; what to expect comes in
and what was found goes out. What answers mean is decided by logic.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import Protocol

from crawler.logic.fallback import UrlOutcome, settles, sum_up, without_urls
from crawler.logic.freshness import implied
from crawler.logic.modes import Known, Mode, choose_rows
from crawler.logic.sampling import draw_files
from crawler.logic.tree_comparison import Row
from crawler.logic.verdicts import Expected, State, Verdict, best, describe
from crawler.probes.base import Probes
from crawler.probes.pace import Pace
from crawler.services.ledger import Ledger
from crawler.services.policies import CrawlPolicy
from crawler.services.trees import Tree
from crawler.services.url_visits import FileVisit, TreeVisit
from registry.logic.wording import counted
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
    known: Known


@dataclass(frozen=True)
class VisitPlan:
    """One Host to visit. The same seed draws the same sample of the same tree.

    `loaded_at` says as of when the trees are.
    """

    host_id: int
    host: str
    seed: int
    allow_private: bool
    copies: Sequence[CopyPlan]
    loaded_at: datetime
    mode: Mode = Mode.FULL

    @property
    def directories(self) -> int:
        return sum(len(copy.tree.rows) for copy in self.copies)


@dataclass(frozen=True)
class CopyResult:
    """What a visit found about one HostCategory.

    `content_at` has the states of files that clients verify, by Directory id, `certificates` the
    ends of those that were seen, by id of the URL.
    """

    plan: CopyPlan
    findings: Findings
    counts: Mapping[State, int]
    outcomes: Mapping[int, UrlOutcome]
    url: str
    reason: str
    requests: int
    log: Sequence[str]
    content_at: Mapping[int, int] = field(default_factory=dict)
    certificates: Mapping[int, datetime] = field(default_factory=dict)


async def visit_host(
    plan: VisitPlan,
    *,
    clock: Callable[[], datetime],
    probes: Probes,
    pace: Pace,
    policy: CrawlPolicy,
    progress: Progress,
) -> list[CopyResult]:
    """Look at all copies of a Host, one after the other, and return what was found.

    Copies without a URL that any probe can ask are left out. When the Host's budget of time is
    used up, the Directories that remain are unknown. Each copy draws its sample with a generator
    of its own, and pauses have another: what is asked for again, or of other copies, changes no
    sample.
    """
    until = asyncio.get_running_loop().time() + policy.host_budget_seconds
    jitter = _generator(plan.seed, "pauses")
    results = []
    for copy in plan.copies:
        files: list[FileVisit] = []
        trees: list[TreeVisit] = []
        for url_id, url in copy.urls.items():
            scheme, private = url.partition(":")[0], plan.allow_private
            if scheme in probes.files:
                probe = probes.files[scheme].bind(url, allow_private=private)
                files.append(FileVisit(url_id, url, probe, clock=clock, rng=jitter, policy=policy))
            elif scheme in probes.trees:
                tree = probes.trees[scheme].bind(url, allow_private=private)
                trees.append(TreeVisit(url_id, url, tree, policy=policy))
        if files or trees:
            rng = _generator(plan.seed, copy.label)
            visit = _CopyVisit(copy, files, trees, mode=plan.mode, until=until, rng=rng, pace=pace)
            results.append(await visit.run(partial(progress.advanced, plan), policy=policy))
    return results


def _generator(seed: int, purpose: str) -> Random:
    """Return random numbers for one purpose; the same ones for the same seed."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 -- a sample, not a secret


class _CopyVisit:
    """One copy in the course of the visit: several connections share its list of Directories."""

    def __init__(
        self,
        plan: CopyPlan,
        files: Sequence[FileVisit],
        trees: Sequence[TreeVisit],
        *,
        mode: Mode,
        until: float,
        rng: Random,
        pace: Pace,
    ) -> None:
        self._plan, self._tree, self._urls, self._trees = plan, plan.tree, files, trees
        self._mode, self._until, self._rng, self._pace = mode, until, rng, pace
        self._ledger = Ledger()
        self._without_files: list[Row] = []
        self._listed: dict[int, Verdict] = {}
        self._unseen: list[Row] = []
        self._asked_last = (trees or files)[0].url

    async def run(self, advanced: Callable[[], None], *, policy: CrawlPolicy) -> CopyResult:
        impossible = f"mirrorsite-{self._rng.getrandbits(64):016x}-does-not-exist"
        chosen = choose_rows(
            self._tree.rows,
            mode=self._mode,
            known=self._plan.known,
            metadata=self._tree.histories,
            policy=policy.modes,
            rng=self._rng,
        )
        greetings = [url.greet(impossible, pace=self._pace) for url in self._urls]
        await asyncio.gather(*greetings, self._list_trees(chosen))
        listing = next((tree for tree in self._trees if tree.course.proven), None)
        if listing is not None and not self._may_ask():
            await self._verify(listing, chosen, policy=policy)
        rows = iter(chosen)
        async with asyncio.TaskGroup() as group:
            for _ in range(policy.connections_per_host):
                group.create_task(self._walk(rows, advanced))
        await self._finish_without_files()
        return self._result(looked_at=len(chosen))

    async def _list_trees(self, rows: Sequence[Row]) -> None:
        """Let one URL after the other list its tree, until one shows something."""
        for tree in self._trees:
            self._listed = await tree.list_tree(
                rows, histories=self._tree.histories, pace=self._pace
            )
            if tree.course.proven:
                self._asked_last = tree.url
                return

    async def _verify(self, tree: TreeVisit, rows: Sequence[Row], *, policy: CrawlPolicy) -> None:
        """Compare digests of some files through the listing URL, if nobody else can be asked."""
        most = policy.files_fetched_by_rsync
        listed, histories = self._listed, self._tree.histories
        good = [row for row in rows if row.id in histories and row.id in listed]
        good = [row for row in good if listed[row.id].good]
        drawn = self._rng.sample(good, min(most, len(good)))
        asks = [(row, expected) for row in drawn for expected in self._with_digests(row)][:most]
        verified = await tree.verify(asks, pace=self._pace) if asks else {}
        listed.update(
            (directory, verdict)
            for directory, verdict in verified.items()
            if verdict.state is not State.UNKNOWN
        )

    def _with_digests(self, row: Row) -> list[Expected]:
        """Return those files of a Directory whose digests are known."""
        expected = [self._tree.expect(row, entry) for entry in self._tree.frame(row).metadata]
        return [each for each in expected if each.states]

    async def _walk(self, rows: Iterator[Row], advanced: Callable[[], None]) -> None:
        """Take one Directory after the other; a look into the listing is quick."""
        while (row := next(rows, None)) is not None:
            listed = self._listed.get(row.id)
            if listed is not None and self._is_settled(row, listed):
                self._ledger.note(row, listed)
            elif not self._may_ask():
                self._leave(row, listed)
            elif listed is not None and listed.good:
                await self._ask(row, self._with_digests(row), listed=listed)
            else:
                await self._look_into(row, listed)
            advanced()

    def _is_settled(self, row: Row, listed: Verdict) -> bool:
        """Tell whether nobody else need be asked about a Directory that was listed.

        Good is settled unless there are digests to compare. What a listing lacks is believed if it
        shows something elsewhere.
        """
        if listed.good:
            return not self._urls or row.id not in self._tree.histories
        return any(settles(tree.course, listed) for tree in self._trees)

    def _leave(self, row: Row, listed: Verdict | None) -> None:
        """Put down a Directory that nobody can be asked about any more."""
        if listed is not None:
            self._ledger.note(row, listed)
        else:
            self._unseen.append(row)

    async def _look_into(self, row: Row, listed: Verdict | None) -> None:
        frame = self._tree.frame(row)
        if frame.empty:
            self._without_files.append(row)
            return
        entries = draw_files(
            frame, allowed=self._tree.allowed, policy=self._tree.policy, rng=self._rng
        )
        await self._ask(row, [self._tree.expect(row, entry) for entry in entries], listed=listed)

    def _may_ask(self) -> bool:
        for url in self._urls:
            if url.course.closed is None:
                return asyncio.get_running_loop().time() < self._until
        return False

    async def _ask(
        self, row: Row, files: Sequence[Expected], *, listed: Verdict | None = None
    ) -> None:
        """Ask one URL after the other about the same Directory, until one settles it.

        What a listing says about it counts if none of them says anything.
        """
        verdicts: list[Verdict] = []
        for url in self._urls if files else ():
            if url.course.closed is not None:
                continue
            self._asked_last = url.url
            verdicts.append(await url.judge(row, files))
            if settles(url.course, verdicts[-1]):
                break
        verdict = best(verdicts)
        if listed is not None and (verdict is None or verdict.state is State.UNKNOWN):
            verdict = listed
        # None: the other connection closed the last URL since this one looked.
        if verdict is None:
            self._unseen.append(row)
        else:
            self._ledger.note(row, verdict)

    async def _finish_without_files(self) -> None:
        """Judge the Directories without files, by what is below them or by asking for them."""
        judged = implied((row.path for row in self._without_files), up2date=self._good_paths())
        for row in self._without_files:
            if verdict := judged.get(row.path) or self._listed.get(row.id):
                self._ledger.note(row, verdict)
            elif self._may_ask():
                await self._ask(row, [Expected("")])
            else:
                self._unseen.append(row)

    def _good_paths(self) -> Sequence[str]:
        """Return the paths of what is up2date: seen now, or believed of what was not looked at."""
        if not self._without_files or self._mode is Mode.FULL:
            return self._ledger.paths
        have = self._plan.known.up2date
        return [*self._ledger.paths, *(row.path for row in self._tree.rows if row.id in have)]

    def _result(self, *, looked_at: int) -> CopyResult:
        visits: list[FileVisit | TreeVisit] = [*self._trees, *self._urls]
        left = without_urls(url.course for url in visits)
        for row in self._unseen:
            self._ledger.note_unseen(row, left)
        outcomes = {url.id: sum_up(url.course) for url in visits}
        return CopyResult(
            plan=self._plan,
            findings=self._ledger.findings(complete=looked_at == len(self._tree.rows)),
            counts=self._ledger.counts,
            outcomes=outcomes,
            url=self._asked_last,
            reason=self._reason(left, others=len(self._tree.rows) - looked_at),
            requests=sum(url.requests for url in visits),
            log=[f"{url.url}: {outcomes[url.id].sentence}" for url in visits]
            + [line for url in visits for line in url.log()]
            + self._ledger.log,
            content_at=self._ledger.content_at,
            certificates={url.id: until for url in self._urls if (until := url.certificate_until)},
        )

    def _reason(self, left: Verdict | None, *, others: int) -> str:
        counts = self._ledger.counts
        reason = describe(counts) if counts or not others else "Nothing has changed."
        if others:
            reason = f"{reason} {counted(others, 'other')} did not need a look."
        if left is not None:
            return f"{left.sentence} {reason}"
        if self._unseen:
            return f"The time for this Host was used up. {reason}"
        return reason
