"""Whole visits of servers that lie: in time, within limits, with a sentence for the owner."""

import gzip
import time
import tracemalloc
from dataclasses import replace

import pytest

from crawler.models import RunState
from registry.models import Category
from tests.crawler.mirrors import (
    Mirror,
    always,
    never_end_headers,
    respond,
    send_without_end,
    status,
    trickle,
)
from tests.crawler.world import (
    PACKAGES,
    POLICY,
    REPODATA,
    copy_of,
    crawl,
    good_files,
    issues,
    make_category,
    mirror_of,
    paths,
)

pytestmark = pytest.mark.django_db

REPOMD = f"/pub/{REPODATA}/repomd.xml"
OTHERS = {"", "42", "42/os", PACKAGES}
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"<x/>" * 25_000_000)
LIES = {
    "a header that never ends": (never_end_headers, "unknown", "no_answer"),
    "a body that never ends": (send_without_end, "stale", "too_large"),
    "a body that trickles": (trickle, "stale", "too_large"),
    "10 GB": (always(respond(200, b"", length=10 * 1024**3)), "stale", "too_large"),
    "more promised than sent": (always(respond(200, b"<", length=24)), "unknown", "no_answer"),
    "two lengths": (always(HEAD + b"Content-Length: 24, 25\r\n\r\n"), "unknown", "no_answer"),
    "a negative length": (always(HEAD + b"Content-Length: -1\r\n\r\n"), "unknown", "no_answer"),
    "chunks that are none": (always(CHUNKED + b"zz\r\n"), "unknown", "no_answer"),
    "a chunk that is cut": (always(CHUNKED + b"18\r\n<repomd>"), "unknown", "no_answer"),
    "a chunk of any length": (always(CHUNKED + b"f" * 40 + b"\r\n"), "unknown", "no_answer"),
}


@pytest.fixture
def category() -> Category:
    return make_category()


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_one_file_costs_little_time_and_no_other_directory(category, lie) -> None:
    answer, state, reason = LIES[lie]
    with Mirror(good_files(), special={REPOMD: answer}) as mirror:
        host = mirror_of(category, mirror)
        began = time.monotonic()
        [run] = crawl(host)
        assert time.monotonic() - began < 10
    assert run.state == RunState.FINISHED
    assert issues(copy_of(host)) == {REPODATA: (state, reason)}
    assert paths(copy_of(host)) == OTHERS
    sentence = copy_of(host).issues.get().sentence
    assert "repomd.xml" in sentence
    assert sentence.isprintable()


@pytest.mark.parametrize("lie", ["a header that never ends", "two lengths", "chunks that are none"])
def test_a_server_that_always_lies_fails_with_a_reason(category, lie) -> None:
    with Mirror(answer=LIES[lie][0]) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host)
    url = copy_of(host).urls.get()
    assert (run.state, url.state) == (RunState.FAILED, "failing")
    assert url.reason.isprintable()
    assert not paths(copy_of(host))


def test_a_gzip_bomb_is_compared_as_it_comes_and_never_unpacked(category) -> None:
    """100 MB that are sent as 100 KB; the limit of bytes is beyond that on purpose."""
    answer = status(200, BOMB, "Content-Encoding: gzip\r\n")
    policy = replace(POLICY, limits=POLICY.limits._replace(body_bytes=10_000_000))
    with Mirror(good_files(), special={REPOMD: answer}) as mirror:
        host = mirror_of(category, mirror)
        tracemalloc.start()
        try:
            crawl(host, policy=policy)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert issues(copy_of(host)) == {REPODATA: ("stale", "metadata_other")}
    assert most < 20_000_000


def test_control_characters_in_what_a_server_says_reach_nobody(category) -> None:
    """A redirect target is the only text of a server that stands in a sentence."""
    target = "Location: javascript:\x1b]0;x\x07alert(1)\r\n"
    with Mirror(good_files(), special={REPOMD: status(302, b"", target)}) as mirror:
        host = mirror_of(category, mirror)
        [run] = crawl(host)
    sentence = copy_of(host).issues.get().sentence
    assert sentence.isprintable()
    assert run.log.replace("\n", "").isprintable()
