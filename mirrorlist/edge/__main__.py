"""Start an edge: `python -m mirrorlist.edge`. Needs neither Django nor a database."""

import argparse
import logging
import os
from typing import Any

from gunicorn.app.base import BaseApplication

from mirrorlist.edge.application import create_application
from mirrorlist.edge.config import EdgeConfig, read_config


class Edge(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Gunicorn with our settings; each worker loads the application for itself."""

    def __init__(self, config: EdgeConfig, **settings: Any) -> None:
        self._config = config
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_application(self._config)


def main() -> None:
    """Read the arguments and serve until stopped."""
    parser = argparse.ArgumentParser(prog="mirrorlist.edge", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:8001", help="address and port")
    parser.add_argument("--workers", type=int, default=1, help="number of processes")
    parser.add_argument(
        "--connections", type=int, default=10_000, help="connections per process at a time"
    )
    parser.add_argument("--snapshot", help="the snapshot file, instead of MIRRORLIST_SNAPSHOT")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="INFO")
    environment = dict(os.environ)
    if arguments.snapshot:
        environment["MIRRORLIST_SNAPSHOT"] = arguments.snapshot
    try:
        config = read_config(environment)
    except ValueError as error:
        parser.error(str(error))
    Edge(
        config,
        bind=arguments.bind,
        workers=arguments.workers,
        worker_class="mirrorlist.edge.worker.EdgeWorker",
        worker_connections=arguments.connections,
        keepalive=30,
        limit_request_line=8190,
        control_socket_disable=True,
        proc_name="mirrorsite-edge",
    ).run()


if __name__ == "__main__":
    main()
