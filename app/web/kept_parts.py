"""Parts of pages that are rendered once for the same values, not with every page, and kept by each process."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import cache

from flask import Flask, current_app, request
from markupsafe import Markup

from app.web.context import language, request_at, viewer
from app.web.desk.surroundings import zone

MOST = 4000
"""kept at a time, about a kilobyte each"""


def install(app: Flask) -> None:
    """Give the templates the icons, `each_part` and `kept_part`."""
    app.extensions["kept_parts"] = {}
    app.jinja_env.globals.update(each_part=each_part, kept_part=kept_part, icon_of=icon_of)


def each_part(name: str, each: Iterable[Hashable], **shared: Hashable) -> Markup:
    """The template of this name for each item, one below the other.

    It depends on nothing but `item`, the values that all share, the language, the zone and the day.
    """
    here = zone()
    kept = _Kept(name, (here.key, request_at().astimezone(here).date(), *shared.items()), shared)
    return Markup("\n").join(kept.of(item) for item in each)


def kept_part(name: str) -> Markup:
    """The part of this name, which may depend on language and the two roles alone."""
    return _Kept(name, (viewer().is_admin, bool(viewer().headed)), {}).of(None)


class _Kept:
    """What one template gave for the surroundings of this request."""

    def __init__(self, name: str, depends_on: tuple[Hashable, ...], values: dict[str, Hashable]) -> None:
        self._name, self._values = name, values
        self._here = (name, language(), request.script_root, depends_on)
        self._kept: dict[Hashable, Markup] = current_app.extensions["kept_parts"]

    def of(self, item: Hashable) -> Markup:
        key = (self._here, item)
        if (found := self._kept.get(key)) is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            template = current_app.jinja_env.get_template(self._name)
            text = template.render(self._values, item=item, language=language())
            found = self._kept[key] = Markup(text)  # noqa: S704 - rendered with escaping
        return found


@cache
def icon_of(name: str) -> Markup:
    """An icon of `icons.html`, for the eye only."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)
