"""Subjects of outgoing mails: the reference in front, "Re:" once, nothing that could break a header."""

from __future__ import annotations

import re

from app.core.text import one_line
from app.texts.catalogue import N_, translator
from app.texts.figures import NO_BREAK_SPACE
from app.texts.figures import reference as shown_reference

RECEIVED = N_("We have received your question")
UNNAMED = N_("Your question")
LONGEST = 150
"""characters of the citizen's subject that are repeated"""
_LONGEST_READ = 2000
_ANSWER_MARKS = re.compile(
    r"^\s*(?:(?:re|sv|vs|vast|aw|antw|fwd?|vb|vl)\s*(?:\[\d+\])?\s*[:\uff1a]\s*)+", re.IGNORECASE
)
"""what mail programs in Swedish, Finnish, English and German put before a subject that is answered or passed on"""
_OUR_TAG = re.compile(r"\[\d{4}\s?\d{4}\s?\d{2}\]\s*")
_PERSONAL_NUMBER = re.compile(r"\b(?:(?:19|20)\d{6}[-+]?\d{4}|\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y])\b", re.IGNORECASE)


def tag(reference: str) -> str:
    """The reference as it stands in a subject: "[4417 0926 38]", with common spaces, which any mail program keeps."""
    return f"[{shown_reference(reference).replace(NO_BREAK_SPACE, ' ')}]"


def acknowledgement_subject(language: str, *, reference: str) -> str:
    """The subject of a receipt; holds no word of the citizen's."""
    return f"{translator(language).gettext(RECEIVED)} {tag(reference)}"


def reply_subject(subject: str, *, reference: str, language: str) -> str:
    """The subject of an answer: "Re: [4417 0926 38] Mitt kort".

    The tag stands in front, where mail programs look past it when they gather a conversation (RFC 5256, section 2.1).
    Marks of earlier answers and our own tags go; so do Swedish and Finnish personal identity numbers, since subjects
    show on locked screens.
    """
    words = _OUR_TAG.sub("", one_line(subject, _LONGEST_READ))
    words = _PERSONAL_NUMBER.sub("***", _ANSWER_MARKS.sub("", words, count=1))
    return f"Re: {tag(reference)} {one_line(words, LONGEST) or translator(language).gettext(UNNAMED)}"
