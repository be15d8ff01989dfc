"""Puts the web application together: what answers, in which order it is guarded, and what templates may use."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask, redirect, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from app.core.config import Settings
from app.core.secrets import derive
from app.core.system import System
from app.screens.start_page import start_params
from app.web import addresses, assets, auth, context, errors, formats, hooks, kept_parts, language, row_ids
from app.web.api import metrics
from app.web.api.health import health, ready
from app.web.blueprints import blueprints
from app.web.context import EXTENSION, is_logged_in, reading, viewer
from app.web.desk import (
    articles,
    bulk,
    changed_words,
    commands,
    event_words,
    labels,
    message_words,
    navigation,
    preferences,
    snoozing,
    words_for_lists,
)
from app.web.live import stream
from app.web.login import service
from app.web.public_endpoints import TOKEN_BLUEPRINTS
from app.web.templating import Templates

LARGEST_FORM = 2 * 1024 * 1024
"""bytes of any request; what takes files says so itself"""


def create_app(system: System) -> Flask:
    """The application on this system; nothing is global."""
    app = Flask("app.web", static_folder=None, template_folder="templates")
    app.config.update(config_of(system.settings))
    app.jinja_environment = Templates
    app.extensions[EXTENSION] = system
    if system.settings.proxies:
        count = system.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    metrics.install(app, system)
    stream.install(app, system)
    row_ids.install(app)
    hooks.install(app, system.settings)
    for guard in (context, errors, assets, language, auth):
        guard.install(app)
    csrf = CSRFProtect(app)
    for part in (
        formats,
        addresses,
        kept_parts,
        navigation,
        commands,
        labels,
        snoozing,
        changed_words,
        words_for_lists,
        event_words,
        message_words,
        preferences,
        bulk,
    ):
        part.install(app)
    articles.install(app, system.settings)
    service.install(app, system.settings)
    register(app, csrf, blueprints(system.settings))
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/health", "health", health)
    app.add_url_rule("/ready", "ready", ready)
    return app


def config_of(settings: Settings) -> dict[str, object]:
    """Flask's own settings from ours."""
    return {
        "SECRET_KEY": derive(settings.secret_key, "forms"),
        "SESSION_COOKIE_NAME": "luukku-form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.has_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "LUUKKU_DEMO": settings.demo,
    }


def register(app: Flask, csrf: CSRFProtect, parts: list[Blueprint]) -> None:
    """Register the blueprints; those that machines call with a token need no form token."""
    for part in parts:
        if part.name in TOKEN_BLUEPRINTS:
            csrf.exempt(part)
        app.register_blueprint(part)


def home() -> Response:
    """The front door leads to the desk, and to the list that the person has chosen."""
    if not is_logged_in():
        return redirect(url_for("desk.tickets"), 303)
    with reading() as session:
        return redirect(url_for("desk.tickets", **start_params(session, viewer())), 303)
