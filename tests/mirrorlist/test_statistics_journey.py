"""From a client's question to the public page: edge, spool, import, page."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from mirrorlist.counting import CountingConfig
from mirrorlist.edge.application import EdgeApplication
from mirrorlist.edge_config import EdgeConfig
from mirrorlist.edge_messages import Request
from mirrorlist.models import AccessStat
from mirrorlist.services.snapshots import build_snapshot
from mirrorlist.services.spool import import_spool
from mirrorlist.services.statistics import statistics_policy


@pytest.mark.django_db
def test_what_an_edge_answers_is_on_the_page(
    client: Client, network, policy, tmp_path: Path
) -> None:
    network.host("mirror1.example.edu")
    now = datetime.now(UTC)
    build_snapshot(now=now, policy=policy)
    edge = EdgeApplication(EdgeConfig(policy.current, counting=CountingConfig(tmp_path, "edge1")))
    edge.watch.refresh()
    edge.count()
    for number in range(12):
        target = b"/metalink?repo=fedora-42&arch=x86_64&countme=%d" % (number % 4 + 1)
        headers = {b"user-agent": b"libdnf (Fedora Linux 42; kde; Linux.x86_64)"}
        answer = edge.respond(Request(b"GET", target, headers, "193.99.144.80"))
        assert answer.status == 200
    edge.tick()
    edge.stop_counting()
    imported = import_spool(tmp_path, now=now, policy=statistics_policy())
    assert (imported.batches, imported.requests) == (1, 12)
    document = client.get("/statistics.json").json()
    shown = {
        name: [(row["label"], row["requests"]) for row in document[name]["rows"]]
        for name in ("kind", "country", "repository", "arch", "host")
    }
    assert shown == {
        "kind": [("metalink 200", 12)],
        "country": [("Germany", 12)],
        "repository": [("fedora-42", 12)],
        "arch": [("x86_64", 12)],
        "host": [("mirror1.example.edu", 12)],
    }
    assert sum(document["weeks"][0]["systems"].values()) == 12
    assert "193.99.144.80" not in str(document)
    (day,) = AccessStat.objects.filter(dimension="system", span="day").values_list("key", "count")
    assert day == ("Fedora Linux 42/kde fedora-42", 12)
