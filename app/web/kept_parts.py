"""Parts of pages that are rendered once for the same values, not with every page, and kept by each process."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache

from flask import Flask, current_app, request
from markupsafe import Markup

from app.web.context import language, request_at, viewer
from app.web.desk.surroundings import zone

MOST = 4000
"""kept at a time, about a kilobyte each"""


def install(app: Flask) -> None:
    """Give the templates the icons, `part` and `kept_part`."""
    app.extensions["kept_parts"] = {}
    app.jinja_env.globals.update(part=part, kept_part=kept_part, icon_of=icon_of)


def part(name: str, **values: Hashable) -> Markup:
    """The template of this name, which depends on nothing but its values, the language, the zone and the day."""
    here = zone()
    return _kept(name, (here.key, request_at().astimezone(here).date(), *values.items()), values)


def kept_part(name: str) -> Markup:
    """The part of this name, which may depend on language and the two roles alone."""
    return _kept(name, (viewer().is_admin, bool(viewer().headed)), {})


def _kept(name: str, depends_on: tuple[Hashable, ...], values: dict[str, Hashable]) -> Markup:
    kept: dict[Hashable, Markup] = current_app.extensions["kept_parts"]
    key = (name, language(), request.script_root, depends_on)
    if (found := kept.get(key)) is None:
        if len(kept) >= MOST:
            kept.clear()
        template = current_app.jinja_env.get_template(name)
        found = kept[key] = Markup(template.render(values, language=language()))  # noqa: S704 - rendered with escaping
    return found


@cache
def icon_of(name: str) -> Markup:
    """An icon of `icons.html`, for the eye only."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)
