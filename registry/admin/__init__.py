"""The operators' pages of all registry tables; importing this registers them."""

from registry.admin import (
    carriage,
    content,
    credentials,
    events,
    filters,
    geography,
    hosts,
    netblocks,
    network_pages,
    notifications,
    pairing,
    people,
    pieces,
    questions,
    rules,
    sites,
)

__all__ = [
    "carriage",
    "content",
    "credentials",
    "events",
    "filters",
    "geography",
    "hosts",
    "netblocks",
    "network_pages",
    "notifications",
    "pairing",
    "people",
    "pieces",
    "questions",
    "rules",
    "sites",
]
