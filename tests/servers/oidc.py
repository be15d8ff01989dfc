"""A real OpenID Connect provider in a process of its own, whose people the tests make up."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from tests.servers.process import answers, free_port, running, scratch_folder

PATIENCE = 10


@dataclass(frozen=True)
class OidcProvider:
    """Where the provider listens; `issuer` is how it names itself."""

    port: int

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"

    def add_person(self, subject: str, **claims: Any) -> None:
        """Somebody who can log in there, and what the provider says of them."""
        requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=PATIENCE).raise_for_status()

    def consent(self, address: str, subject: str) -> str:
        """Log in there as the person, as a browser that was sent to `address`; where it is sent back to."""
        return self._decide(address, {"sub": subject})

    def deny(self, address: str) -> str:
        """Refuse there; where the browser is sent back to."""
        return self._decide(address, {"action": "deny"})

    def _decide(self, address: str, form: dict[str, str]) -> str:
        answer = requests.post(address, data=form, allow_redirects=False, timeout=PATIENCE)
        assert answer.is_redirect, answer.text[:500]
        return answer.headers["Location"]


@contextlib.contextmanager
def running_oidc_provider() -> Iterator[OidcProvider]:
    """A provider on a free loopback port that insists on a nonce."""
    with scratch_folder("oidc") as scratch:
        provider = OidcProvider(free_port())
        question = b"GET /.well-known/openid-configuration HTTP/1.0\r\nHost: localhost\r\n\r\n"
        with running(
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(provider.port), "--require-nonce", "true"],
            log=scratch / "log",
            is_ready=lambda: answers(provider.port, question, begins=b"HTTP/1.1 200"),
            timeout=30,
        ):
            yield provider
