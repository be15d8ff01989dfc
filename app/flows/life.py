"""A process says that it is alive, as long as it is."""

from __future__ import annotations

import threading

from app.core import clock
from app.core.life import EVERY, give_sign
from app.core.log import get_logger
from app.core.system import System
from app.core.workers import own_name

log = get_logger(__name__)


class Pulse:
    """A thread that gives a sign every few seconds; a database that is away is none of its business."""

    def __init__(self, system: System, kind: str) -> None:
        self._system = system
        self._kind = kind
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin, in a thread that ends with the process."""
        threading.Thread(target=self._beat, daemon=True, name="pulse").start()

    def beat(self) -> None:
        """Give one sign."""
        with self._system.db.begin() as session:
            give_sign(session, self._kind, own_name(), at=clock.now())

    def _beat(self) -> None:
        while not self._stop.is_set():
            try:
                self.beat()
            except Exception as error:  # noqa: BLE001 - whoever looks for the signs sees that they stopped
                log.debug("no_sign_of_life", error=type(error).__name__)
            self._stop.wait(EVERY)
