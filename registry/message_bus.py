"""Publish to a fedora-messaging bus, if its package is installed; it is no requirement of ours.

Knows nothing of what is published. Configuration is that of the package (FEDORA_MESSAGING_CONF).
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any


class BusError(Exception):
    """A message could not be published; the text says why."""


def publish(topic: str, body: Mapping[str, Any], *, message_id: str) -> None:
    """Publish one message and wait until the broker has it; raise BusError if that fails.

    The same id is used at every attempt, so that consumers can drop a repetition.
    """
    try:
        api, message = (import_module(f"fedora_messaging.{name}") for name in ("api", "message"))
    except ImportError as error:
        raise BusError(f"The package fedora-messaging cannot be loaded: {error}") from error
    made = message.Message(topic=topic, body=dict(body))
    made.id = message_id
    try:
        api.publish(made)
    # The package raises errors of its own, of pika and of Twisted; none of them may end the run.
    except Exception as error:
        raise BusError(f"{type(error).__name__}: {error}") from error
