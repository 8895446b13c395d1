"""The WSGI application that gunicorn serves: all pages, the admin and the API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirrorsite.settings")

application = get_wsgi_application()
