"""What somebody reads who tried too often: what, and when to try again."""

from __future__ import annotations

import math
from datetime import timedelta

from app.core.errors import TooManyError
from app.web.context import request_at
from app.web.formats import instant
from app.web.language import gettext


def try_again(error: TooManyError) -> str:
    """The sentence, with the first full minute at which it works again."""
    when = gettext("Try again from %(time)s.", time=instant(error.until + timedelta(seconds=59)))
    return f"{gettext(str(error))} {when}"


def retry_after(error: TooManyError) -> dict[str, str]:
    """The header for programs (RFC 9110, 10.2.3)."""
    seconds = math.ceil((error.until - request_at()).total_seconds())
    return {"Retry-After": str(max(seconds, 1))}
