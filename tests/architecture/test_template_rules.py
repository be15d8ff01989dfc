"""The linter of the templates finds what it is there to find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import jinja2
import pytest


@pytest.fixture
def linter(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("lint_templates")


def faults_in(source: str, linter: ModuleType, monkeypatch: pytest.MonkeyPatch, folder: Path, name: str) -> list[str]:
    monkeypatch.setattr(linter, "ROOT", folder)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return list(linter.faults_of(path, jinja2.Environment(extensions=linter.EXTENSIONS)))


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{% if %}", "Expected an expression"),
        ("{{ body | safe }}", "|safe"),
        ("{% autoescape false %}{% endautoescape %}", "autoescape"),
        ('<a href="javascript:go()">', "javascript:"),
        ('<button hx-on:click="go()">', "hx-on"),
        ('<button hx-on::after-request="go()">', "hx-on"),
        ("""<div hx-vals='js:{a: b()}'>""", "js:"),
        ('<button onclick="go()">', "event attributes"),
        ('<p style="color: red">', "inline style"),
        ("<style>p {}</style>", "inline style"),
        ("<script>go()</script>", "inline script"),
    ],
)
def test_a_forbidden_thing_in_a_page_is_named_with_its_line(
    source: str, fault: str, linter: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = faults_in(f"<p>\n{source}", linter, monkeypatch, tmp_path, "app/web/templates/page.html")
    assert [line for line in found if line.startswith("app/web/templates/page.html:2: ") and fault in line], found


def test_an_ordinary_page_has_no_faults(linter: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = '<script src="/static/desk.js" defer></script><p class="style">{% trans %}One moment{% endtrans %}</p>'
    assert not faults_in(page, linter, monkeypatch, tmp_path, "app/web/templates/page.html")


def test_a_mail_may_carry_its_styles_inline(
    linter: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mail = '<p style="margin: 0">{{ text }}</p>'
    assert not faults_in(mail, linter, monkeypatch, tmp_path, "app/texts/templates/mail.html")
