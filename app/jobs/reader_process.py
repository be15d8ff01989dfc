"""Reads mails in a process of its own, so that one which breaks or never ends its reader holds up no other.

The worker gives it one item after the other and waits a limited time for the message. A reader that dies, or takes too
much time or memory, is ended and started anew for the next item; the item itself is quarantined with its original.
"""

from __future__ import annotations

import importlib
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection

from app.core.log import get_logger
from channels.contract import ChannelName, RawItem
from channels.reading import Reader, Reading, read

if sys.platform != "win32":
    import resource

log = get_logger(__name__)
LONGEST = 60.0
"""seconds for one mail: the slowest that keeps within all caps takes about two"""
MOST_MEMORY = 4 * 1024**3
"""bytes of address space"""
TRIES = 2
READ = "channels.reading:read"


class ReaderProcess:
    """Implements `channels.reading.Reader`; safe to use from several threads, which wait for each other.

    `reader` names the function that the process reads with, as "module:function".
    """

    def __init__(self, reader: str = READ, *, longest: float = LONGEST) -> None:
        self._reader = reader
        self._longest = longest
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._lock = threading.Lock()

    def __call__(self, item: RawItem, settings: Mapping[str, str]) -> Reading:
        if item.channel != ChannelName.EMAIL:  # a letter's pages are drawn in a process of their own already
            return read(item, settings)
        with self._lock:
            for _ in range(TRIES):  # somebody else may have ended the process: once is no proof against the mail
                try:
                    return self._ask(item, settings)
                except (OSError, EOFError, pickle.UnpicklingError) as error:
                    log.warning("reader_broke", error=type(error).__name__, size=len(item.raw))
                    self.stop()
        return Reading(item, None, "reader_broke")

    def stop(self) -> None:
        """End the process; the next item starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._line is not None:
            self._line.close()
        self._process = self._line = None

    def _ask(self, item: RawItem, settings: Mapping[str, str]) -> Reading:
        line = self._line or self._start()
        line.send((item, dict(settings)))
        if not line.poll(self._longest):
            log.warning("reader_too_slow", size=len(item.raw))
            self.stop()
            return Reading(item, None, "mail_too_slow")
        message, fault = line.recv()
        return Reading(item, message, fault)

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", __name__, str(number), self._reader]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[number])
        self._line = Connection(ours.detach())
        return self._line


def serve(line: Connection, reader: Reader) -> None:
    """Read what comes until the other side is gone; a stop that is meant for the worker is the worker's to obey."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    while True:
        try:
            item, settings = line.recv()
        except EOFError:
            return
        reading = reader(item, settings)
        line.send((reading.message, reading.fault))


def main(number: str, reader: str) -> None:
    """What the process does: `number` is the descriptor of its line to the worker."""
    module, _, function = reader.partition(":")
    serve(Connection(int(number)), getattr(importlib.import_module(module), function))


if __name__ == "__main__":
    main(*sys.argv[1:])
