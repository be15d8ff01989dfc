"""The fixed words of a printed letter."""

from __future__ import annotations

from app.texts.catalogue import translator


def letter_labels(language: str) -> dict[str, str]:
    """The words by their place in the letter; `page` holds {page} and {pages}, `language` is the tag for the PDF."""
    words = translator(language)
    return {
        "language": words.language,
        "date": words.pgettext("letter", "Date"),
        "reference": words.pgettext("letter", "Your reference number"),
        "page": words.pgettext("letter", "Page {page} of {pages}"),
        "unit": words.pgettext("letter", "Unit"),
        "agent": words.pgettext("letter", "Your contact"),
        "phone": words.pgettext("letter", "Phone"),
        "phone_hours": words.pgettext("letter", "Phone hours"),
        "email": words.pgettext("letter", "Email"),
        "address": words.pgettext("letter", "Postal address"),
        "web": words.pgettext("letter", "Website"),
        "enclosures": words.pgettext("letter", "Enclosures"),
        "closing": words.pgettext("letter", "Kind regards"),
        "subject": words.pgettext("letter", "Answer to your question"),
        "code": words.pgettext("letter", "Send this code with your answer and it will reach the right case."),
        "how_to_answer": words.pgettext(
            "letter", "Please give your reference number when you write to us or phone us."
        ),
    }
