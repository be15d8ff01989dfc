"""The settings: one frozen object read from `LUUKKU_*` variables; no other module reads the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import EnvValidationError, FileAwareEnv
from marshmallow import ValidationError, validate
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.errors import SettingsError

PREFIX = "LUUKKU_"
IN_PLAIN_WORDS = {
    "Not a valid integer.": "must be a whole number.",
    "Not a valid boolean.": "must be true or false.",
    "Not a valid string.": "must be a text.",
}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PACES = (
    "mails_per_domain_minute",
    "receipts_per_address_day",
    "receipts_per_domain_hour",
    "receipts_per_hour",
)
SECRETS = frozenset({"secret_key", "smtp_password", "call_token", "metrics_token", "oidc_client_secret"})


@dataclass(frozen=True)
class Settings:
    """Everything an administrator can set. Safe to use unset on one machine; `docs/settings.md` explains each."""

    data_dir: Path = Path("var")
    database_url: str = ""
    broker_url: str = ""
    secret_key: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str = ""
    web_threads: int = 64
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_tls: str = "none"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_timeout: int = 30
    authserv_id: str = ""
    call_token: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    proxies: int = 0
    folder_roots: str = ""
    phone_region: str = "SE"
    poll_seconds: int = 60
    sweep_seconds: int = 5
    undo_seconds: int = 20
    mails_per_domain_minute: int = 120
    receipts_per_address_day: int = 5
    receipts_per_domain_hour: int = 1000
    receipts_per_hour: int = 5000
    suggestions: bool = True
    demo: bool = False
    log_level: str = "info"
    log_format: str = "text"
    session_hours: int = 10
    session_idle_minutes: int = 60
    second_factor: str = "optional"
    oidc_issuer: str = ""
    oidc_name: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded database."""
        return self.database_url.startswith("sqlite")

    @property
    def has_https(self) -> bool:
        """True when people reach the desk by https: cookies are then marked Secure."""
        return self.base_url.startswith("https://")


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError naming every fault at once, in plain words."""
    env = FileAwareEnv(eager=False, prefix=PREFIX, strip_whitespace=True)
    faults = _unknown_names(os.environ)
    values = _read(env, faults)
    if faults:
        raise SettingsError(faults)
    return complete(Settings(**values))


def environment_with(**changed: object) -> dict[str, str]:
    """This process's environment for another process of ours that is to read these settings instead."""
    names = {PREFIX + name.upper() for name in changed}
    replaced = names | {name + "_FILE" for name in names}
    kept = {name: value for name, value in os.environ.items() if name not in replaced}
    return kept | {PREFIX + name.upper(): str(value) for name, value in changed.items()}


def environment_plus(**more: str) -> dict[str, str]:
    """This process's environment for a program that is not ours, with what that one wants to know."""
    return {**os.environ, **more}


def complete(settings: Settings) -> Settings:
    """The same settings with what follows from others filled in (database, broker, address). Raises SettingsError."""
    data_dir = settings.data_dir.resolve()
    derived = {
        "data_dir": data_dir,
        "database_url": settings.database_url or f"sqlite:///{data_dir / 'luukku.db'}",
        "broker_url": settings.broker_url or "filesystem://localhost",
        "base_url": (settings.base_url or f"http://{settings.host}:{settings.port}").rstrip("/"),
    }
    known = {f.name: getattr(settings, f.name) for f in fields(settings)}
    whole = Settings(**{**known, **derived})
    if faults := _cross_faults(whole):
        raise SettingsError(faults)
    return whole


def _read(env: Any, faults: list[str]) -> dict[str, Any]:
    try:
        values = _declare(env)
        env.seal()
    except EnvValidationError as error:
        faults += _in_plain_words(error)
    except ValueError as error:
        faults.append(str(error))
    else:
        return values
    return {}


def _declare(env: Any) -> dict[str, Any]:
    port = validate.Range(1, 65535, error="must be a port from 1 to 65535.")
    many = validate.Range(1, 100_000, error="must be a whole number from 1 to 100000.")
    default = Settings()
    return {
        "data_dir": env.path("DATA_DIR", default.data_dir),
        "database_url": env.str("DATABASE_URL", "", validate=_database_url),
        "broker_url": env.str("BROKER_URL", "", validate=_broker_url),
        "secret_key": env.str("SECRET_KEY", "", validate=_long_secret),
        "host": env.str("HOST", default.host),
        "port": env.int("PORT", default.port, validate=port),
        "base_url": env.str("BASE_URL", "", validate=_web_address),
        "web_threads": env.int("WEB_THREADS", default.web_threads, validate=many),
        "smtp_host": env.str("SMTP_HOST", default.smtp_host),
        "smtp_port": env.int("SMTP_PORT", default.smtp_port, validate=port),
        "smtp_tls": env.str("SMTP_TLS", default.smtp_tls, validate=_one_of("none", "starttls", "tls")),
        "smtp_user": env.str("SMTP_USER", "", validate=_plain),
        "smtp_password": env.str("SMTP_PASSWORD", "", validate=_plain),
        "smtp_timeout": env.int("SMTP_TIMEOUT", default.smtp_timeout, validate=many),
        "authserv_id": env.str("AUTHSERV_ID", ""),
        "call_token": env.str("CALL_TOKEN", "", validate=_long_secret),
        "phone_region": env.str("PHONE_REGION", default.phone_region, validate=_country),
        "undo_seconds": env.int("UNDO_SECONDS", default.undo_seconds, validate=_undo),
        "poll_seconds": env.int("POLL_SECONDS", default.poll_seconds, validate=many),
        "sweep_seconds": env.int("SWEEP_SECONDS", default.sweep_seconds, validate=many),
        "metrics_token": env.str("METRICS_TOKEN", "", validate=_long_secret),
        "folder_roots": env.str("FOLDER_ROOTS", ""),
        "proxies": env.int("PROXIES", default.proxies, validate=_proxies),
        **{name: env.int(name.upper(), getattr(default, name), validate=many) for name in PACES},
        "suggestions": env.bool("SUGGESTIONS", default.suggestions),
        "demo": env.bool("DEMO", default.demo),
        "log_level": env.str("LOG_LEVEL", default.log_level, validate=_one_of("debug", "info", "warning", "error")),
        "log_format": env.str("LOG_FORMAT", default.log_format, validate=_one_of("text", "json")),
        "session_hours": env.int("SESSION_HOURS", default.session_hours, validate=many),
        "session_idle_minutes": env.int("SESSION_IDLE_MINUTES", default.session_idle_minutes, validate=many),
        **_declare_log_in(env),
    }


