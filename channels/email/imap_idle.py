"""Waiting for mail by IDLE (RFC 2177), without IMAPClient's trap.

After the server says BYE or dies, `idle_check` returns the BYE once and then an empty list at once, for ever: no
exception, and a busy loop that never sees mail. So a BYE, or an empty answer long before its time, is a lost
connection.
"""

from __future__ import annotations

import time
from typing import Any

from channels.contract import ChannelError

MAX_IDLE = 600.0
"""seconds of one IDLE; middle boxes forget silent connections (RFC 2177 says 29 minutes at most)"""
FIRST_IDLE = 15.0
"""seconds; a notice that came in one packet with the start of IDLE lies unseen in a buffer until DONE"""
POLL_PAUSE = 15.0
"""seconds between looks at a server without IDLE"""
_EARLY = 0.5


def wait_for_mail(client: Any, timeout: float) -> bool:
    """Whether something may have come within `timeout` seconds. Raises ChannelError when the connection is lost."""
    if not client.has_capability("IDLE"):
        time.sleep(min(timeout, POLL_PAUSE))
        client.noop()
        return True
    deadline = time.monotonic() + timeout
    longest = FIRST_IDLE
    while (left := deadline - time.monotonic()) > 0:
        if _idle_once(client, min(left, longest)):
            return True
        longest = min(longest * 4, MAX_IDLE)
    return False


def _idle_once(client: Any, seconds: float) -> bool:
    """One IDLE, ended by DONE and a NOOP that proves the connection alive."""
    client.idle()
    end = time.monotonic() + seconds
    has_mail = False
    while not has_mail and (left := end - time.monotonic()) > 0:
        responses = client.idle_check(timeout=left)
        if not responses and time.monotonic() < end - _EARLY:
            raise ChannelError("The mail server closed the connection while it was waited for.")
        has_mail = _has_mail(responses)
    _, responses = client.idle_done()
    _, more = client.noop()
    return _has_mail(responses) or _has_mail(more) or has_mail


def _has_mail(responses: Any) -> bool:
    for response in responses:
        if response[0] == b"BYE":
            raise ChannelError("The mail server said goodbye while it was waited for.")
        if len(response) > 1 and response[1] in (b"EXISTS", b"RECENT"):
            return True
    return False
