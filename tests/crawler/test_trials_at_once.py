"""People who try servers that never answer leave web workers for everybody else."""

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connections
from django.test import Client

from tests.crawler.mirrors import Mirror

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
# As many as `make run` starts.
WORKERS = 4
CHECK = "/my/add/check/"


async def never(request, writer) -> None:
    """Take the request and say nothing."""
    await asyncio.sleep(3600)


def answered(client: Client, method: str, address: str, **facts: str) -> tuple[float, str]:
    """Ask in a thread of a worker; return when the answer came, and its text."""
    try:
        got = getattr(client, method)(address, facts)
        return time.monotonic(), got.content.decode()
    finally:
        connections.close_all()


def test_workers_stay_free_however_many_try_a_server_that_never_answers() -> None:
    cache.clear()
    people = [User.objects.create_user(f"person{number}") for number in range(8)]
    clients = []
    for person in people:
        clients.append(Client())
        clients[-1].force_login(person)
    with Mirror(answer=never) as mirror, ThreadPoolExecutor(WORKERS) as workers:
        trials = [
            workers.submit(answered, client, "post", CHECK, url1=mirror.url)
            for client in clients
            for _ in range(2)
        ]
        page: Future[tuple[float, str]] = workers.submit(answered, Client(), "get", "/healthz/live")
        at, _ = page.result(timeout=30)
        waiting = [trial for trial in trials if not trial.done()]
        told = [trial.result(timeout=60) for trial in trials]
    slow = [at for at, text in told if "no answer in time" in text]
    busy = [at for at, text in told if "follows in" in text]
    assert (len(slow), len(busy)) == (2, 14)
    assert len(waiting) >= 2  # those, and perhaps one that was being told so
    assert max(*busy, at) < min(slow)
