"""Passkeys (WebAuthn level 3): what browsers are asked for, and whether what they answer is true.

The device must find the key by itself (a discoverable credential) and know its owner by finger, face or PIN (user
verification), so that a passkey stands for both factors. No attestation is asked for: any device may be used.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.accounts.login_models import Passkey
from app.core.errors import InvalidInputError

LONGEST_ANSWER = 20_000
"""characters of what a browser answers"""


@dataclass(frozen=True)
class Site:
    """Whom passkeys are for: the host's name, and the origin that browsers speak of."""

    host: str
    origin: str


def site_of(base_url: str, request_origin: str) -> Site | None:
    """The site of the public address, else of the request's; None where neither has a name: numbers own no passkeys."""
    for address in (base_url, request_origin):
        parts = urlsplit(address)
        if parts.hostname and not _is_number(parts.hostname):
            return Site(parts.hostname, f"{parts.scheme}://{parts.netloc}")
    return None


def new_challenge() -> str:
    """32 random bytes, base64url."""
    return bytes_to_base64url(secrets.token_bytes(32))


def new_handle() -> str:
    """32 random bytes, base64url: a person as devices know them."""
    return bytes_to_base64url(secrets.token_bytes(32))


def options_to_register(
    site: Site, *, challenge: str, handle: str, email: str, name: str, known: Collection[str]
) -> dict[str, Any]:
    """What `navigator.credentials.create` is given; a device that holds one of the `known` keys makes no other."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Luukku",
        user_name=email,
        user_id=base64url_to_bytes(handle),
        user_display_name=name,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )
    return _as_json(webauthn.options_to_json(options))


def options_to_log_in(site: Site, *, challenge: str) -> dict[str, Any]:
    """What `navigator.credentials.get` is given: any key of this site will do."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenge),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(webauthn.options_to_json(options))


def verified_new(site: Site, answer: Mapping[str, Any], challenge: str) -> tuple[str, bytes, int]:
    """(credential id, public key, sign count) of a new key. Raises InvalidInputError."""
    try:
        made = webauthn.verify_registration_response(
            credential=_plausible(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise InvalidInputError({"passkey": "This passkey could not be added. Try again."}) from error
    return bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count


def verified_use(site: Site, answer: Mapping[str, Any], challenge: str, key: Passkey) -> int:
    """The new sign count of a key that answered. Raises InvalidInputError, also for one that may have been copied."""
    try:
        used = webauthn.verify_authentication_response(
            credential=_plausible(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise unknown() from error
    if handle_of(answer) not in {"", key.handle}:
        raise unknown()
    return used.new_sign_count


def unknown() -> InvalidInputError:
    """What is said of every passkey that does not open: nobody learns which ones there are."""
    return InvalidInputError({"passkey": "This passkey does not open this desk. Log in with your password."})


def handle_of(answer: Mapping[str, Any]) -> str:
    """Whom the device takes the person for; "" when it does not tell."""
    response = answer.get("response")
    return str(response.get("userHandle") or "") if isinstance(response, dict) else ""


def _plausible(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, if it is not too long. Raises ValueError."""
    if len(json.dumps(answer)) > LONGEST_ANSWER:
        raise ValueError("longer than any passkey's answer")
    return dict(answer)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _as_json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
