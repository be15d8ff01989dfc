"""Brings the catalogues in step with the sources: `python -m app.texts.extract`.

Collects every marked string of the Python modules and the templates, and the sentences of our errors; keeps the
translations there are, puts new strings in untranslated and says how many are missing. A translation whose string has
gone stays as an obsolete entry until `--drop-obsolete`, so that a string that comes back finds it again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from app.texts.catalogue import CATALOGUES, SUPPORTED, read_catalogue
from app.texts.error_texts import error_texts

APP = Path(__file__).resolve().parents[1]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
SOURCES = (("**/*.py", "python"), ("web/templates/**/*.html", "jinja2"))
_OPTIONS = {"silent": "false", "trimmed": "true"}


def collect(app: Path = APP) -> Catalog:
    """Every marked string and error's sentence under `app` with its files; raises TemplateSyntaxError."""
    found = Catalog()
    for pattern, method in SOURCES:
        for path in sorted(app.glob(pattern)):
            name = path.relative_to(app.parent).as_posix()
            for _, message, comments, context in extract_from_file(
                method,
                path,
                keywords=KEYWORDS,
                comment_tags=("Translators:",),
                options=_OPTIONS,
                strip_comment_tags=True,
            ):
                found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    _add_error_texts(found, app)
    return found


def merged(found: Catalog, before: Catalog, *, drop_obsolete: bool = False) -> Catalog:
    """The strings of the sources with the translations of `before`; those no longer used become obsolete entries."""
    after = Catalog(locale=before.locale, fuzzy=False)
    for message in _messages(found):
        known = _known(before, message)
        added = after.add(
            message.id,
            _translation(known, message, after.num_plurals),
            sorted(set(message.locations)),
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
            context=message.context,
        )
        added.flags |= {flag for flag in (known.flags if known else ()) if flag == "fuzzy"}
    if not drop_obsolete:
        _keep_unused(before, after)
    return after


def missing(catalogue: Catalog) -> list[Message]:
    """The strings that a reader of this language would see in English."""
    return [message for message in _messages(catalogue) if message.fuzzy or not _is_whole(message.string)]


def written(catalogue: Catalog) -> bytes:
    """The .po file: sorted, without line numbers and dates, so that it changes only when a string does."""
    header = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, sort_output=True, include_lineno=False, width=0)
    return header.encode() + body.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Update the three files and print a line for each; 1 when a translation into Swedish or Finnish is missing."""
    parser = argparse.ArgumentParser(prog="python -m app.texts.extract", description="Update the catalogues.")
    parser.add_argument("--drop-obsolete", action="store_true", help="forget translations of strings that are gone")
    parser.add_argument("--list", action="store_true", help="print the strings that have no translation")
    chosen = parser.parse_args(arguments)
    found = collect()
    left = {language: _update(language, found, drop_obsolete=chosen.drop_obsolete) for language in SUPPORTED}
    for language, messages in left.items():
        sys.stdout.write(f"{language}: {len(found)} strings, {len(messages)} without translation\n")
        if chosen.list and language != "en":
            sys.stdout.writelines(f"  {message.id!r}\n" for message in messages)
    return 1 if left["sv"] or left["fi"] else 0


def _add_error_texts(found: Catalog, app: Path) -> None:
    for path in sorted(app.glob("**/*.py")):
        for text in error_texts(path.read_text(encoding="utf-8")):
            found.add(text, locations=[(path.relative_to(app.parent).as_posix(), 0)])


def _update(language: str, found: Catalog, *, drop_obsolete: bool) -> list[Message]:
    catalogue = merged(found, read_catalogue(language), drop_obsolete=drop_obsolete)
    CATALOGUES.mkdir(exist_ok=True)
    (CATALOGUES / f"{language}.po").write_bytes(written(catalogue))
    return missing(catalogue)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _known(before: Catalog, message: Message) -> Message | None:
    found = before.get(message.id, message.context)
    if found and _is_whole(found.string):
        return found
    return before.obsolete.get(_key(message)) or found


def _key(message: Message) -> str | tuple[str, str]:
    single = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
    return (single, message.context) if message.context else single


def _translation(known: Message | None, message: Message, forms: int) -> str | tuple[str, ...]:
    kept = known.string if known else None
    if isinstance(message.id, (list, tuple)):
        return tuple(kept) if isinstance(kept, (list, tuple)) else ("",) * forms
    return kept if isinstance(kept, str) else ""


def _keep_unused(before: Catalog, after: Catalog) -> None:
    unused = [*before.obsolete.values(), *_messages(before)]
    for message in unused:
        if after.get(message.id, message.context) is None and _is_whole(message.string):
            after.obsolete[_key(message)] = message


def _is_whole(string: str | list[str] | tuple[str, ...] | None) -> bool:
    return all(string) if isinstance(string, (list, tuple)) else bool(string)


if __name__ == "__main__":
    raise SystemExit(main())
