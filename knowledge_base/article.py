"""What the knowledge base holds: an article in one language, member of a family of translations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """One language variant of an article.

    `family` joins the variants of one article over all languages; `text` is plain text, in which stray Markdown
    marks do no harm; `version` rises with each change of the variant.
    """

    family: int
    language: str
    title: str
    text: str
    version: int = 1

    @property
    def key(self) -> tuple[int, str]:
        """What a variant is known by: a later article with the same key replaces it."""
        return self.family, self.language
