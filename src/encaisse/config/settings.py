"""Django's settings, all read from the environment (docs/install.md lists the variables)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from encaisse.kit.logs import configure_structlog

BASE_DIR = Path(__file__).resolve().parents[1]
DATA_DIR = Path(os.environ.get("ENCAISSE_DATA_DIR", ".data")).absolute()


def _path(name: str, default: Path | None = None) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else default


def _database(url: str) -> dict[str, Any]:
    """Translate a libpq URL into Django's words."""
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }


def _secret_key() -> str:
    path = _path("ENCAISSE_SECRET_KEY_FILE", DATA_DIR / "secret_key")
    if path is not None and path.exists():
        return path.read_text().strip()
    # Commands that never sign anything (--help, makemigrations) run without a file; the web
    # server refuses to start without one (encaisse check, keys.readable).
    return "unset"


DEMO = os.environ.get("ENCAISSE_DEMO") == "1"
PUBLIC_URL = os.environ.get("ENCAISSE_PUBLIC_URL", "http://localhost:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
_secure = _public.scheme == "https"
# Where providers reach us, if it is not where people do.
WEBHOOKS_URL = os.environ.get("ENCAISSE_WEBHOOKS_URL", PUBLIC_URL).rstrip("/")

SECRET_KEY = _secret_key()
DEBUG = False
# A number of IPv6 is written between brackets there.
_host = _public.hostname or "localhost"
ALLOWED_HOSTS = [f"[{_host}]" if ":" in _host else _host, "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "encaisse.config.urls"
WSGI_APPLICATION = "encaisse.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "procrastinate.contrib.django",
    "encaisse.kit",
    "encaisse.messaging",
    "encaisse.audit",
    "encaisse.identity",
    "encaisse.organizations",
    "encaisse.ledger",
    "encaisse.counterparties",
    "encaisse.fraud",
    "encaisse.providers",
    "encaisse.payments",
    "encaisse.invoicing",
    "encaisse.treasury",
    "encaisse.security",
    "encaisse.notifications",
    "encaisse.webhooks",
    "encaisse.reporting",
    "encaisse.api",
    "encaisse.web",
]

MIDDLEWARE = [
    "encaisse.web.following.FollowingMiddleware",
    "encaisse.web.protection.ProtectionMiddleware",
    "encaisse.web.https.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "encaisse.web.live.UnattendedMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "encaisse.web.entrance.elevation.ElevationMiddleware",
    "encaisse.web.frozen.FrozenMiddleware",
    "encaisse.web.enrolment.EnrolmentMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "encaisse.web.shell.shell",
            ],
        },
    }
]

