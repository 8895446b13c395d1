"""The edge for any WSGI server: `gunicorn mirrorlist.edge.wsgi`."""

import os

from mirrorlist.edge.application import create_application
from mirrorlist.edge.config import read_config

application = create_application(read_config(os.environ))
