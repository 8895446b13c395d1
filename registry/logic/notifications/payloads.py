"""What programs are told of an Event: bodies of webhooks, topics and bodies of the message bus.

The names of facts are MirrorManager's where it has them, so that its consumers keep working.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

SITE = "site"
HOST = "host"


class SiteFacts(NamedTuple):
    """What programs may know of a Site; `admins` are user names."""

    id: int
    name: str
    org_url: str
    admins: tuple[str, ...]


class HostFacts(NamedTuple):
    """What programs may know of a Host; bandwidth in Mbit/s, `url` is its page here."""

    id: int
    name: str
    country: str
    bandwidth: int | None
    asn: int | None
    url: str


class Happening(NamedTuple):
    """An Event with the facts about its Site and Host, as they were when it happened.

    `thing` is the kind of object it happened to; `agent` the user name of who did it, or empty.
    """

    kind: str
    thing: str
    at: datetime
    sentence: str
    agent: str
    site: SiteFacts | None = None
    host: HostFacts | None = None
    reason: str = ""
    crawled_at: datetime | None = None
    logs_url: str = ""
    private: bool = False


class BusMessage(NamedTuple):
    """One message for the bus."""

    topic: str
    body: dict[str, Any]


# (kind of Event, kind of object) → the end of the topic. First version and second version exist.
HOST_TOPICS = {"created": "added", "changed": "updated", "deleted": "deleted"}


def site_body(site: SiteFacts) -> dict[str, Any]:
    """Return a Site as the second version of the messages has it."""
    return {**site._asdict(), "admins": list(site.admins)}


def host_body(host: HostFacts) -> dict[str, Any]:
    """Return a Host as the second version of the messages has it."""
    return dict(host._asdict())


def bus_messages(happening: Happening) -> tuple[BusMessage, ...]:
    """Return the messages that an Event means to the bus; none for most kinds.

    The bus is public, so what is private is never published.
    """
    if happening.private or happening.site is None:
        return ()
    if happening.kind == "deleted" and happening.thing == SITE:
        return _site_deleted(happening.site, happening.agent)
    if happening.host is None or happening.thing != HOST:
        return ()
    if happening.kind == "system_disabled":
        return (_host_disabled(happening, happening.site, happening.host),)
    verb = HOST_TOPICS.get(happening.kind)
    return _host_changed(verb, happening.site, happening.host, happening.agent) if verb else ()


def _site_deleted(site: SiteFacts, agent: str) -> tuple[BusMessage, ...]:
    first = {"site_id": site.id, "site_name": site.name, "org_url": site.org_url}
    second = {"site": site_body(site), "agent": agent}
    topic = "mirrormanager.site.deleted"
    return BusMessage(topic, first), BusMessage(f"{topic}.v2", second)


def _host_changed(
    verb: str, site: SiteFacts, host: HostFacts, agent: str
) -> tuple[BusMessage, ...]:
    first = {
        "site_id": site.id,
        "host_id": host.id,
        "bandwidth": host.bandwidth,
        "asn": host.asn,
    }
    second = {"site": site_body(site), "host": host_body(host), "agent": agent}
    topic = f"mirrormanager.host.{verb}"
    return BusMessage(topic, first), BusMessage(f"{topic}.v2", second)


def _host_disabled(happening: Happening, site: SiteFacts, host: HostFacts) -> BusMessage:
    body = {
        "site": site_body(site),
        "host": host_body(host),
        "crawled_at": _iso(happening.crawled_at or happening.at),
        "logs_url": happening.logs_url,
        "reason": happening.reason or happening.sentence,
    }
    return BusMessage("mirrormanager.crawler.host.disabled.v1", body)


def webhook_body(happening: Happening) -> dict[str, Any]:
    """Return what a webhook is told of an Event; `site` and `host` are null where there is none."""
    return {
        "event": happening.kind,
        "thing": happening.thing,
        "at": _iso(happening.at),
        "sentence": happening.sentence,
        "agent": happening.agent,
        "site": site_body(happening.site) if happening.site else None,
        "host": host_body(happening.host) if happening.host else None,
        "reason": happening.reason,
        "crawled_at": _iso(happening.crawled_at) if happening.crawled_at else None,
        "logs_url": happening.logs_url,
    }


def facts_of_deleted(site: SiteFacts | None, host: HostFacts | None) -> dict[str, Any]:
    """Return what an Event must keep of what is about to be gone; read by `deleted_facts`."""
    return {
        "site": site_body(site) if site else None,
        "host": host_body(host) if host else None,
    }


def deleted_facts(facts: Mapping[str, Any]) -> tuple[SiteFacts | None, HostFacts | None]:
    """Return the Site and the Host that `facts_of_deleted` kept."""
    site, host = facts.get("site"), facts.get("host")
    return (
        SiteFacts(**{**site, "admins": tuple(site["admins"])}) if site else None,
        HostFacts(**host) if host else None,
    )


def _iso(moment: datetime) -> str:
    return moment.isoformat()
