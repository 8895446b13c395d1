"""Look at one URL for a trial: its addresses, both families, and whether the right tree is there.

Everything here happens inside the event loop and touches no database. Only vetted addresses are
visited, and only for a few seconds: somebody waits, and so does a web worker.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.logic.freshness import judge_greeting
from crawler.logic.observations import Ask, Fault, Observation
from crawler.logic.rsync_endings import Proof
from crawler.logic.tree_guess import Sample, guess_bases, spread
from crawler.logic.trial import ANSWERS_EVERYTHING, TOO_SLOW, Elsewhere, Hits, Seen
from crawler.logic.verdicts import Reason
from crawler.probes.addresses import addresses_of
from crawler.probes.base import Probe, UrlProbe
from crawler.probes.ftp import FtpProbe
from crawler.probes.http import HttpProbe
from crawler.probes.reach import reach
from crawler.probes.rsync import RsyncProbe
from crawler.services.policies import CrawlPolicy
from registry.vetting import VettingResolver

# A whole trial, and one answer of it.
SECONDS = 12
ANSWER_SECONDS = 4
AT_ONCE = 4
# So many files are asked for where the tree only may be.
GUESSED_WITH = 3
# If none of so many is there, the others are not asked for.
FIRST = 10
IMPOSSIBLE = "mirrorsite-trial-does-not-exist"


class Samples(NamedTuple):
    """One Category and the files that stand for it."""

    category: str
    top_directory: str
    files: Sequence[Sample]


async def look(
    url: str, chosen: Samples | None, others: Sequence[Samples], *, policy: CrawlPolicy
) -> Seen:
    """Look at a URL, for the Category that was chosen or else for any of the others.

    After `SECONDS` it is over: what was seen until then is returned, and that there was not time
    for all.
    """
    last = Seen(url)
    try:
        async with asyncio.timeout(SECONDS), aclosing(_look(url, chosen, others, policy)) as looks:
            async for seen in looks:
                last = seen
    except TimeoutError:
        return last if last.fault or last.trouble else last._replace(trouble=TOO_SLOW)
    return last


async def _look(
    url: str, chosen: Samples | None, others: Sequence[Samples], policy: CrawlPolicy
) -> AsyncGenerator[Seen, None]:
    """Yield what was seen so far, each time there is more of it."""
    private, addresses = policy.allow_private, list[str]()
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            addresses = await addresses_of(url, VettingResolver(allow_private=private))
    limits = policy.limits._replace(answer_seconds=ANSWER_SECONDS, body_seconds=ANSWER_SECONDS)
    async with HttpProbe(limits=limits, user_agent=policy.user_agent, tls=policy.tls) as http:
        families = await reach(
            url, addresses, http=http, allow_private=private, seconds=ANSWER_SECONDS
        )
        until = http.bind(url, allow_private=private).certificate_until()
        seen = Seen(url, addresses, families, certificate_until=until)
        yield seen
        scheme = urlsplit(url).scheme
        if scheme == "rsync":
            yield await _look_by_rsync(seen, chosen, policy=policy)
        elif scheme == "ftp":
            quick = policy.ftp._replace(answer_seconds=ANSWER_SECONDS)
            async with FtpProbe(limits=quick) as ftp:
                async for more in _look_by_files(seen, chosen, others, probe=ftp, policy=policy):
                    yield more
        else:
            async for more in _look_by_files(seen, chosen, others, probe=http, policy=policy):
                yield more


async def _look_by_rsync(seen: Seen, chosen: Samples | None, *, policy: CrawlPolicy) -> Seen:
    limits = policy.rsync._replace(
        connect_seconds=ANSWER_SECONDS, silent_seconds=ANSWER_SECONDS, fetch_seconds=SECONDS
    )
    files = chosen.files if chosen is not None else ()
    wanted = [f"{each.path}/{each.name}".lstrip("/") for each in files]
    async with RsyncProbe(limits=limits) as probe:
        bound = probe.bind(seen.url, allow_private=policy.allow_private)
        there, ending = await bound.find(wanted or [IMPOSSIBLE])
    if ending.proof is Proof.NOTHING:
        return seen._replace(fault=ending.fault or Fault.PROTOCOL, trouble=ending.detail)
    if chosen is None:
        return seen
    return seen._replace(hits=Hits(chosen.category, len(there), len(wanted)))


async def _look_by_files(
    seen: Seen,
    chosen: Samples | None,
    others: Sequence[Samples],
    *,
    probe: Probe,
    policy: CrawlPolicy,
) -> AsyncGenerator[Seen, None]:
    bound = probe.bind(seen.url, allow_private=policy.allow_private)
    hello = await bound.greet(IMPOSSIBLE)
    verdict = judge_greeting(hello, base=seen.url)
    if verdict is not None and verdict.reason is Reason.ANSWERS_EVERYTHING:
        yield seen._replace(trouble=ANSWERS_EVERYTHING)
        return
    if hello.fault is not None:
        yield seen._replace(fault=hello.fault, trouble=hello.detail)
        return
    seen = seen._replace(certificate_until=seen.certificate_until or bound.certificate_until())
    if chosen is not None:
        seen = seen._replace(hits=await _count(bound, chosen))
        yield seen
    if seen.hits is None or (seen.hits.asked and not seen.hits.found):
        yield await _search(seen, chosen, others, probe=probe, policy=policy)


async def _count(bound: UrlProbe, samples: Samples) -> Hits:
    """Count which files are there: a few first, the others only if one of those was."""
    asked = spread(samples.files, most=FIRST)
    answers = await _ask(bound, asked)
    if any(map(_there, answers)):
        rest = [each for each in samples.files if each not in asked]
        answers += await _ask(bound, rest)
        asked += rest
    sizes = zip(answers, asked, strict=True)
    differing = sum(_there(one) and one.size not in {None, file.size} for one, file in sizes)
    return Hits(samples.category, sum(map(_there, answers)), len(asked), differing)


async def _search(
    seen: Seen,
    chosen: Samples | None,
    others: Sequence[Samples],
    *,
    probe: Probe,
    policy: CrawlPolicy,
) -> Seen:
    """Look for the Category elsewhere on the server, then for other Categories at the URL."""
    places = [(seen.url, each) for each in others]
    if chosen is not None:
        bases = guess_bases(seen.url, top_directory=chosen.top_directory)
        places = [*((base, chosen) for base in bases), *places]
    for base, samples in places:
        bound = probe.bind(base, allow_private=policy.allow_private)
        answers = await _ask(bound, spread(samples.files, most=GUESSED_WITH))
        if not answers or not all(map(_there, answers)):
            continue
        if chosen is None:
            return seen._replace(hits=await _count(bound, samples))
        return seen._replace(elsewhere=Elsewhere(base, samples.category))
    return seen


async def _ask(bound: UrlProbe, files: Sequence[Sample]) -> list[Observation]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def ask(sample: Sample) -> Observation:
        async with slots:
            return await bound.look(sample.path, Ask(sample.name))

    return list(await asyncio.gather(*map(ask, files)))


def _there(answer: Observation) -> bool:
    """Tell whether a file came, not a page for people that says that it is not there."""
    return answer.fault is None and answer.status in {200, 206} and not answer.html
