"""The supervisor's ear in a demo: breaks things when it is asked to, on loopback, and mends them by itself.

It listens on a port of its own with a token that lies in the data folder, for the demo console alone.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy.engine import make_url

from app.cli.children import Child
from app.core.config import Settings
from app.core.demo import DemoPlaces

HEALS_AFTER = 45.0
"""seconds after which a forgotten demo is whole again"""
ARMED_FOR = 300.0


class DemoControl:
    """What is broken now, by name, and until when (monotonic seconds)."""

    def __init__(self, settings: Settings, children: Sequence[Child]) -> None:
        self._settings = settings
        self._places = DemoPlaces(settings.data_dir)
        self._children = {child.name: child for child in children}
        self._until: dict[str, float] = {}
        self._mended = threading.Event()
        self._breaks: dict[str, Callable[[], None]] = {
            "mail-server": self._stop_mail_server,
            "mid-send": self._kill_in_mid_send,
            "writes": self._refuse_writes,
        }

    def start(self) -> None:
        """Listen, in a thread that ends with the process."""
        token = secrets.token_urlsafe(24)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, token))
        told = json.dumps({"port": server.server_address[1], "token": token})
        self._places.control.parent.mkdir(parents=True, exist_ok=True)
        self._places.control.touch(mode=0o600)
        self._places.control.write_text(told, encoding="utf-8")
        for file in (self._places.linger, self._places.lingering):
            file.unlink(missing_ok=True)
        threading.Thread(target=server.serve_forever, daemon=True, name="demo-control").start()

    def state(self) -> dict[str, float]:
        """Seconds for which each broken thing stays so."""
        now = time.monotonic()
        return {name: round(until - now, 1) for name, until in self._until.items() if until > now}

    def break_it(self, name: str) -> bool:
        """Break a thing; False when there is no such one."""
        if name not in self._breaks:
            return False
        if name not in self.state():
            self._mended.clear()
            self._breaks[name]()
        return True

    def mend(self) -> None:
        """Everything is whole again at once."""
        self._until.clear()
        self._mended.set()
        self._places.linger.unlink(missing_ok=True)
        self._children["sink"].held = False

    def _lasts(self, name: str, seconds: float) -> None:
        self._until[name] = time.monotonic() + seconds

    def _stop_mail_server(self) -> None:
        sink = self._children["sink"]
        sink.held = True
        sink.kill()
        self._lasts("mail-server", HEALS_AFTER)
        self._in_thread(self._start_mail_server_later)

    def _start_mail_server_later(self) -> None:
        self._mended.wait(HEALS_AFTER)
        self._children["sink"].held = False

    def _kill_in_mid_send(self) -> None:
        self._places.linger.touch()
        self._lasts("mid-send", ARMED_FOR)
        self._in_thread(self._wait_and_kill)

    def _wait_and_kill(self) -> None:
        """The worker ends in the moment in which the mail server has the mail and has not said so."""
        until = time.monotonic() + ARMED_FOR
        while time.monotonic() < until and not self._mended.is_set():
            if self._places.lingering.exists():
                self._children["worker"].kill()
                self._places.lingering.unlink(missing_ok=True)
                break
            time.sleep(0.05)
        self._places.linger.unlink(missing_ok=True)
        self._until.pop("mid-send", None)

    def _refuse_writes(self) -> None:
        self._lasts("writes", HEALS_AFTER)
        self._in_thread(self._hold_the_lock)

    def _hold_the_lock(self) -> None:
        file = str(make_url(self._settings.database_url).database)
        with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            self._mended.wait(HEALS_AFTER)
            database.execute("ROLLBACK")
        self._until.pop("writes", None)

    @staticmethod
    def _in_thread(work: Callable[[], object]) -> None:
        threading.Thread(target=work, daemon=True).start()


def _handler(control: DemoControl, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """GET tells what is broken, POST /NAME breaks it, POST /mend mends everything."""

        def do_GET(self) -> None:
            self._answer(200 if self._is_trusted() else 403)

        def do_POST(self) -> None:
            name = self.path.strip("/")
            if not self._is_trusted():
                self._answer(403)
            elif name == "mend":
                control.mend()
                self._answer(200)
            else:
                self._answer(200 if control.break_it(name) else 404)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: the supervisor's own lines are for people."""

        def _is_trusted(self) -> bool:
            return secrets.compare_digest(self.headers.get("Authorization", ""), f"Bearer {token}")

        def _answer(self, status: int) -> None:
            body = json.dumps(control.state() if status == 200 else {}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
