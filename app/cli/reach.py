"""Ports: which are free, and whether the desk answers on its own."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket

from app.core.config import Settings
from app.core.errors import LuukkuError

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared with, never bound


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demand_free(settings: Settings) -> None:
    """Nothing when the desk can listen on its port. Raises LuukkuError in plain words otherwise."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except (OSError, OverflowError) as error:
            raise LuukkuError(_why(settings, error)) from error


def answers(settings: Settings) -> bool:
    """Whether the desk answers, database and all."""
    host = EVERYWHERE.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def _why(settings: Settings, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"Port {settings.port} on {settings.host} is taken by another program."
            f" Choose another one, for example LUUKKU_PORT={settings.port + 1}."
        )
    if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {settings.port} needs rights that this user has not; choose one above 1023 with LUUKKU_PORT."
    return f"The desk cannot listen on {settings.host} port {settings.port}: {error}."
