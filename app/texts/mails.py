"""The mails a citizen gets: the receipt and the answer, as plain text and as simple accessible HTML that say the same.

Their words stand in `templates/`, one file for each language, in the articles' Markdown. No mail loads anything from
anywhere, and the receipt repeats nothing of what the citizen wrote, so that it cannot be used to send words to others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from app.core.text import one_line
from app.texts.catalogue import N_, supported, translator
from app.texts.figures import reference as shown_reference
from app.texts.instants import Zone, spelled_out, zone_words
from app.texts.markdown import markdown_to_html, markdown_to_text
from app.texts.places import filled_places
from app.texts.plain import cleaned, is_closed, plain_to_html, quoted_html, quoted_text
from app.texts.subjects import acknowledgement_subject, reply_subject

YOU_WROTE = N_("You wrote:")
LONGEST_NAME = 200
_REFERENCE, _DUE = "\ue000", "\ue001"
"""places in a form: letters of the private use area, which no name has after `one_line`"""
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class MailText:
    """What a mail says. `subject` is one line; `text` and `html` carry the same words; lines end in a line feed."""

    subject: str
    text: str
    html: str


def acknowledgement(
    language: str,
    *,
    reference: str,
    due_at: datetime | None,
    timezone: Zone,
    unit_name: str,
    authority_name: str,
) -> MailText:
    """The receipt for an inquiry: its reference, when to expect an answer and how to add something.

    `due_at` is told in `timezone`, the unit's; None promises no time.
    """
    due = spelled_out(due_at, timezone, language) if due_at else ""
    zone = zone_words(timezone, language)
    text, html = _acknowledgement_form(language, zone, unit_name, authority_name, has_due=bool(due))
    values = {_REFERENCE: shown_reference(reference), _DUE: due}
    subject = acknowledgement_subject(language, reference=reference)
    body = Markup(_filled(html, {place: escape(value) for place, value in values.items()}))  # noqa: S704 - escaped here
    return MailText(subject, _filled(text, values) + "\n", page(language, subject, body=body))


@lru_cache(maxsize=500)
def _acknowledgement_form(
    language: str, zone: str, unit_name: str, authority_name: str, *, has_due: bool
) -> tuple[str, str]:
    """The receipt as text and HTML with places for what differs: its Markdown is read once a unit, not once a mail."""
    words = words_of(
        "acknowledgement",
        language,
        reference=_REFERENCE,
        due=_DUE if has_due else "",
        zone=zone,
        unit_name=one_line(unit_name, LONGEST_NAME),
        authority_name=one_line(authority_name, LONGEST_NAME),
    )
    return markdown_to_text(words), markdown_to_html(words)


def _filled(form: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        form = form.replace(place, value)
    return form


def reply(
    language: str,
    *,
    reference: str,
    subject: str,
    body: str,
    agent_name: str,
    unit_name: str,
    authority_name: str,
    signature: str = "",
    quoted: str | None = None,
) -> MailText:
    """The agent's answer with signature, how to go on, and what the citizen wrote below it where `quoted` is given.

    `body` is plain text; it becomes paragraphs and lists. An empty `agent_name` signs for the unit alone. `signature`
    is the unit's own, see `signature_of`.
    """
    names = {"agent_name": agent_name, "unit_name": unit_name, "authority_name": authority_name}
    signed = signature_of(body, language, **names, own=signature)
    footer = words_of("footer", language, reference=shown_reference(reference))
    line = reply_subject(subject, reference=reference, language=language)
    heading = translator(language).gettext(YOU_WROTE)
    html = page(
        language,
        line,
        body=plain_to_html(body) + "\n" + markdown_to_html(signed),
        footer=markdown_to_html(footer),
        quoted=quoted_html(quoted or ""),
        quoted_heading=heading,
    )
    parts = [cleaned(body), markdown_to_text(signed), markdown_to_text(footer)]
    if quoted and quoted.strip():
        parts.append(f"{heading}\n{quoted_text(quoted)}")
    return MailText(line, "\n\n".join(parts) + "\n", html)


def signature_of(
    body: str, language: str, *, agent_name: str, unit_name: str, authority_name: str, own: str = ""
) -> str:
    """The Markdown that signs a text: a closing unless the text has one, who wrote it, for which unit.

    `own` is a unit's own wording of what follows the closing, plain text with the places of `SIGNATURE_PLACES`.
    """
    names = {"agent": agent_name, "unit": unit_name, "authority": authority_name}
    shown = {place: one_line(name, LONGEST_NAME) for place, name in names.items()}
    lines = filled_places(own, shown).strip().splitlines()
    values = {f"{place}_name": name for place, name in shown.items()}
    return words_of("signature", language, closing="" if is_closed(body) else "yes", own=lines, **values)


def words_of(form: str, language: str, **values: object) -> str:
    """The Markdown of a form in a language, filled in; what is filled in reads as it was typed."""
    return _SOURCES.get_template(f"{form}.{supported(language)}.md").render(values)


def page(language: str, subject: str, *, body: Markup, **parts: str) -> str:
    """The HTML around the words; `parts` are `footer`, `quoted` and `quoted_heading`."""
    values = {"footer": "", "quoted": "", "quoted_heading": "", **parts}
    return _PAGES.get_template("mail.html").render(values, language=supported(language), subject=subject, body=body)


def _as_typed(value: str) -> str:
    """A value in Markdown that reads as it was typed: its punctuation escaped."""
    return _PUNCTUATION.sub(r"\\\1", value)


_LOADER = FileSystemLoader(Path(__file__).parent / "templates")
_PAGES = Environment(
    loader=_LOADER, autoescape=select_autoescape(["html"]), undefined=StrictUndefined, keep_trailing_newline=True
)
_SOURCES = Environment(
    loader=_LOADER, autoescape=select_autoescape(["html"]), undefined=StrictUndefined, finalize=_as_typed
)
