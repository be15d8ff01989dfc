"""The sentences of our errors, found in the sources so that the catalogues hold them.

`app.core` and the stages cannot mark a string for translation, as `texts` lies above or beside them; what they raise is
looked up where a person reads it. So the extractor reads the literals given to the errors themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, TokenError, TooManyError

SHOWN = frozenset(
    kind.__name__
    for kind in (ConflictError, ForbiddenError, InvalidInputError, NotFoundError, TokenError, TooManyError)
)
"""the errors whose text reaches a person; the others show a number for the log alone"""


def error_texts(source: str) -> Iterator[str]:
    """Each literal that a module gives to an error that a person reads; of fields with messages, the messages."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SHOWN and node.args:
            yield from _literals(node.args[0])


def _literals(given: ast.expr) -> Iterator[str]:
    said = given.values if isinstance(given, ast.Dict) else [given]
    yield from (text.value for text in said if isinstance(text, ast.Constant) and isinstance(text.value, str))
