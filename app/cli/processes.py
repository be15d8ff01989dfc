"""The long-running processes: desk, worker, listeners."""

from __future__ import annotations

import signal
import sys

import click

from app.cli.root import settings_for, system_for
from app.core.config import Settings


@click.command()
@click.option("--port", type=int, help="Port to listen on, instead of LUUKKU_PORT.")
def web(port: int | None) -> None:
    """Start the desk (web server) alone."""
    import os

    arguments = web_arguments(settings_for("web"), port)
    os.execv(sys.executable, arguments)  # noqa: S606 - the web server takes this process's place


def web_arguments(settings: Settings, port: int | None = None) -> list[str]:
    """The command line of the web server: one process, a thread a request."""
    arguments = [sys.executable, "-m", "gunicorn", "app.wsgi:create()", "--worker-class", "gthread"]
    arguments += ["--bind", f"{settings.host}:{port or settings.port}", "--threads", str(settings.web_threads)]
    return [*arguments, "--workers", "1", "--graceful-timeout", "5", "--timeout", "60", "--log-level", "warning"]


@click.command()
@click.option("--threads", default=4, show_default=True, help="How many queues are drained at the same time.")
def worker(threads: int) -> None:
    """Start a worker: it reads sources, suggests, sends mail and goes its rounds. Any number may run, anywhere."""
    from app.core.nudge import Queue
    from app.flows.life import Pulse
    from app.jobs.worker import create_worker

    system = system_for("worker", nudging=True, reading=True)
    celery, rounds = create_worker(system.settings, system)
    rounds.start()
    Pulse(system, "worker").start()
    arguments = ["worker", "--pool", "threads", "--concurrency", str(threads), "--loglevel", "warning"]
    arguments += ["--queues", ",".join(Queue), "--without-mingle", "--without-gossip"]
    arguments += ["--without-heartbeat"] if system.settings.broker_url.startswith("filesystem") else []
    try:
        celery.worker_main(arguments)
    finally:
        rounds.end()


@click.command()
def listen() -> None:
    """Watch the sources and nudge the workers when something comes."""
    from app.flows.life import Pulse
    from app.jobs.listen import Listener

    system = system_for("listen", nudging=True)
    Pulse(system, "listen").start()
    listener = Listener(system)
    signal.signal(signal.SIGTERM, lambda *_: listener.stop())
    signal.signal(signal.SIGINT, lambda *_: listener.stop())
    listener.run()
