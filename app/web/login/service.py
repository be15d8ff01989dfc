"""Log-in by the authority's own service: OpenID Connect, authorization code with PKCE (RFC 7636), state and nonce.

The library checks state, nonce, signature and times of the ID token; whose token it must be, and for whom, is said
here. Neither codes nor tokens nor the client's secret reach a log.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, session, url_for
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from app.accounts import doors
from app.accounts.models import Way
from app.core.config import Settings
from app.core.errors import ForbiddenError, TooManyError
from app.core.log import get_logger
from app.flows.knock import knock
from app.flows.outside_identity import Claims, recognise
from app.web.context import system
from app.web.language import gettext
from app.web.login.entering import NEXT, enter, place, wanted
from app.web.login.pages import Answer, held_page, login_page

log = get_logger(__name__)
service = Blueprint("service", __name__, url_prefix="/login/service")
EXTENSION = "luukku-log-in-service"
NAME = "luukku_service"
PATIENCE = 10
"""seconds for each answer of the service"""
UNUSABLE = (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError, TypeError)
"""what the library raises for answers that are forged, stale or make no sense"""


def install(app: Flask, settings: Settings) -> None:
    """Know the service, if there is one; nothing is asked of it before the first log-in."""
    app.config["LUUKKU_SERVICE"] = settings.oidc_issuer and (
        settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer
    )
    if settings.oidc_issuer:
        app.extensions[EXTENSION] = OAuth(app).register(
            NAME,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE,
            },
        )


@service.get("")
def start() -> Response | Answer:
    """Send the browser to the service."""
    try:
        knock(system(), doors.STEPS, place())
        _forget_earlier()
        session[NEXT] = wanted()
        answer: Response = _client().authorize_redirect(_own_address())
    except TooManyError as error:
        return held_page(error)
    except (RequestException, *UNUSABLE) as error:
        return _unavailable(error)
    return answer


@service.get("/back")
def back() -> Response | Answer:
    """The browser comes back with a code: whom the service vouches for gets into their own account."""
    try:
        return enter(recognise(system(), _claims()), Way.SERVICE)
    except ForbiddenError as error:
        return login_page(notice=gettext(str(error))), 403
    except RequestException as error:
        return _unavailable(error)
    except UNUSABLE as error:
        log.warning("service_login_refused", reason=type(error).__name__)
        return login_page(notice=gettext("The log-in at the service was not completed. Begin again.")), 403


def _claims() -> Claims:
    """What the service says of the person, in a token that is signed, fresh, and meant for us and this very browser."""
    settings = system().settings
    options = {
        "iss": {"essential": True, "values": [settings.oidc_issuer]},
        "aud": {"essential": True, "values": [settings.oidc_client_id]},
    }
    token = _client().authorize_access_token(claims_options=options)
    said: dict[str, Any] = dict(token["userinfo"])
    if "email" not in said and "userinfo_endpoint" in _client().load_server_metadata():
        more = dict(_client().userinfo(token=token))
        said = {**more, **said} if more.get("sub") == said["sub"] else said
    is_verified = said.get("email_verified") in {True, "true"}
    return Claims(settings.oidc_issuer, str(said["sub"]), str(said.get("email") or ""), is_verified=is_verified)


def _forget_earlier() -> None:
    """What earlier beginnings left in the cookie, which would grow too large for browsers otherwise."""
    for key in [key for key in session if key.startswith(f"_state_{NAME}_")]:
        session.pop(key)


def _client() -> Any:
    return current_app.extensions[EXTENSION]


def _own_address() -> str:
    """Where the service sends browsers back to; it must be known there."""
    return system().settings.base_url + url_for("service.back")


def _unavailable(error: Exception) -> Answer:
    log.warning("service_login_unavailable", reason=type(error).__name__)
    said = gettext("The log-in service does not answer. Log in with your password, or try again later.")
    return login_page(notice=said), 503
