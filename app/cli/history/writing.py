"""What invented citizens wrote and agents answered: pieces from a file of the demo, put together by a drawn lot."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, cast

import demo
from app.texts.markdown import markdown_to_text
from knowledge_base.catalogue import read_articles

CONTENT = Path(demo.__file__).parent
NUMBERS = {"fi": ("+3582041002", "+3582041003"), "sv": ("+463139006", "+464062804")}
"""the first digits of a hundred numbers each"""


@dataclass(frozen=True)
class Asker:
    """An invented citizen; Swedish numbers are those that the Post and Telecom Authority keeps for films and books."""

    name: str
    language: str
    email: str
    phone: str
    postal: str


@dataclass(frozen=True)
class Question:
    """What is asked, about which article's subject."""

    article: str
    subject: str
    ask: str
    text: str


class Pen:
    """Draws askers, questions and answers; the same seed writes the same."""

    def __init__(self, lot: Random) -> None:
        self._lot = lot
        self._used: set[str] = set()

    def asker(self, language: str) -> Asker:
        """Somebody new."""
        told = _pieces(language)
        number = len(self._used)
        while (name := f"{self._lot.choice(told['first'])} {self._lot.choice(told['last'])}") in self._used:
            pass
        self._used.add(name)
        numbers = NUMBERS.get(language, NUMBERS["sv"])
        street = {"fi": "Mallikatu {}\n00998 Helsinki", "sv": "Provgatan {}\n871 99 Härnösand"}
        postal = street.get(language, "Samplevägen {}\n171 99 Solna").format(number + 1)
        phone = f"{numbers[number // 100 % len(numbers)]}{number % 100:02}"
        return Asker(name, language, f"{_plain(name)}@{told['domain']}", phone, postal)

    def question(self, language: str) -> Question:
        """Something to ask."""
        told = _pieces(language)
        topic = self._lot.choice(told["topics"])
        ask = self._lot.choice(topic["asks"])
        middle = [ask, self._lot.choice(told["contexts"])] if self._lot.random() < 0.7 else [ask]
        self._lot.shuffle(middle)
        parts = [self._lot.choice(told["greetings"]), " ".join(middle), self._lot.choice(told["closings"])]
        return Question(topic["article"], topic["subject"], ask, "\n\n".join(part for part in parts if part))

    def answer(self, asker: Asker, question: Question) -> str:
        """An agent's answer: what the article on it says."""
        opening = _pieces(asker.language)["opening"].format(name=asker.name.split()[0])
        return f"{opening}\n\n{_articles()[question.article, asker.language]}"

    def said(self, language: str, what: str) -> str:
        """One of the other things that are said: again, missing, provided, reason."""
        told = _pieces(language)[what]
        return str(self._lot.choice(told)) if isinstance(told, list) else str(told)

    def note(self, language: str, question: Question) -> str:
        """What an agent writes down of a call."""
        return str(_pieces(language)["note"]).format(ask=question.ask)


def past_of(unit_key: str) -> Mapping[str, Any]:
    """How many inquiries a unit of the demo had, and how fast it was."""
    return cast("Mapping[str, Any]", _told()["units"].get(unit_key, {"inquiries": 0}))


def _pieces(language: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", _told()[language])


@cache
def _told() -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", json.loads((CONTENT / "history.json").read_text("utf-8")))


@cache
def _articles() -> Mapping[tuple[str, str], str]:
    read = read_articles(CONTENT / "articles")
    return {(text.key, text.language): "\n\n".join(markdown_to_text(text.body).split("\n\n")[:2]) for text in read}


def _plain(name: str) -> str:
    """A name as it stands in an address: no accents, dots for spaces."""
    ascii_name = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return ascii_name.replace(" ", ".")