_default_url = os.environ.get("ENCAISSE_DATABASE_URL", "postgresql://encaisse_app@/encaisse")
# Only migrations and backups are given the owner's address; elsewhere the alias cannot connect.
_owner_url = os.environ.get("ENCAISSE_OWNER_DATABASE_URL", "postgresql://encaisse_owner@/encaisse")
DATABASES = {"default": _database(_default_url), "owner": _database(_owner_url)}
if os.environ.get("ENCAISSE_DATABASE_POOL", "0") == "1":
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8}
    # One that a restart of the server broke is not handed out again.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared by every process, so that limits count across them; lost at a restart of the base only.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kit_cache"}
}

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "encaisse.identity.passwords.LongEnough"},
    {"NAME": "encaisse.identity.passwords.NeverGuessed"},
    {"NAME": "encaisse.identity.passwords.NeverBreached"},
]
# The k-anonymity range protocol: five characters of a hash go out, never a password. Empty = off.
ENCAISSE_BREACH_URL = os.environ.get("ENCAISSE_BREACH_URL", "").rstrip("/")

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "encaisse.web.entrance.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "encaisse.identity.forms.SignupDetails"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# Another address could be asked for another password: it takes a proof, like all that opens doors.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
# Our own limits count passwords (identity.limits): these only meet whoever has the password.
MFA_ADAPTER = "encaisse.identity.adapter.FactorAdapter"
# Argon2id of a recovery code: passes, KiB of memory, lanes (OWASP's least for passwords).
RECOVERY_CODE_COST = (2, 19456, 1)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_FORMS = {
    "activate_totp": "encaisse.identity.forms.NewTotp",
    "add_webauthn": "encaisse.identity.forms.NewPasskey",
    "authenticate": "encaisse.identity.forms.SecondStep",
    "authenticate_webauthn": "encaisse.identity.forms.PasskeyStep",
    "login_webauthn": "encaisse.identity.forms.PasskeySignIn",
    "generate_recovery_codes": "encaisse.identity.forms.RecoveryCodesRenewal",
    "reauthenticate": "encaisse.identity.forms.ProofAgain",
    "reauthenticate_webauthn": "encaisse.identity.forms.PasskeyProof",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Encaisse"
MFA_TOTP_TOLERANCE = 1

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 31_536_000

SESSION_ENGINE = "encaisse.identity.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-encaisse" if _secure else "encaisse"
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "csrf"
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "encaisse.web.errors.csrf_refused"
DEVICE_COOKIE_NAME = "__Host-device" if _secure else "device"
PAYER_DEVICE_COOKIE_NAME = "__Host-payer-device" if _secure else "payer-device"
PAYER_LANGUAGE_COOKIE_NAME = "__Host-payer-language" if _secure else "payer-language"
NOTICES_COOKIE_NAME = "__Host-notices" if _secure else "notices"
MESSAGE_STORAGE = "encaisse.web.notices.Notices"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

ENCAISSE_KEYSET = os.environ.get("ENCAISSE_KEYSET", "")
ENCAISSE_KEYSET_FILE = _path("ENCAISSE_KEYSET_FILE", DATA_DIR / "keyset.json")
ENCAISSE_COUNTRIES_FILE = _path(
    "ENCAISSE_COUNTRIES_FILE", BASE_DIR / "kit" / "data" / "countries.mmdb"
)
# The site's certificate, where another server shows it: watched, so that its end is told before.
ENCAISSE_CERTIFICATE_FILE = _path("ENCAISSE_CERTIFICATE_FILE")
# How many proxies of ours write X-Forwarded-For; what stands before them is whatever anybody says.
ENCAISSE_TRUSTED_PROXIES = int(os.environ.get("ENCAISSE_TRUSTED_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = ENCAISSE_TRUSTED_PROXIES
ENCAISSE_CLOCK_FILE = _path("ENCAISSE_CLOCK_FILE") if DEMO else None
ENCAISSE_SANDBOX_URL = os.environ.get("ENCAISSE_SANDBOX_URL", "").rstrip("/")
ENCAISSE_SMTP_URL = os.environ.get("ENCAISSE_SMTP_URL", "smtp://localhost:8002")
ENCAISSE_MAIL_FROM = os.environ.get("ENCAISSE_MAIL_FROM", f"encaisse@{_public.hostname}")

# Where text messages are handed over. In a demonstration, to the simulated telephone.
ENCAISSE_SMS_URL = os.environ.get("ENCAISSE_SMS_URL", "")
ENCAISSE_SMS_BODY = os.environ.get("ENCAISSE_SMS_BODY", '{"to": "{to}", "text": "{text}"}')
ENCAISSE_SMS_SECRET_FILE = _path("ENCAISSE_SMS_SECRET_FILE")
ENCAISSE_SMS_TIMEOUT_SECONDS = 8.0
# The push services of browsers, by host, or by what it ends with: an address that a browser gives
# is asked only there.
ENCAISSE_PUSH_HOSTS = os.environ.get(
    "ENCAISSE_PUSH_HOSTS",
    "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,.notify.windows.com",
).split(",")

_smtp = urlsplit(ENCAISSE_SMTP_URL)
EMAIL_HOST = _smtp.hostname or "localhost"
EMAIL_PORT = _smtp.port or 25
EMAIL_HOST_USER = unquote(_smtp.username or "")
EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_USE_TLS = _smtp.scheme == "smtp+starttls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = f"Encaisse <{ENCAISSE_MAIL_FROM}>"

FORM_RENDERER = "encaisse.web.forms.Renderer"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "encaisse.web.assets.VersionedAssets"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "encaisse.kit.logs.json_lines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "encaisse": {"level": "INFO"},
    },
}
configure_structlog()
