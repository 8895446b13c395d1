"""The edge for gunicorn: `gunicorn -k mirrorlist.edge.worker.EdgeWorker mirrorlist.edge.wsgi`.

Any WSGI server serves it, more slowly and without the limits of our own worker class.
"""

import os

from mirrorlist.edge.application import EdgeApplication
from mirrorlist.edge_config import read_config

application = EdgeApplication(read_config(os.environ))
