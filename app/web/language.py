"""The words of the page in the reader's language, for templates and for Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from flask import Flask, has_request_context, request
from markupsafe import Markup

from app.texts.catalogue import SUPPORTED, Translator, supported, translator
from app.web.context import language, speak

NAMES = {"sv": "Svenska", "fi": "Suomi", "en": "English"}


def install(app: Flask) -> None:
    """Give the templates `gettext`, and each request its language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    app.jinja_env.globals.update(_=shown, gettext=shown)
    app.before_request(choose)
    app.context_processor(lambda: {"language": language(), "languages": NAMES})


def choose() -> None:
    """Take the asked or the browser's language; a log-in replaces it by the person's own."""
    asked = request.args.get("lang", "")
    speak(asked if asked in SUPPORTED else request.accept_languages.best_match(SUPPORTED) or "en")


def use_language(tag: str) -> None:
    """Speak this language for the rest of the request."""
    speak(supported(tag))


def shown(message: str, **values: object) -> Markup:
    """The message for a template, with its values escaped: as the library's own, but looked up once a language."""
    return _form(language(), message) % values if values else _plain(language(), message)


@lru_cache(maxsize=10_000)
def _form(tag: str, message: str) -> Markup:
    return Markup(translator(tag).gettext(message))  # noqa: S704 - our own words


@lru_cache(maxsize=10_000)
def _plain(tag: str, message: str) -> Markup:
    return _form(tag, message) % {}


def words() -> Translator:
    """The translator of this request."""
    return translator(language() if has_request_context() else "en")


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language."""
    return words().gettext(message, **values)


def spoken(faults: Mapping[str, str] | None) -> dict[str, str]:
    """What is wrong with each field of a form, in the reader's language."""
    return {name: gettext(message) for name, message in (faults or {}).items()}


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """The message that fits the number."""
    return words().ngettext(singular, plural, n, **values)


def pgettext(context: str, message: str, **values: object) -> str:
    """The message as it is meant in a context."""
    return words().pgettext(context, message, **values)


def npgettext(context: str, singular: str, plural: str, n: int, **values: object) -> str:
    """The message that fits the number, as it is meant in a context."""
    return words().npgettext(context, singular, plural, n, **values)
