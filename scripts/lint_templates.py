"""Check every template: it must parse, and hold nothing that our content security policy or escaping forbids."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2

ROOT = Path(__file__).resolve().parent.parent
EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols")

SAFE_ALLOWED: frozenset[str] = frozenset()
"""Templates that may print HTML unescaped, because what they print was sanitised when it came in."""

EVERYWHERE = {
    "|safe prints unescaped: sanitise in Python and return Markup": re.compile(r"\|\s*safe\b"),
    "autoescape must stay on": re.compile(r"{%-?\s*autoescape\s+false"),
    "javascript: addresses are forbidden": re.compile(r"""=\s*["']?\s*javascript:""", re.IGNORECASE),
}
IN_PAGES = {
    "hx-on runs code from an attribute": re.compile(r"\bhx-on\b", re.IGNORECASE),
    "js: values are evaluated as code": re.compile(r"""\bhx-[\w-]+\s*=\s*["']\s*(js|javascript):""", re.IGNORECASE),
    "event attributes are code": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "inline style": re.compile(r"""(<style\b|\sstyle\s*=\s*["'])""", re.IGNORECASE),
    "inline script: put it in static/ and name it by src": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
}


def main() -> int:
    """Print each fault with its file and line; 1 when there is one."""
    templates = sorted(path for package in ("app", "channels", "demo") for path in templates_of(ROOT / package))
    environment = jinja2.Environment(extensions=EXTENSIONS, autoescape=True)
    faults = [fault for path in templates for fault in faults_of(path, environment)]
    print(*faults, f"{len(templates)} templates, {len(faults)} faults", sep="\n")
    return 1 if faults else 0


def templates_of(package: Path) -> Iterator[Path]:
    """Everything in the package that Jinja reads."""
    for pattern in ("*.html", "*.jinja", "*.j2", "templates/**/*.txt", "templates/**/*.xml"):
        yield from package.rglob(pattern)


def faults_of(path: Path, environment: jinja2.Environment) -> Iterator[str]:
    """What is wrong in one template, as `file:line: fault`."""
    name = path.relative_to(ROOT).as_posix()
    source = path.read_text(encoding="utf-8")
    try:
        environment.parse(source)
    except jinja2.TemplateSyntaxError as error:
        yield f"{name}:{error.lineno}: {error.message}"
    for fault, pattern in forbidden_in(name).items():
        for found in pattern.finditer(source):
            yield f"{name}:{source.count(chr(10), 0, found.start()) + 1}: {fault}"


def forbidden_in(name: str) -> dict[str, re.Pattern[str]]:
    """The patterns that this template must not hold; mail programs need inline styles, pages must not have them."""
    rules = EVERYWHERE | (IN_PAGES if name.startswith("app/web/") else {})
    return {fault: rule for fault, rule in rules.items() if not (name in SAFE_ALLOWED and fault.startswith("|safe"))}


if __name__ == "__main__":
    sys.exit(main())
