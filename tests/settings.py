"""Settings of the test run: the real ones, made fast and independent of the environment."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "tests only")
os.environ["STATE_DIR"] = tempfile.mkdtemp(prefix="mirrorsite-tests-")
os.environ["PROBE_ALLOW_PRIVATE"] = "1"

from mirrorsite.settings import *  # noqa: F403 -- the one star import, so that nothing is missed
from mirrorsite.settings import DATABASES, STATE_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(Path(STATE_DIR) / "tests.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
(Path(STATE_DIR) / "static").mkdir(exist_ok=True)  # whitenoise warns if nothing was collected
