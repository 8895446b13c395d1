"""Start an edge: `python -m mirrorlist.edge`. Needs neither Django nor a database."""

import argparse
import logging
import os
from typing import Any

from gunicorn.app.base import BaseApplication

from mirrorlist.edge.application import EdgeApplication
from mirrorlist.edge_config import EdgeConfig, read_config

# Arguments that stand for a variable of the environment, with the help that they give.
VARIABLES = {
    "snapshot": ("MIRRORLIST_SNAPSHOT", "the snapshot file"),
    "snapshot-url": ("MIRRORLIST_SNAPSHOT_URL", "where to fetch snapshots from"),
    "connections": ("EDGE_CONNECTIONS", "connections per process at a time"),
    "access-log": ("EDGE_ACCESS_LOG", "file for lines in MirrorManager's format"),
    "json-log": ("EDGE_JSON_LOG", "file for lines of JSON"),
    "trusted-networks": (
        "EDGE_TRUSTED_NETWORKS",
        "netblocks that may ask for explanations and metrics",
    ),
}


class Edge(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Gunicorn with our settings; each worker loads the application for itself."""

    def __init__(self, config: EdgeConfig, **settings: Any) -> None:
        self._config = config
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> EdgeApplication:
        return EdgeApplication(self._config)


def main() -> None:
    """Read the arguments and serve until stopped."""
    parser = argparse.ArgumentParser(prog="mirrorlist.edge", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:8001", help="address and port")
    parser.add_argument("--workers", type=int, default=1, help="number of processes")
    for name, (variable, meaning) in VARIABLES.items():
        parser.add_argument(f"--{name}", dest=variable, help=f"{meaning}, instead of {variable}")
    arguments = vars(parser.parse_args())
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="INFO")
    given = {name: arguments[name] for name, _ in VARIABLES.values() if arguments[name] is not None}
    try:
        config = read_config(os.environ | given)
    except ValueError as error:
        parser.error(str(error))
    Edge(
        config,
        bind=arguments["bind"],
        workers=arguments["workers"],
        worker_class="mirrorlist.edge.worker.EdgeWorker",
        control_socket_disable=True,
        proc_name="mirrorsite-edge",
    ).run()


if __name__ == "__main__":
    main()
