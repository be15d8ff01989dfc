"""The door for telephone exchanges: call events come as JSON, with a token, and are committed before we say yes."""

from __future__ import annotations

import hmac

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.core.log import get_logger
from app.flows.call import take_event
from app.web.context import system
from channels.contract import UnreadableError
from channels.phone.events import MAX_BYTES

api = Blueprint("api", __name__, url_prefix="/api/v1")
log = get_logger(__name__)
Answer = tuple[Response, int]


@api.post("/calls/events")
def call_events() -> Answer:
    """Take one event: 202 once it is committed, also when it came before; 401, 413 and 422 say what is wrong."""
    if not _has_token():
        refusal = _said("The call token is missing or wrong.", 401)
        refusal[0].headers["WWW-Authenticate"] = 'Bearer realm="calls"'
        return refusal
    try:
        body = _body()
    except RequestEntityTooLarge:
        return _said(f"The event is larger than {MAX_BYTES // 1024} KB.", 413)
    try:
        inbound_id = take_event(system(), body)
    except UnreadableError as error:
        log.warning("call_event_refused", reason=error.reason, size=len(body))
        return jsonify(message=str(error), fields=_fields(str(error))), 422
    return jsonify(inbound_id=inbound_id or None, is_repeated=not inbound_id), 202


def _has_token() -> bool:
    """Whether the request carries the token, compared in constant time."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = system().settings.call_token
    fits = hmac.compare_digest(given.strip().encode(), wanted.encode())
    return fits and bool(wanted) and kind.lower() == "bearer"


def _body() -> bytes:
    """The request's body. Raises RequestEntityTooLarge before more than the limit is read."""
    request.max_content_length = MAX_BYTES
    return request.get_data(cache=False)


def _fields(message: str) -> dict[str, str]:
    """What is wrong, by field, from a message such as "... cannot be used: at is missing; kind is missing."."""
    _, _, faults = message.rstrip(".").partition(": ")
    named = (fault.partition(" ") for fault in faults.split("; "))
    return {name: words for name, _, words in named if name != "the"}


def _said(message: str, status: int) -> Answer:
    return jsonify(message=message), status
