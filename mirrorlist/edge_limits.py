"""What an edge puts up with from one client, and from all together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one client may cost. Sizes in bytes, times in seconds; 0 per address is no limit."""

    target_bytes: int = 8 * 1024
    head_bytes: int = 32 * 1024
    header_fields: int = 100
    body_bytes: int = 64 * 1024
    connections: int = 10_000
    connections_per_address: int = 0
    header_seconds: float = 10
    idle_seconds: float = 30
    write_seconds: float = 30
    linger_seconds: float = 2

    @property
    def request_bytes(self) -> int:
        """What one request may send before it is complete."""
        return self.target_bytes + self.head_bytes + self.body_bytes
