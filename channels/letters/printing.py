"""A letter to print: what a citizen reads on paper, as a tagged PDF that a screen reader can read as well."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from channels.contract import ChannelError
from channels.letters.body import blocks_of
from channels.letters.wording import labels_for, written_date
from channels.references import printed_reference

_TEMPLATES = Path(__file__).with_name("templates")
_FONTS = ("Libertinus Serif", "Noto Serif", "Noto Naskh Arabic", "DejaVu Sans")
_ARCHIVED_AND_ACCESSIBLE: list[typst.PDFStandard] = ["a-2a", "ua-1"]
_DIRECTION_MARKS = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNPRINTABLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_DIRECTION_MARKS}\ud800-\udfff\ufffe\uffff]")
_compiling = Lock()


@dataclass(frozen=True, slots=True)
class Window:
    """Where the envelope shows the address, in mm from the sheet's top left corner, a margin to its edge included."""

    left: float = 25.0
    top: float = 45.0
    width: float = 80.0
    height: float = 27.0


@dataclass(frozen=True, slots=True)
class LetterSender:
    """Who writes: the authority, its unit, and how to reach it; empty fields are left out."""

    authority: str
    unit: str = ""
    address_lines: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class PrintableLetter:
    """One letter. `body` is plain text: empty lines part paragraphs, "- " and "1. " begin list items.

    `language` is the code of the text's language; the labels around it come in sv, fi or en.
    """

    sender: LetterSender
    recipient_lines: tuple[str, ...]
    dated_on: date
    reference: str
    subject: str
    body: str
    language: str = "sv"
    window: Window = Window()


def render_letter(letter: PrintableLetter) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1 with fonts that come along, the same bytes each time.

    A text with characters those fonts lack is set with the machine's fonts; where these lack them too, the PDF is still
    tagged but claims no standard. Raises ChannelError (permanent) when the address does not fit the envelope's window.
    """
    stamp = datetime.combine(letter.dated_on, time(), UTC)
    data = _data(letter)
    for uses_system_fonts, standards in _ways(data):
        try:
            return _compile(json.dumps(data, ensure_ascii=False), stamp, uses_system_fonts, standards)
        except typst.TypstError as error:
            problem = str(error)
            if "could not be displayed" not in problem:
                break
    raise _failure(problem)


def _ways(data: dict[str, Any]) -> list[tuple[bool, list[typst.PDFStandard]]]:
    """With or without the machine's fonts, and the standards to claim, best first; ours have no fine Arabic."""
    with_the_machines: list[tuple[bool, list[typst.PDFStandard]]] = [(True, _ARCHIVED_AND_ACCESSIBLE), (True, [])]
    if any(block["rtl"] for block in data["blocks"]):
        return with_the_machines
    return [(False, _ARCHIVED_AND_ACCESSIBLE), *with_the_machines]


def _compile(data: str, stamp: datetime, uses_system_fonts: bool, standards: list[typst.PDFStandard]) -> bytes:
    with _compiling:
        pdf = _compiler(uses_system_fonts).compile(
            sys_inputs={"letter": data}, format="pdf", pdf_standards=standards, timestamp=stamp
        )
    if not isinstance(pdf, bytes):
        raise ChannelError("The letter cannot be typeset.", permanent=True)
    return pdf


@lru_cache(maxsize=2)
def _compiler(uses_system_fonts: bool) -> typst.Compiler:
    """One compiler a process and set of fonts: finding fonts costs more than a letter."""
    return typst.Compiler(
        str(_TEMPLATES / "letter.typ"), root=str(_TEMPLATES), ignore_system_fonts=not uses_system_fonts
    )


def _failure(problem: str) -> ChannelError:
    if "address-does-not-fit" in problem:
        return ChannelError("The address does not fit the window of the envelope.", permanent=True)
    return ChannelError("The letter cannot be typeset.", permanent=True)


def _data(letter: PrintableLetter) -> dict[str, Any]:
    labels = labels_for(letter.language)
    subject = _clean_line(letter.subject)
    return {
        "title": subject or f"{labels['letter']} {written_date(letter.dated_on, letter.language)}",
        "labels": dict(labels),
        "language": letter.language if re.fullmatch("[a-z]{2,3}", letter.language) else "en",
        "sender": _sender(letter.sender),
        "recipient": _clean_lines(letter.recipient_lines),
        "window": asdict(letter.window),
        "date": written_date(letter.dated_on, letter.language),
        "reference": printed_reference(letter.reference).replace(" ", "\u00a0"),
        "subject": subject,
        "blocks": [asdict(block) for block in blocks_of(_UNPRINTABLE.sub("", letter.body))],
        "fonts": _FONTS,
    }


def _sender(sender: LetterSender) -> dict[str, Any]:
    contacts = (sender.authority, sender.phone, sender.email)
    return {
        "authority": _clean_line(sender.authority),
        "lines": _clean_lines((sender.unit, *sender.address_lines)),
        "contacts": _clean_lines(contacts),
    }


def _clean_lines(lines: tuple[str, ...]) -> list[str]:
    return [clean for line in lines if (clean := _clean_line(line))]


def _clean_line(line: str) -> str:
    return " ".join(_UNPRINTABLE.sub("", line).split())
