"""Superset's configuration: its own state lies under PAPERHOUSE_HOME/superset, the secret in a file that only you can
read."""

import os
from pathlib import Path

_HOME = Path(os.environ["PAPERHOUSE_SUPERSET_HOME"])

SECRET_KEY = (_HOME / "secret_key").read_text("utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
DATA_DIR = str(_HOME)
APP_NAME = "paperhouse"
# No self-registration.
AUTH_USER_REGISTRATION = False
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
# Nothing is kept between two queries: so each sees the publication of now.
CACHE_CONFIG = DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
RATELIMIT_STORAGE_URI = "memory://"