def _declare_log_in(env: Any) -> dict[str, Any]:
    """What a log-in rests on beside the password."""
    factor = _one_of("optional", "administrators", "all")
    return {
        "second_factor": env.str("SECOND_FACTOR", Settings().second_factor, validate=factor),
        "oidc_issuer": env.str("OIDC_ISSUER", "", validate=_web_address),
        "oidc_name": env.str("OIDC_NAME", ""),
        "oidc_client_id": env.str("OIDC_CLIENT_ID", ""),
        "oidc_client_secret": env.str("OIDC_CLIENT_SECRET", ""),
    }


def _one_of(*choices: str) -> validate.OneOf:
    return validate.OneOf(choices, error=f"must be one of: {', '.join(choices)}.")


_undo = validate.Range(0, 600, error="must be a number of seconds from 0 to 600.")
_proxies = validate.Range(0, 5, error="must be the number of proxies in front, 0 to 5.")
_plain = validate.Regexp(r"^[\x20-\x7e]*$", error="may hold only plain letters, digits and signs (ASCII).")
_country = validate.Regexp(r"^[A-Z]{2}$", error="must be a country's code of two capital letters, such as SE or FI.")
_web_address = validate.Regexp(r"^($|https?://[^/\s]+)", error="must begin with http:// or https://.")
_broker_url = validate.Regexp(
    r"^($|filesystem://|amqps?://|rediss?://)",
    error="must begin with filesystem://, amqp:// or redis://.",
)


def _long_secret(value: str) -> None:
    if value and len(value) < 16:
        raise ValidationError("must have at least 16 characters.")


def _database_url(value: str) -> None:
    try:
        kind = make_url(value).get_backend_name() if value else "sqlite"
    except ArgumentError:
        kind = ""
    if kind not in {"sqlite", "postgresql"}:
        raise ValidationError("must begin with sqlite:/// or postgresql://.")


def _unknown_names(environment: os._Environ[str]) -> list[str]:
    known = {PREFIX + f.name.upper() for f in fields(Settings)}
    known |= {name + "_FILE" for name in known} | {PREFIX + "VENV"}
    faults = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            hint = f" Did you mean {near[0]}?" if near else ""
            faults.append(f"{name} is not a setting.{hint}")
    return faults


def _in_plain_words(error: EnvValidationError) -> list[str]:
    faults = []
    messages = error.error_messages
    for name, sentences in messages.items() if isinstance(messages, Mapping) else ():
        said = " ".join(sentences)
        said = IN_PLAIN_WORDS.get(said, f"{said[0].lower()}{said[1:]}")
        faults.append(f"{name} {said}")
    return faults


def _cross_faults(settings: Settings) -> list[str]:
    faults = []
    if not settings.is_sqlite and not settings.secret_key:
        faults.append(
            "LUUKKU_SECRET_KEY is missing: with a database that several machines share, all of them need the same."
        )
    if settings.demo and settings.host not in LOOPBACK:
        faults.append("LUUKKU_DEMO is for this machine only, as everybody knows its password: remove LUUKKU_HOST.")
    if settings.smtp_user and not settings.smtp_password:
        faults.append("LUUKKU_SMTP_PASSWORD is missing while LUUKKU_SMTP_USER is set.")
    return faults + _sign_on_faults(settings)


def _sign_on_faults(settings: Settings) -> list[str]:
    """What is wrong with the log-in service (OpenID Connect Core, 3.1.2.1, asks for https)."""
    if not settings.oidc_issuer:
        return []
    faults = []
    if not settings.oidc_client_id or not settings.oidc_client_secret:
        faults.append("LUUKKU_OIDC_CLIENT_ID and LUUKKU_OIDC_CLIENT_SECRET are needed with LUUKKU_OIDC_ISSUER.")
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
        faults.append("LUUKKU_OIDC_ISSUER must begin with https://.")
    return faults
