"""The interface's words in Swedish, Finnish and English, read from the .po files beside this module.

English source strings are the ids, so a string without a translation shows in English. There is no compile step: a
catalogue is read once per process and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SUPPORTED = ("sv", "fi", "en")
CATALOGUES = Path(__file__).parent / "catalogues"
_RELATED: Mapping[str, str] = MappingProxyType({"fit": "fi", "fkv": "fi"})
"""Meänkieli and Kven have no catalogue; their readers read Finnish."""


class Translator:
    """Looks up strings of one language; what is not translated comes back as the source string.

    Named values are put in with `%(name)s`; a string looked up without values is left as it is, so that the caller, or
    Jinja's newstyle gettext, may put them in.
    """

    def __init__(self, language: str, translations: Translations) -> None:
        self.language = language
        self._translations = translations

    def gettext(self, message: str, **values: object) -> str:
        if not message:
            return ""
        return _filled(self._translations.ugettext(message), values)

    def ngettext(self, singular: str, plural: str, n: int, **values: object) -> str:
        found = self._translations.ungettext(singular, plural, n)
        return _filled(found, values and {"num": n, **values})

    def pgettext(self, context: str, message: str, **values: object) -> str:
        return _filled(str(self._translations.upgettext(context, message)), values)

    def npgettext(self, context: str, singular: str, plural: str, n: int, **values: object) -> str:
        found = self._translations.unpgettext(context, singular, plural, n)
        return _filled(found, values and {"num": n, **values})


def translator(language: str) -> Translator:
    """The translator of a language; one that has no catalogue gets the nearest that has, or English."""
    return _loaded(supported(language))


@lru_cache(maxsize=1000)
def supported(language: str | None, default: str = "en") -> str:
    """The catalogue's code for a language tag such as "sv-FI" or "fit", or `default` where there is none."""
    primary = (language or "").strip().replace("_", "-").split("-")[0].lower()
    found = _RELATED.get(primary, primary)
    return found if found in SUPPORTED else default


def read_catalogue(language: str, folder: Path = CATALOGUES) -> Catalog:
    """The .po file of a language, or an empty catalogue with its plural rule where there is no file yet."""
    path = folder / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8", abort_invalid=True)


def N_(message: str) -> str:  # noqa: N802 - the name gettext's extractors know
    """The message itself: marks a source string that is looked up later, where the reader's language is known."""
    return message


@cache
def _loaded(language: str) -> Translator:
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Translator(language, Translations(compiled))


def _filled(text: str, values: Mapping[str, object]) -> str:
    return text % values if values else text
