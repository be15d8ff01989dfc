"""The catalogues: what they answer, and that they are in step with the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment

from app.texts.catalogue import N_, SUPPORTED, read_catalogue, supported, translator
from app.texts.extract import APP, KEYWORDS, collect, merged, missing, written

PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


@pytest.fixture(scope="module")
def found() -> Catalog:
    return collect()


@pytest.mark.parametrize("language", SUPPORTED)
def test_the_catalogue_holds_exactly_the_strings_of_the_sources(language: str, found: Catalog) -> None:
    kept = {(message.id, message.context) for message in read_catalogue(language) if message.id}
    used = {(message.id, message.context) for message in found if message.id}
    assert kept == used, "run: python -m app.texts.extract"


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_every_string_is_translated(language: str) -> None:
    assert [message.id for message in missing(read_catalogue(language))] == []


SAME_AS_ENGLISH = {
    "sv": "Administration|Disk|Finland|Median|Original|Person|Program|Start|System|Text|under 1 min|version %(number)s",
    "fi": "",
}
"""what is called the same in the other language; beside it, signs that are no words"""
NO_WORDS = {"%(channel)s, %(unit)s", "CSV", "P90", "n", "n %(count)s"}


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_translation_is_another_one_than_the_english_unless_it_is_listed(language: str) -> None:
    messages = [message for message in read_catalogue(language) if message.id]
    same = {_forms(message.id)[0] for message in messages if set(_forms(message.id)) & set(_forms(message.string))}
    assert same == NO_WORDS | set(filter(None, SAME_AS_ENGLISH[language].split("|")))


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_a_translation_has_the_same_places_for_values_as_its_source(language: str) -> None:
    wrong = [
        (message.id, string)
        for message in read_catalogue(language)
        if message.id
        for string in _forms(message.string)
        if string and _places(string) != _places(_forms(message.id)[-1])
    ]
    assert wrong == []


def test_no_marked_string_hides_where_the_extractor_cannot_see_it(found: Catalog) -> None:
    known = {form for message in found for form in _forms(message.id)}
    hidden = [
        f"{path.relative_to(APP.parent)}:{line}: {text!r}"
        for path in sorted(APP.glob("**/*.py"))
        for line, text in _marked(ast.parse(path.read_text(encoding="utf-8")))
        if text not in known
    ]
    assert hidden == [], "a call inside an f-string is not extracted: look the string up before it"


@pytest.mark.parametrize("language", SUPPORTED)
def test_the_file_is_written_the_same_way_twice(language: str, found: Catalog) -> None:
    once = written(merged(found, read_catalogue(language)))
    assert written(merged(found, read_catalogue(language))) == once
    assert not re.search(rb"^#: .*:\d+", once, re.MULTILINE)
    assert b"POT-Creation-Date" not in once


def test_a_string_without_translation_comes_back_as_its_source() -> None:
    assert translator("sv").gettext("Nobody has translated this") == "Nobody has translated this"
    assert translator("fi").ngettext("%(num)s unseen", "%(num)s unseens", 1, num=1) == "1 unseen"
    assert translator("fi").ngettext("%(num)s unseen", "%(num)s unseens", 0, num=0) == "0 unseens"
    assert translator("sv").npgettext("here", "%(num)s a", "%(num)s b", 2, num=2) == "2 b"


def test_the_empty_string_stays_empty() -> None:
    assert translator("sv").gettext("") == ""


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [("sv", "1 dag", "{n} dagar"), ("fi", "1 päivä", "{n} päivää"), ("en", "1 day", "{n} days")],
)
def test_plurals_follow_the_rule_of_the_language(language: str, one: str, many: str) -> None:
    words = translator(language)
    assert words.ngettext("%(num)s day", "%(num)s days", 1, num=1) == one
    for n in (0, 2, 21, 101):
        assert words.ngettext("%(num)s day", "%(num)s days", n, num=n) == many.format(n=n)


def test_one_word_may_have_a_translation_for_each_context() -> None:
    assert translator("fi").gettext("Resolved") == "Ratkaistu"
    assert translator("fi").pgettext("tickets", "Resolved") == "Ratkaistut"
    assert translator("fi").pgettext("elsewhere", "Resolved") == "Resolved"


def test_values_are_put_in_and_a_string_without_values_is_left_alone() -> None:
    words = translator("sv")
    assert words.gettext("%(duration)s left", duration="<1 min>") == "<1 min> kvar"
    assert words.gettext("100 % sure") == "100 % sure"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("sv", "sv"),
        ("sv-FI", "sv"),
        ("FI_fi", "fi"),
        ("en-GB", "en"),
        ("fit", "fi"),
        ("so", "en"),
        ("", "en"),
        (None, "en"),
        ("../sv", "en"),
    ],
)
def test_a_language_tag_finds_its_catalogue_or_the_default(tag: str | None, language: str) -> None:
    assert supported(tag) == language
    assert supported("ar", default="sv") == "sv"


def test_an_unknown_language_is_answered_in_english_and_a_catalogue_is_read_once() -> None:
    assert translator("so").language == "en"
    assert translator("sv") is translator("sv-SE")


def test_marking_a_string_does_not_change_it() -> None:
    assert N_("Marked") == "Marked"


def test_templates_use_the_translator_as_it_is_and_escape_their_values() -> None:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    words = translator("sv")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext
    )
    template = environment.from_string(
        '{{ _("%(duration)s left", duration=d) }} {{ ngettext("%(num)s day", "%(num)s days", 3) }}'
    )
    assert template.render(d="<b>") == "&lt;b&gt; kvar 3 dagar"


def test_new_strings_come_in_untranslated_and_old_ones_keep_their_translation() -> None:
    before, sources = _catalogue(("Kept", "Behållen"), ("Gone", "Borta")), _catalogue(("Kept", ""), ("New", ""))
    after = merged(sources, before)
    assert {message.id: message.string for message in after if message.id} == {"Kept": "Behållen", "New": ""}
    assert [message.id for message in missing(after)] == ["New"]


def test_a_string_that_comes_back_finds_its_translation_again(tmp_path: Path) -> None:
    gone = merged(_catalogue(("Other", "")), _catalogue(("Gone", "Borta")))
    (tmp_path / "sv.po").write_bytes(written(gone))
    back = merged(_catalogue(("Gone", "")), read_catalogue("sv", tmp_path))
    assert [message.string for message in back if message.id] == ["Borta"]
    assert merged(_catalogue(("Other", "")), gone, drop_obsolete=True).obsolete == {}


def test_python_and_templates_are_both_read(tmp_path: Path) -> None:
    app = tmp_path / "app"
    (app / "web" / "templates" / "desk").mkdir(parents=True)
    (app / "a.py").write_text('x = words.gettext("From Python")\ny = pgettext("menu", "Open")\n', encoding="utf-8")
    (app / "web" / "templates" / "desk" / "a.html").write_text(
        '{{ _("From a template") }}{% trans n=n %}{{ n }} row{% pluralize %}{{ n }} rows{% endtrans %}',
        encoding="utf-8",
    )
    messages = {message.id: message for message in collect(app) if message.id}
    assert set(messages) == {"From Python", "Open", "From a template", ("%(n)s row", "%(n)s rows")}
    assert messages["Open"].context == "menu"
    assert messages["From a template"].locations[0][0] == "app/web/templates/desk/a.html"


def _catalogue(*strings: tuple[str, str]) -> Catalog:
    catalogue = Catalog(locale="sv")
    for source, translation in strings:
        catalogue.add(source, translation)
    return catalogue


def _forms(string: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ())


def _places(text: str) -> set[str]:
    return {first or second for first, second in PLACES.findall(text)}


def _marked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _name(node.func)) in KEYWORDS:
            message = node.args[1:2] if name in {"pgettext", "npgettext"} else node.args[:1]
            if message and isinstance(message[0], ast.Constant) and message[0].value:
                yield node.lineno, str(message[0].value)


def _name(function: ast.expr) -> str:
    return getattr(function, "id", "") or getattr(function, "attr", "")
