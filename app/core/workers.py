"""What a worker is called where it holds something, and whether a holder is still there."""

from __future__ import annotations

import os
import socket


def own_name() -> str:
    """This process as "machine:number", at most 60 characters: some platforms give machines names of 63 letters."""
    return f"{_host()}:{os.getpid()}"


def is_gone(name: str) -> bool:
    """Whether a worker was a process of this machine that runs no more; of another machine nobody here can say."""
    host, _, number = name.rpartition(":")
    if host != _host():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _host() -> str:
    return socket.gethostname()[:40]
