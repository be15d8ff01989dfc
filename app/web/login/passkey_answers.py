"""What scripts and pages say to each other about passkeys: JSON in, JSON out, refusals in the person's words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import jsonify, request
from werkzeug.wrappers import Response

from app.accounts.passkeys import Site
from app.core.errors import ConflictError, InvalidInputError, TooManyError
from app.web.language import gettext
from app.web.login.pages import site
from app.web.too_many import retry_after, try_again

P = ParamSpec("P")
R = TypeVar("R")
Told = tuple[Response, int] | tuple[Response, int, dict[str, str]]


def refusals_told(endpoint: Callable[P, R]) -> Callable[P, R | Told]:
    """The endpoint, whose refusals become `{"message": …}`."""

    @wraps(endpoint)
    def told(*args: P.args, **named: P.kwargs) -> R | Told:
        try:
            return endpoint(*args, **named)
        except TooManyError as error:
            return jsonify(message=try_again(error)), 429, retry_after(error)
        except InvalidInputError as error:
            return jsonify(message=" ".join(gettext(one) for one in error.fields.values())), 422
        except ConflictError as error:
            return jsonify(message=gettext(str(error))), 409

    return told


def answer_of() -> dict[str, Any]:
    """What the device answered. Raises InvalidInputError for what is no answer at all."""
    body = request.get_json(silent=True)
    answer = body.get("answer") if isinstance(body, dict) else None
    if not isinstance(answer, dict):
        raise InvalidInputError({"passkey": "The browser sent no passkey. Try again."})
    return answer


def name_of() -> str:
    """How the person wants to call the key."""
    body = request.get_json(silent=True)
    return str(body.get("name", "")) if isinstance(body, dict) else ""


def site_or_refuse() -> Site:
    """Whom the passkeys are for. Raises InvalidInputError where the address is a number."""
    found = site()
    if found is None:
        raise InvalidInputError({"passkey": "Passkeys need an address with a name. Ask the administrator."})
    return found
