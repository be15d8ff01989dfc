"""Parts of pages that are the same on every page of a person's: rendered once a process, not with every page."""

from __future__ import annotations

from functools import cache

from flask import Flask, current_app, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from app.web.context import language, viewer

MOST = 200
"""kept at a time: as many parts as there are, by three languages and four kinds of people, and room to spare"""


def install(app: Flask) -> None:
    """Give the templates the icons and `kept_part(name)`, which may depend on language and the two roles alone."""
    app.extensions["kept_parts"] = {}
    app.jinja_env.globals.update(kept_part=kept_part, icon_of=icon_of)


@pass_context
def kept_part(context: Context, name: str) -> Markup:
    """The part of this name in the reader's language, with the addresses of this installation."""
    kept: dict[tuple[str, ...], Markup] = current_app.extensions["kept_parts"]
    role = f"{viewer().is_admin} {bool(viewer().headed)}"
    key = (name, language(), role, request.script_root)
    if key not in kept:
        if len(kept) >= MOST:
            kept.clear()
        kept[key] = Markup(context.environment.get_template(name).render({"language": language()}))  # noqa: S704 - rendered with escaping
    return kept[key]


@cache
def icon_of(name: str) -> Markup:
    """An icon of `icons.html`, for the eye only."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)
