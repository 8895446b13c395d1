"""At what moments requests may begin so that a rate is kept.

The generic cell rate algorithm (ITU-T I.371): after a short burst, evenly. Deliberately knows no
clock and waits for nothing; moments are seconds on whatever clock the caller has.
"""


class Pacing:
    """One rate that any number of requests share; no rate means no limit."""

    def __init__(self, *, per_second: float, burst: float = 1) -> None:
        self._interval = 1 / per_second if per_second > 0 else 0.0
        self._allowance = self._interval * max(burst - 1, 0)
        self._next = 0.0

    def reserve(self, *, now: float) -> float:
        """Take the next place and return how many seconds there are until it."""
        turn = self._next
        if turn <= now:
            self._next = now + self._interval
            return 0.0
        self._next = turn + self._interval
        return max(0.0, turn - self._allowance - now)

    def hold(self, seconds: float, *, now: float) -> None:
        """Let nobody begin for so long."""
        self._next = max(self._next, now + seconds + self._allowance)
