"""The only settings file. What differs by machine is read from PARTAGE_* variables."""

import os
from pathlib import Path

from partage.config.database import database

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
# Where this machine keeps what is its own: the private database, logs, mail.
VAR = Path(os.environ.get("PARTAGE_VAR", ROOT / "var"))

DEBUG = os.environ.get("PARTAGE_DEBUG") == "1"
SECRET_KEY = os.environ.get("PARTAGE_SECRET_KEY", "only-for-tests")
ALLOWED_HOSTS = os.environ.get(
    "PARTAGE_HOSTS", "localhost,127.0.0.1,[::1],testserver"
).split(",")
CSRF_TRUSTED_ORIGINS = [
    origin for origin in os.environ.get("PARTAGE_ORIGINS", "").split(",") if origin
]
DATABASES = {"default": database(VAR)}

# In the order of the stream: see pyproject.toml, "The stream runs one way".
ROOMS = [
    "journal",
    "people",
    "archive",
    "members",
    "experts",
    "governance",
    "knowledge",
    "agreements",
    "tariffs",
    "needs",
    "planning",
    "mandates",
    "timesheets",
    "importing",
    "billing",
    "closing",
    "balance",
    "impact",
]
INSTALLED_APPS = [
    "partage.portal.apps.TablesConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "pgtrigger",
    "procrastinate.contrib.django",
    *[f"partage.{room}" for room in ROOMS],
    "partage.portal",
    "partage.jobs",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partage.portal.middleware.ContentSecurityPolicy",
    "partage.portal.middleware.ActingUser",
]
ROOT_URLCONF = "partage.config.urls"
WSGI_APPLICATION = "partage.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["partage.portal.templatetags.house"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "partage.portal.context.house",
            ],
        },
    }
]

LANGUAGE_CODE = "fr-ca"
LANGUAGES = [("fr-ca", "Français"), ("en-ca", "English")]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = "America/Toronto"
USE_TZ = True
LANGUAGE_COOKIE_NAME = "langue"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation"
        ".UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "partage.portal.accounts.ByInvitation"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# Where this node keeps its own index of the reservoir: derived, never precious.
INDEX_FOLDER: Path | None = VAR / "index"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": os.environ.get(
            "PARTAGE_STATIC",
            "django.contrib.staticfiles.storage.StaticFilesStorage",
        )
    },
}

# Where the letters lead: the address that people type.
SITE_URL = os.environ.get("PARTAGE_URL", "http://127.0.0.1:8000").rstrip("/")
EMAIL_BACKEND = os.environ.get(
    "PARTAGE_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = os.environ.get("PARTAGE_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("PARTAGE_EMAIL_PORT", "25"))
DEFAULT_FROM_EMAIL = os.environ.get("PARTAGE_EMAIL_FROM", "partage@localhost")

FILE_UPLOAD_HANDLERS = [
    "partage.portal.uploads.CutLargeFiles",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = os.environ.get("PARTAGE_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
