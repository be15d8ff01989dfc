"""Reads articles and question sets from files: the authority's own folder, and sets to measure the ranking with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge_base.article import Article

FENCE = "---"


class CatalogueError(Exception):
    """A file of articles or questions is not in the shape it should have; the message names the file and the fault."""


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """One language variant as it lies in a folder: `key` is what the variants of a family share."""

    key: str
    language: str
    title: str
    body: str
    topic: str = ""
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question and the key of the one article that answers it; `kind` tells its form (mail, call, ocr …)."""

    text: str
    language: str
    article: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles with numbered families and the questions put to them; `families` tells the number of a key."""

    articles: tuple[Article, ...]
    questions: tuple[JudgedQuestion, ...]
    families: Mapping[str, int]


def read_articles(folder: Path) -> list[ArticleFile]:
    """Return the articles of the files KEY.LANGUAGE.md in a folder, in the order of their names.

    Each file begins with lines `title:`, `topic:` and `reviewed_on:` (a date) between two lines of three hyphens;
    the rest is its Markdown text. Raises CatalogueError.
    """
    return [_read_article(path) for path in sorted(folder.glob("*.*.md"))]


def read_questions(file: Path) -> list[JudgedQuestion]:
    """Return the questions of a file of either shape: of one language, or a set with its own articles.

    Raises CatalogueError.
    """
    content = _read_json(file)
    try:
        return [_question(one, content.get("language")) for one in content["questions"]]
    except (KeyError, TypeError) as error:
        raise CatalogueError(f"{file}: a question lacks {error}") from error


def read_set(file: Path) -> Collection:
    """Return a whole set `{"articles": [{id, lang, title, body}], "questions": [{text, lang, article}]}`.

    Raises CatalogueError.
    """
    try:
        articles = [
            ArticleFile(str(one["id"]), one["lang"], one["title"], one["body"]) for one in _read_json(file)["articles"]
        ]
    except (KeyError, TypeError) as error:
        raise CatalogueError(f"{file}: an article lacks {error}") from error
    return collect(articles, read_questions(file))


def collect(articles: Sequence[ArticleFile], questions: Iterable[JudgedQuestion]) -> Collection:
    """Return articles and questions joined, with a number for each family.

    Raises CatalogueError for a question about an article that is not there.
    """
    families = {key: number for number, key in enumerate(dict.fromkeys(one.key for one in articles))}
    asked = tuple(questions)
    strays = {question.article for question in asked} - families.keys()
    if strays:
        raise CatalogueError(f"questions name articles that are not there: {', '.join(sorted(strays))}")
    numbered = tuple(Article(families[one.key], one.language, one.title, one.body) for one in articles)
    return Collection(numbered, asked, families)


def _read_article(path: Path) -> ArticleFile:
    key, language = path.stem.rsplit(".", 1)
    opening, fence, rest = path.read_text(encoding="utf-8").partition(f"{FENCE}\n")
    head, closing, body = rest.partition(f"\n{FENCE}\n")
    if opening.strip() or not fence or not closing:
        raise CatalogueError(f"{path}: does not begin with its title between two lines of {FENCE}")
    fields = dict(_field(path, line) for line in head.splitlines() if line.strip())
    if not fields.get("title"):
        raise CatalogueError(f"{path}: has no title")
    return ArticleFile(key, language, fields["title"], body.strip(), fields.get("topic", ""), _date(path, fields))


def _field(path: Path, line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise CatalogueError(f"{path}: {line!r} is not of the form name: value")
    return name.strip(), value.strip().strip('"')


def _date(path: Path, fields: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(fields["reviewed_on"]) if fields.get("reviewed_on") else None
    except ValueError as error:
        raise CatalogueError(f"{path}: reviewed_on is not a date") from error


def _question(one: Mapping[str, Any], language: str | None) -> JudgedQuestion:
    return JudgedQuestion(one["text"], language or one["lang"], str(one["article"]), one.get("kind", ""))


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CatalogueError(f"{file}: is not JSON") from error
    return content
