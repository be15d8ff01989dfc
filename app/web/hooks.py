"""What no request may hold, and what every response carries: a strict content policy, nothing personal in any cache."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from app.core.config import Settings
from app.web.public_endpoints import TOKEN_BLUEPRINTS

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install(app: Flask, settings: Settings) -> None:
    """Add the headers to every response; a route that set one itself (mail frame, attachments) keeps its own."""

    def add_headers(response: Response) -> Response:
        headers = response.headers
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        headers.setdefault("X-Frame-Options", "DENY")
        if settings.has_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint not in {"static", "favicon"}:
            headers.setdefault("Cache-Control", "no-store")
        return response

    app.before_request(refuse_nul)
    app.after_request(add_headers)


def refuse_nul() -> None:
    """No text holds U+0000, and PostgreSQL takes none that does: whoever sends it is no browser."""
    if (request.endpoint or "").partition(".")[0] in TOKEN_BLUEPRINTS:
        return
    texts = (text for values in (request.args, request.form) for _, text in values.items(multi=True))
    if any("\0" in text for text in texts):
        abort(400)
