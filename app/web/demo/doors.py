"""The three doors as the outside world uses them: a file in a Maildir, a file in a folder, an HTTP request."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import closing

from app.core.config import Settings
from app.core.demo import DemoPlaces
from app.core.errors import ConflictError

CALL_DOOR = "/api/v1/calls/events"


def drop_mail(settings: Settings, raw: bytes) -> str:
    """Put a mail into the Maildir as a mail server does, whole or not at all; the file's name."""
    folder = DemoPlaces(settings.data_dir).mail_in
    name = f"{int(time.time())}.{secrets.token_hex(8)}.demo"
    with (folder / "tmp" / name).open("xb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    (folder / "tmp" / name).rename(folder / "new" / name)
    return name


def drop_letter(settings: Settings, pdf: bytes, title: str) -> str:
    """Put a scanned letter into the folder, under a name of its own once it is written; that name."""
    folder = DemoPlaces(settings.data_dir).letters
    stem = "".join(char for char in title if char.isalnum() or char in "-_")[:60] or "letter"
    name = f"{stem}-{secrets.token_hex(4)}.pdf"
    (folder / f"{name}.part").write_bytes(pdf)
    (folder / f"{name}.part").rename(folder / name)
    return name


def tell_call(settings: Settings, event: Mapping[str, str]) -> None:
    """Post one event of a call as a telephone exchange does. Raises ConflictError with the door's own words."""
    headers = {"Authorization": f"Bearer {settings.call_token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(settings.host, settings.port, timeout=10)) as door:
        try:
            door.request("POST", CALL_DOOR, json.dumps(dict(event)), headers)
            answer = door.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConflictError("The call door does not answer.") from error
    if answer.status != http.HTTPStatus.ACCEPTED:
        raise ConflictError(_refusal(answer.status, told))


def _refusal(status: int, told: bytes) -> str:
    try:
        return str(json.loads(told)["message"])
    except (ValueError, KeyError, TypeError):
        return f"The call door answered {status}."
