"""The templates' environment: the library's own, but that each is compiled once a language, with its words in it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment
from jinja2 import nodes
from jinja2.utils import LRUCache
from jinja2.visitor import NodeTransformer

from app.web.context import language

KEPT = 1000
"""compiled templates at a time: all there are in three languages, and room to spare"""


class Templates(Environment):
    """A page looks up some hundred words and icons, always the same ones: they are put in when it is compiled."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.cache = _ByLanguage(KEPT)  # type: ignore[assignment]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of the environment: no template of ours has others, and asking a chain for each takes long."""
        return {**self.globals, **d} if d else self.globals

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        return _Constants({name: self.globals[name] for name in ("_", "icon_of")}).visit(parsed)  # type: ignore[no-any-return]


class _ByLanguage(LRUCache):
    """The compiled templates of the page's language."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((language(), key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((language(), key), value)


class _Constants(NodeTransformer):
    """Puts what `_` and `icon` give for constants in the place of the call."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self._functions = {**functions, "icon": functions["icon_of"]}

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the library's name
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in self._functions or node.dyn_args:
            return node
        if node.dyn_kwargs or not all(isinstance(value, nodes.Const) for value in (*node.args, *_values(node))):
            return node
        words = {pair.key: pair.value.as_const() for pair in node.kwargs}
        said = self._functions[node.node.name](*(value.as_const() for value in node.args), **words)
        return nodes.TemplateData(str(said), lineno=node.lineno)


def _values(node: nodes.Call) -> list[nodes.Expr]:
    return [pair.value for pair in node.kwargs]
