"""Do what an edge does beside answering, each thing in a thread of its own.

Knows rhythm only: a step that fails is reported and tried again.
"""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

Step = Callable[[], object]


def keep_doing(step: Step, delay_seconds: Callable[[], float]) -> None:
    """Do something again and again as long as the process lives; the delay comes first."""
    threading.Thread(target=_keep_doing, args=[step, delay_seconds], daemon=True).start()


def _keep_doing(step: Step, delay_seconds: Callable[[], float]) -> None:
    while True:
        time.sleep(delay_seconds())
        run(step)


def run(step: Step) -> None:
    """Do something once; whatever is wrong with it must not end what goes on beside."""
    try:
        step()
    except Exception:  # a bug here must not cost the next snapshot, or the logs
        logger.exception("%s failed; it is tried again.", getattr(step, "__qualname__", step))
