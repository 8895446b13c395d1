"""A message with a topic, a body and an id."""

from typing import Any


class Message:
    def __init__(self, topic: str, body: dict[str, Any]) -> None:
        self.topic = topic
        self.body = body
        self.id = "drawn by the package"
