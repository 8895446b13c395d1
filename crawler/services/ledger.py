"""Keep what a visit finds about one HostCategory, in little memory whatever its size."""

from collections import Counter

from pyroaring import BitMap

from crawler.logic.tree_comparison import Row
from crawler.logic.verdicts import State, Verdict
from registry.models import DirectoryState
from registry.services.carriage import ISSUES_KEPT, Findings, Issue

LOGGED = 20


class Ledger:
    """Verdicts as they come: numbers and ids of all, sentences of the first few hundred."""

    def __init__(self) -> None:
        self.counts: Counter[State] = Counter()
        self.paths: list[str] = []  # of what is up2date
        self.log: list[str] = []
        self.content_at: dict[int, int] = {}  # of files that clients verify
        self._up2date, self._wrong, self._unknown = BitMap(), BitMap(), BitMap()
        self._certain: dict[int, Issue] = {}
        self._uncertain: dict[int, Issue] = {}

    def note(self, row: Row, verdict: Verdict) -> None:
        """Remember the verdict about a Directory that was looked at."""
        self.counts[verdict.state] += 1
        if verdict.content_at is not None:
            self.content_at[row.id] = verdict.content_at
        if verdict.good:
            self._up2date.add(row.id)
            self.paths.append(row.path)
            return
        if verdict.state is State.UNKNOWN:
            ids, issues = self._unknown, self._uncertain
        else:
            ids, issues = self._wrong, self._certain
        ids.add(row.id)
        if len(issues) < ISSUES_KEPT:
            state = DirectoryState(verdict.state.value)
            issues[row.id] = Issue(state, verdict.reason.value, verdict.sentence)
        if len(self.log) < LOGGED:
            self.log.append(f"{row.path or 'top directory'}: {verdict.state}: {verdict.sentence}")

    def note_unseen(self, row: Row, verdict: Verdict | None) -> None:
        """Count a Directory that was not looked at; `verdict` says what that means, if anything.

        It gets no sentence of its own, because the sentence is about the URL or the time.
        """
        state = verdict.state if verdict else State.UNKNOWN
        self.counts[state] += 1
        (self._unknown if state is State.UNKNOWN else self._wrong).add(row.id)

    def findings(self, *, complete: bool) -> Findings:
        """Return everything for storage; `complete` if it accounts for each Directory."""
        return Findings(
            self._up2date,
            {**self._uncertain, **self._certain},
            complete=complete,
            also_wrong=self._wrong,
            unknown=self._unknown,
        )
