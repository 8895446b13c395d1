"""Settings, read from the environment and from nowhere else.

Every variable is described in `.env.example` and `docs/reference/settings.md`; a test keeps the
three equal. Any NAME may be given as NAME_FILE, the path of a file that holds the value. Only
services read these settings, to build the policies that they hand to logic.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ

env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parent.parent


def secret(name: str) -> str:
    """Return a required secret; secret files end in a newline that is not part of it."""
    return str(env.str(name)).strip()


VERSION = "0.1.0"  # as in pyproject.toml

# --- what every installation says about itself

SECRET_KEY = secret("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / "var"))).resolve()
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
SITE_NAME = env.str("SITE_NAME", default="Mirrorsite")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")

# --- Django

INSTALLED_APPS = [
    "mirrorsite",
    "registry",
    "crawler",
    "sync",
    "mirrorlist",
    "mirrorsite.admin_site.MirrorsiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "django_q",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mirrorsite.languages.PageLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mirrorsite.security.ContentSecurityPolicyMiddleware",
]

ROOT_URLCONF = "mirrorsite.urls"
WSGI_APPLICATION = "mirrorsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mirrorsite.branding.branding",
            ],
        },
    },
]
FORM_RENDERER = "mirrorsite.form_renderer.InputRenderer"

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{STATE_DIR / 'mirrorsite.sqlite3'}"),
}
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Write-ahead logging lets pages read while a scan writes; IMMEDIATE avoids the lock upgrade
    # that makes SQLite answer "database is locked" at once instead of waiting for its turn.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "my:login"
LOGIN_REDIRECT_URL = "my:sites"
LOGIN_REDIRECT_URL_FAILURE = "/accounts/login/"
LOGOUT_REDIRECT_URL = "/accounts/signed-out/"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "registry.roles.AccountBackend",
    "registry.roles.ReviewerBackend",
]
# Whether visitors may open accounts here. It takes letters, so by default it takes a mail server.
ACCOUNTS_REGISTRATION = env.bool("ACCOUNTS_REGISTRATION", default="EMAIL_URL" in env.ENVIRON)

# A network that guesses passwords is locked for a while. User names are not: strangers could then
# lock anybody out.
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURES", default=20)
AXES_COOLOFF_TIME = timedelta(seconds=env.int("SIGN_IN_COOLOFF_SECONDS", default=900))
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_CLIENT_IP_CALLABLE = "registry.views.bodies.network_of_request"
AXES_LOCKOUT_CALLABLE = "registry.views.accounts.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "password"]

# Sign-in through a provider; without an issuer there are only accounts of our own.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_PROVIDER_NAME = env.str("OIDC_PROVIDER_NAME", default="your organization's account")
OIDC_RP_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_RP_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_OP_AUTHORIZATION_ENDPOINT = env.str("OIDC_AUTHORIZATION_ENDPOINT", default="")
OIDC_OP_TOKEN_ENDPOINT = env.str("OIDC_TOKEN_ENDPOINT", default="")
OIDC_OP_USER_ENDPOINT = env.str("OIDC_USERINFO_ENDPOINT", default="")
OIDC_OP_JWKS_ENDPOINT = env.str("OIDC_JWKS_ENDPOINT", default="")
OIDC_END_SESSION_ENDPOINT = env.str("OIDC_END_SESSION_ENDPOINT", default="")
OIDC_RP_SCOPES = env.str("OIDC_SCOPES", default="openid email profile")
OIDC_NAME_CLAIMS = env.list("OIDC_NAME_CLAIMS", default=["preferred_username", "nickname"])
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="groups")
OIDC_OPERATOR_GROUPS = env.list("OIDC_OPERATOR_GROUPS", default=[])
OIDC_REVIEWER_GROUPS = env.list("OIDC_REVIEWER_GROUPS", default=[])
OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS = env.int("OIDC_RENEW_SECONDS", default=3600)
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_STORE_ID_TOKEN = True  # names the session to end at sign-out
OIDC_TIMEOUT = 10
OIDC_CALLBACK_CLASS = "mirrorsite.oidc.CallbackView"
OIDC_OP_LOGOUT_URL_METHOD = "mirrorsite.oidc.provider_logout_url"
if OIDC_ISSUER:
    AUTHENTICATION_BACKENDS.append("mirrorsite.oidc.ProviderBackend")
    MIDDLEWARE.append("mozilla_django_oidc.middleware.SessionRefresh")
MIDDLEWARE.append("axes.middleware.AxesMiddleware")  # must be the last
PASSWORD_RESET_TIMEOUT = 86_400

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
# Serve straight from the apps when nothing was collected: `make run` needs no collectstatic.
WHITENOISE_USE_FINDERS = True

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https:")
SECURE_SSL_REDIRECT = False  # TLS ends at the proxy
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0)
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"axes": {"level": "WARNING"}},  # each sign-in is no news
}

# --- background work (docs/adr/0003)

# A task is delivered again when nobody confirmed it within `retry`. A worker may have to finish two
# other tasks first that were fetched before (queue_limit, and one in the pusher's hand), so `retry`
# is four times `timeout`: a task that only waits is never started twice.
Q_CLUSTER: dict[str, Any] = {
    "name": "default",
    "label": "Background work",
    "orm": "default",
    "workers": env.int("Q_WORKERS", default=2),
    "queue_limit": env.int("Q_WORKERS", default=2),
    "timeout": 600,
    "retry": 4 * 600,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "poll": 1,
    "save_limit": 100,
    "save_limit_per": "func",
    "bulk": 1,
    # Started with Q_CLUSTER_NAME=crawl in the environment; `qcluster -n crawl` comes too late.
    "ALT_CLUSTERS": {
        "crawl": {
            "workers": env.int("Q_CRAWL_WORKERS", default=2),
            "queue_limit": env.int("Q_CRAWL_WORKERS", default=2),
            "timeout": 4 * 3600,
            "retry": 4 * 4 * 3600,
            "max_attempts": 1,
            "scheduler": False,
        },
    },
}
if Q_REDIS_URL := env.str("Q_REDIS_URL", default=""):
    Q_CLUSTER["redis"] = Q_REDIS_URL
    del Q_CLUSTER["orm"]

SCHEDULE_UMDL_MINUTES = env.int("SCHEDULE_UMDL_MINUTES", default=60)
SCHEDULE_SNAPSHOT_MINUTES = env.int("SCHEDULE_SNAPSHOT_MINUTES", default=5)

# --- registry

# Kinds of object that wait for an operator before they count.
APPROVAL_KINDS = env.list("APPROVAL_KINDS", default=["site", "host", "netblock", "url", "node"])
NETBLOCK_WIDEST_IPV4 = env.int("NETBLOCK_WIDEST_IPV4", default=16)
NETBLOCK_WIDEST_IPV6 = env.int("NETBLOCK_WIDEST_IPV6", default=32)
CLOUD_RANGES_GREATEST_LOSS_PERCENT = env.int("CLOUD_RANGES_GREATEST_LOSS_PERCENT", default=50)

# What a private Host reported is believed as long as the master does not change. After a change
# that it does not report, Directories drop, SiteAdmins are warned, and everything drops.
CHECK_IN_PROPAGATION = timedelta(seconds=env.int("CHECK_IN_PROPAGATION_SECONDS", default=86400))
CHECK_IN_WARN = timedelta(seconds=env.int("CHECK_IN_WARN_SECONDS", default=3 * 86400))
CHECK_IN_EXPIRE = timedelta(seconds=env.int("CHECK_IN_EXPIRE_SECONDS", default=7 * 86400))

# --- notifications

# Without an address of a mail server letters wait in the outbox (mirrorsite.W003 says so).
EMAIL_TIMEOUT = 30
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("NOTIFY_FROM", default="mirrorsite@localhost")
NOTIFY_SUBJECT_PREFIX = env.str("NOTIFY_SUBJECT_PREFIX", default=f"[{SITE_NAME}]")
NOTIFY_GATHER = timedelta(seconds=env.int("NOTIFY_GATHER_SECONDS", default=120))
NOTIFY_SPACING = timedelta(seconds=env.int("NOTIFY_SPACING_SECONDS", default=900))
NOTIFY_LETTERS_PER_HOST = env.int("NOTIFY_LETTERS_PER_HOST", default=4)
NOTIFY_KEEP = timedelta(days=env.int("NOTIFY_KEEP_DAYS", default=90))
WEBHOOK_TIMEOUT_SECONDS = env.int("WEBHOOK_TIMEOUT_SECONDS", default=10)
WEBHOOK_PATIENCE = timedelta(days=env.int("WEBHOOK_PATIENCE_DAYS", default=3))
FEDORA_MESSAGING = env.bool("FEDORA_MESSAGING", default=False)

# --- crawler

CRAWLER_HOSTS_AT_ONCE = env.int("CRAWLER_HOSTS_AT_ONCE", default=40)
CRAWLER_CONNECTIONS_PER_HOST = env.int("CRAWLER_CONNECTIONS_PER_HOST", default=2)
CRAWLER_TIMEOUT_SECONDS = env.int("CRAWLER_TIMEOUT_SECONDS", default=20)
CRAWLER_HOST_BUDGET_SECONDS = env.int("CRAWLER_HOST_BUDGET_SECONDS", default=3600)
CRAWLER_INTERVAL = timedelta(seconds=env.int("CRAWLER_INTERVAL_SECONDS", default=6 * 3600))
CRAWLER_FULL_INTERVAL = timedelta(
    seconds=env.int("CRAWLER_FULL_INTERVAL_SECONDS", default=7 * 86400)
)
CRAWLER_REQUESTS_PER_SECOND = env.int("CRAWLER_REQUESTS_PER_SECOND", default=5000)
CRAWLER_REQUESTS_PER_SECOND_PER_ADDRESS = env.int(
    "CRAWLER_REQUESTS_PER_SECOND_PER_ADDRESS", default=100
)
CRAWLER_DISABLE_AFTER = env.int("CRAWLER_DISABLE_AFTER", default=4)
CRAWLER_CONTACT = env.str("CRAWLER_CONTACT", default=f"{BASE_URL}/crawler/")
CRAWLER_KEEP = timedelta(days=env.int("CRAWLER_KEEP_DAYS", default=60))
PROPAGATION_KEEP = timedelta(days=env.int("PROPAGATION_KEEP_DAYS", default=14))
PROBE_ALLOW_PRIVATE = env.bool("PROBE_ALLOW_PRIVATE", default=False)
# So many web workers of one machine may wait for somebody's server at the same time.
TRIALS_AT_ONCE = env.int("TRIALS_AT_ONCE", default=2)

# --- scans of the master tree

UMDL_LEASE_SECONDS = env.int("UMDL_LEASE_SECONDS", default=900)
UMDL_GREATEST_LOSS_PERCENT = env.int("UMDL_GREATEST_LOSS_PERCENT", default=50)
UMDL_VANISHED_GRACE_SECONDS = env.int("UMDL_VANISHED_GRACE_SECONDS", default=86400)
UMDL_PROPAGATION_DAYS = env.int("UMDL_PROPAGATION_DAYS", default=3)
UMDL_STALE_DAYS = env.int("UMDL_STALE_DAYS", default=4)
PIECES_FROM_BYTES = env.int("PIECES_FROM_BYTES", default=64 * 2**20)

# --- the API

# How many requests, as NUMBER/minute (or second, hour, day), in each process that serves pages.
API_RATES = {
    "anonymous": env.str("API_RATE_ANONYMOUS", default="120/minute"),
    "person": env.str("API_RATE_PERSON", default="600/minute"),
    "write": env.str("API_RATE_WRITE", default="60/minute"),
    "crawl": env.str("API_RATE_CRAWL", default="10/hour"),
}
# Whether strangers get the names of SiteAdmins at /api/mirroradmins, as MirrorManager gave them.
API_PUBLIC_ADMIN_NAMES = env.bool("API_PUBLIC_ADMIN_NAMES", default=False)
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": SITE_NAME,
    "DESCRIPTION": "Who mirrors what, and how current it is. See /api/v1/ for how to ask.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"FamilyStateEnum": "registry.models.carriage.FamilyState"},
}

# --- mirrorlist

MIRRORLIST_SNAPSHOT_DIR = Path(
    env.str("MIRRORLIST_SNAPSHOT_DIR", default=str(STATE_DIR / "snapshots"))
)
MIRRORLIST_SNAPSHOT_TOKEN = env.str("MIRRORLIST_SNAPSHOT_TOKEN", default="").strip()
MIRRORLIST_SNAPSHOTS_KEPT = env.int("MIRRORLIST_SNAPSHOTS_KEPT", default=10)
MIRRORLIST_MINIMUM_HOSTS = env.int("MIRRORLIST_MINIMUM_HOSTS", default=5)
MIRRORLIST_GREATEST_LOSS_PERCENT = env.int("MIRRORLIST_GREATEST_LOSS_PERCENT", default=20)
# What edges answer below: 302 to a mirror, pages, metalinks of any file. Empty: nothing but lists.
MIRRORLIST_FILES_PREFIX = env.str("MIRRORLIST_FILES_PREFIX", default="/")
MIRRORLIST_LISTINGS = env.bool("MIRRORLIST_LISTINGS", default=True)
MIRRORLIST_METALINK_FROM_BYTES = env.int("MIRRORLIST_METALINK_FROM_BYTES", default=4096)
MIRRORLIST_MASTER_BELOW_BYTES = env.int("MIRRORLIST_MASTER_BELOW_BYTES", default=0)
MIRRORLIST_MASTER_ABOVE_BYTES = env.int("MIRRORLIST_MASTER_ABOVE_BYTES", default=0)
MIRRORLIST_TORRENT_TRACKERS = env.list("MIRRORLIST_TORRENT_TRACKERS", default=[])
MIRRORLIST_COUNTRY_MMDB = env.str("MIRRORLIST_COUNTRY_MMDB", default="")
MIRRORLIST_ASN_MMDB = env.str("MIRRORLIST_ASN_MMDB", default="")
MIRRORLIST_CITY_MMDB = env.str("MIRRORLIST_CITY_MMDB", default="")
MIRRORLIST_NETBLOCKS_FILE = Path(
    env.str("MIRRORLIST_NETBLOCKS_FILE", default=str(STATE_DIR / "geo/netblocks.mmdb"))
)
MIRRORLIST_NETBLOCKS_SOURCES = env.list("MIRRORLIST_NETBLOCKS_SOURCES", default=[])
MIRRORLIST_NETBLOCKS_GREATEST_LOSS_PERCENT = env.int(
    "MIRRORLIST_NETBLOCKS_GREATEST_LOSS_PERCENT", default=10
)

# --- statistics

MIRRORLIST_STATISTICS_DIR = Path(
    env.str("MIRRORLIST_STATISTICS_DIR", default=str(STATE_DIR / "statistics"))
)
MIRRORLIST_STATISTICS_SECONDS = env.int("MIRRORLIST_STATISTICS_SECONDS", default=60)
MIRRORLIST_STATISTICS_FILES = env.int("MIRRORLIST_STATISTICS_FILES", default=10_000)
MIRRORLIST_SAME_DOWNLOAD_SECONDS = env.int("MIRRORLIST_SAME_DOWNLOAD_SECONDS", default=600)
MIRRORLIST_STATISTICS_URL = env.str("MIRRORLIST_STATISTICS_URL", default="")
MIRRORLIST_STATISTICS_TOKEN_FILE = env.str("MIRRORLIST_STATISTICS_TOKEN_FILE", default="")
MIRRORLIST_EDGE_NAME = env.str("MIRRORLIST_EDGE_NAME", default="")
# Where logs of mirrorlist-server lie that operators import in the admin; it reads no others.
MIRRORLIST_LOG_DIR = Path(env.str("MIRRORLIST_LOG_DIR", default=str(STATE_DIR / "logs")))
STATISTICS_KEEP_DAYS = env.int("STATISTICS_KEEP_DAYS", default=90)
STATISTICS_KEEP_MONTHS = env.int("STATISTICS_KEEP_MONTHS", default=60)
STATISTICS_LATE_DAYS = env.int("STATISTICS_LATE_DAYS", default=30)
STATISTICS_KEYS_PER_DAY = env.int("STATISTICS_KEYS_PER_DAY", default=20_000)
STATISTICS_LEAST_SHOWN = env.int("STATISTICS_LEAST_SHOWN", default=10)
