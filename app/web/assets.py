"""Static files: kept by browsers for a year, because their address changes with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, abort

FOLDER = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def install(app: Flask) -> None:
    """Serve the folder from memory, below one digest of all its files: scripts name each other by relative address."""
    files = read_files(FOLDER)
    current = digest_of(files)

    def static(digest: str, filename: str) -> Response:
        """A file; kept for a year when the address has today's digest."""
        if filename not in files:
            abort(404)
        kept = f"public, max-age={YEAR}, immutable" if digest == current else "no-cache"
        return _served(filename, files[filename], kept)

    def favicon() -> Response:
        """The picture that browsers ask for by themselves."""
        return _served("favicon.svg", files["favicon.svg"], "public, max-age=86400")

    app.add_url_rule("/static/<digest>/<path:filename>", "static", static)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    app.jinja_env.globals["asset"] = lambda filename: f"/static/{current}/{filename}"


def read_files(folder: Path) -> dict[str, bytes]:
    """Every file of a kind that browsers are given, by its path below the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def digest_of(files: Mapping[str, bytes]) -> str:
    """Twelve hexadecimal digits that change when any of the files does."""
    told = hashlib.sha256()
    for name, data in files.items():
        told.update(name.encode() + b"\0" + data + b"\0")
    return told.hexdigest()[:12]


def _served(name: str, data: bytes, kept: str) -> Response:
    return Response(data, content_type=TYPES[Path(name).suffix], headers={"Cache-Control": kept})
