"""For a web server: settings, the way to nudge workers, the application, nothing else."""

from __future__ import annotations

from flask import Flask

from app.core.config import load_settings
from app.core.log import configure_logging
from app.core.memory import settle
from app.core.secrets import with_secrets
from app.core.system import create_system
from app.flows.life import Pulse
from app.jobs.publisher import Publisher
from app.web.factory import create_app
from app.web.live.stream import end_with_the_process


def create() -> Flask:
    """The desk as a WSGI application. Raises SettingsError naming every fault of the settings."""
    settings = with_secrets(load_settings())
    configure_logging(settings, "web")
    system = create_system(settings, Publisher(settings))
    Pulse(system, "web").start()
    app = create_app(system)
    end_with_the_process(app)
    settle()
    return app
