"""Call events as a telephone exchange posts them: JSON in, `CallEvent` out, and plain words for what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from channels.contract import CallEvent, CallEventKind, Party, UnreadableError
from channels.phone.numbers import normalise_number, region_of

MAX_BYTES = 64 * 1024
_NOT_SHOWN = {"", "anonymous", "anonym", "private", "restricted", "unavailable", "unknown", "withheld", "hidden"}
_INTERNAL = re.compile(r"[0-9*#]{1,8}")
_MAX_DIALLED = 30
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_ONE_LINE = validate.Regexp(
    re.compile(rf"(?!.*{_UNPRINTABLE.pattern})", re.DOTALL), error="must be one line of plain text"
)


def _text(longest: int, **options: Any) -> fields.String:
    length = validate.Length(max=longest, error=f"is longer than {longest} characters")
    return fields.String(
        validate=[length, _ONE_LINE],
        error_messages={"invalid": "must be a text", "null": "must be a text", "required": "is missing"},
        **options,
    )


class _EventSchema(Schema):
    """The body of one event; a field it does not know is an error."""

    class Meta:
        unknown = RAISE

    call_id = _text(200, required=True)
    kind = fields.Enum(
        CallEventKind,
        by_value=True,
        required=True,
        error_messages={
            "unknown": "must be ringing, answered or ended",
            "required": "is missing",
            "null": "is missing",
        },
    )
    at = fields.AwareDateTime(
        format="iso",
        required=True,
        error_messages={
            "invalid": "must be an instant such as 2026-11-22T09:30:00+01:00",
            "invalid_awareness": "must have a time zone, such as 2026-11-22T09:30:00+01:00",
            "required": "is missing",
            "null": "is missing",
        },
    )
    number = _text(100, load_default="")
    name = _text(200, load_default="")
    dialled = _text(100, load_default="")
    agent = _text(254, load_default="")
    language = _text(8, load_default="")


def parse_event(body: bytes | Mapping[str, Any], *, region: str = "SE") -> CallEvent:
    """The call event in a JSON body, its instant in UTC and its numbers in E.164.

    Numbers without country code are of the country of the number that was dialled, else of `region`.

    Fields: call_id, kind (ringing, answered, ended) and at are needed; number, name, dialled, agent and language are
    not. A withheld number becomes "", an internal one the caller's name. Raises UnreadableError with reason
    "bad_call_event" and a message that names each faulty field.
    """
    try:
        loaded = cast("dict[str, Any]", _EventSchema().load(_mapping(body)))
    except ValidationError as error:
        raise _bad(_in_words(error.messages)) from error
    region = region_of(loaded["dialled"]) or region
    problems = {name: words for name, words in _problems(loaded, region).items() if words}
    if problems:
        raise _bad(_in_words(problems))
    return CallEvent(
        call_id=loaded["call_id"].strip(),
        kind=loaded["kind"],
        at=loaded["at"].astimezone(UTC),
        caller=_caller(loaded["number"], loaded["name"].strip(), region),
        dialled=_dialled(loaded["dialled"], region),
        agent=loaded["agent"].strip().lower(),
        language=loaded["language"].strip().lower(),
    )


def _mapping(body: bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(body, Mapping):
        return body
    if len(body) > MAX_BYTES:
        raise _bad(f"the body is larger than {MAX_BYTES // 1024} KB")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _bad("the body is not JSON") from error
    if not isinstance(found, dict):
        raise _bad("the body is not a JSON object")
    return found


def _problems(loaded: Mapping[str, Any], region: str) -> dict[str, str]:
    """What only shows once the shape is right, by field; "" where all is well."""
    number, language = loaded["number"].strip(), loaded["language"].strip()
    is_number = _is_withheld(number) or _INTERNAL.fullmatch(number) or normalise_number(number, region)
    return {
        "call_id": "" if loaded["call_id"].strip() else "is empty",
        "at": "" if _has_utc(loaded["at"]) else "is out of range",
        "number": "" if is_number else "is not a telephone number",
        "language": "" if re.fullmatch(r"(?:[A-Za-z]{2,3})?", language) else "must be a code such as sv, fi or en",
        "dialled": "" if len(loaded["dialled"].strip()) <= _MAX_DIALLED else "is not a telephone number",
    }


def _has_utc(at: datetime) -> bool:
    try:
        at.astimezone(UTC)
    except OverflowError:
        return False
    return True


def _caller(number: str, name: str, region: str) -> Party:
    number = number.strip()
    if _is_withheld(number):
        return Party("", name)
    address = normalise_number(number, region)
    return Party(address, name) if address else Party("", name or number)


def _dialled(number: str, region: str) -> str:
    return normalise_number(number, region) or number.strip()


def _is_withheld(number: str) -> bool:
    return number.casefold() in _NOT_SHOWN


def _in_words(messages: Any) -> str:
    """One line such as "at is missing; colour is not a known field"."""
    if not isinstance(messages, dict):
        return "the body is not a JSON object"
    return "; ".join(f"{_field_name(name)} {_first(words)}" for name, words in messages.items())


def _field_name(name: object) -> str:
    return _UNPRINTABLE.sub("?", str(name))[:40] or "a field without a name"


def _first(words: Any) -> str:
    text = str(words[0]) if isinstance(words, list) else str(words)
    return "is not a known field" if text == "Unknown field." else text


def _bad(words: str) -> UnreadableError:
    return UnreadableError(f"The call event cannot be used: {words}.", reason="bad_call_event")
