"""Static files: kept by browsers for a year, because their address changes with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, send_from_directory

FOLDER = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def install(app: Flask) -> None:
    """Serve the folder below one digest of all its files, so that scripts may name each other by relative address."""
    digest = digest_of(FOLDER)

    def static(digest: str, filename: str) -> Response:
        response = send_from_directory(FOLDER, filename, mimetype=TYPES.get(Path(filename).suffix), max_age=YEAR)
        is_current = digest == current
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_current else "no-cache"
        return response

    current = digest
    app.add_url_rule("/static/<digest>/<path:filename>", "static", static)
    app.add_url_rule("/favicon.ico", "favicon", lambda: send_from_directory(FOLDER, "favicon.svg", max_age=3600))
    app.jinja_env.globals["asset"] = lambda filename: f"/static/{digest}/{filename}"


def digest_of(folder: Path) -> str:
    """Twelve hexadecimal digits that change when any file in the folder does."""
    told = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        told.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:12]
