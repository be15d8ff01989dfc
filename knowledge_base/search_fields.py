"""What Whoosh keeps of an article: its stems, one pair of fields a language, and its words for "did you mean".

The texts are analysed before Whoosh sees them, so that the search box and the ranking know the same words and the
index on disk depends on no code of ours.
"""

from __future__ import annotations

from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, STORED, TEXT, Schema

from knowledge_base.analysis import stems, words
from knowledge_base.article import Article


def schema() -> Any:
    """Return the Whoosh schema; fields of languages come into being when first written."""
    fields = Schema(
        key=ID(unique=True, stored=True),
        family=ID(stored=True),
        language=ID(stored=True),
        title=STORED,
        text=STORED,
    )
    for name in ("title_*", "text_*"):
        fields.add(name, TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True), glob=True)
    fields.add("words_*", TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False), glob=True)
    return fields


def document(article: Article) -> dict[str, str]:
    """Return what Whoosh stores and indexes of an article."""
    language = article.language
    return {
        "key": key_of(article.family, language),
        "family": str(article.family),
        "language": language,
        "title": article.title,
        "text": article.text,
        title_field(language): " ".join(stems(article.title, language)),
        text_field(language): " ".join(stems(article.text, language)),
        words_field(language): " ".join(words(f"{article.title} {article.text}")),
    }


def key_of(family: int, language: str) -> str:
    """Return the unique term of one variant."""
    return f"{family}:{language}"


def title_field(language: str) -> str:
    """Return the field that holds the stems of titles in a language."""
    return f"title_{language}"


def text_field(language: str) -> str:
    """Return the field that holds the stems of texts in a language."""
    return f"text_{language}"


def words_field(language: str) -> str:
    """Return the field that holds the whole words of a language, for corrections and beginnings of words."""
    return f"words_{language}"
