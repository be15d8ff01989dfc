"""Every key that the system keeps has words for whoever reads it, and every error's sentence is in the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

import pytest
from babel.messages.catalog import Catalog
from flask import Flask

from app.flows.rework import FILED_BY_HAND
from app.outbox.models import Delivery
from app.reports.trace_steps import StepKind
from app.screens.ticket_groups import Group
from app.screens.timeline import SHOWN_BY_A_MESSAGE
from app.sla.clocks import Result
from app.sla.explain import Rule, StretchKind
from app.sla.facts import Metric
from app.texts.catalogue import translator
from app.texts.error_texts import SHOWN, error_texts
from app.texts.extract import APP, collect
from app.tickets.events import EventKind
from app.tickets.states import PAUSE_REASONS, State
from app.web.demo.wording import TITLES
from app.web.desk.event_words import _SPOKEN, PAUSES, SENTENCES
from app.web.desk.labels import CHANNELS, GROUPS, METRICS, PROBLEMS, RESULTS, RULES, STATES, STRETCHES, WAITS
from app.web.desk.message_words import SENDINGS
from app.web.language import use_language
from app.web.reasons import LEDGER, failure_words, ledger_words
from channels.contract import ChannelName

CHANNEL_FILES = sorted((APP.parent / "channels").glob("**/*.py"))
TOLD_ON_THE_COMMAND_LINE = {"accounts/passwords.py", "flows/staff.py"}
A_KEY = re.compile(r"[a-z]+(_[a-z]+)*")


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (STATES, State),
        (GROUPS, Group),
        (SENDINGS, Delivery),
        (CHANNELS, ChannelName),
        (METRICS, Metric),
        (RESULTS, Result),
        (RULES, Rule),
        (STRETCHES, [*StretchKind, "left"]),
        (WAITS, PAUSE_REASONS),
        (PAUSES, PAUSE_REASONS),
        ([*SENTENCES, *_SPOKEN, *SHOWN_BY_A_MESSAGE], EventKind),
        ([*TITLES, StepKind.SUGGESTED], StepKind),
    ],
)
def test_every_key_of_a_table_has_words(words: Iterable[str], keys: Iterable[str]) -> None:
    assert set(words) == set(keys)


def test_every_problem_that_a_channel_names_has_words() -> None:
    files = [path for path in CHANNEL_FILES if "phone" not in path.parts]
    named = {key for path in files for key in _problems(ast.parse(path.read_text(encoding="utf-8")))}
    assert {"no_text_layer", "charset_repaired", "files_inside_left_out"} <= named
    assert named | {FILED_BY_HAND} == set(PROBLEMS)


def test_every_reason_of_the_ledger_has_words() -> None:
    named = {key for path in CHANNEL_FILES for key in _reasons(ast.parse(path.read_text(encoding="utf-8")))}
    assert {"too_large", "not_a_mail", "encrypted"} <= named
    assert named - set(LEDGER) == set()


def test_a_reason_is_told_in_the_readers_language_with_its_detail() -> None:
    with Flask("words").test_request_context():
        use_language("sv")
        assert ledger_words("not_a_pdf") == "inte en PDF"
        assert ledger_words("too_large: 80 MB") == "för stort för att läsas (80 MB)"
        assert ledger_words("Hör till Norrköping: ring dit") == "Hör till Norrköping: ring dit"


def test_what_the_mail_server_said_is_kept_as_it_said_it() -> None:
    with Flask("words").test_request_context():
        use_language("fi")
        assert failure_words("The outgoing mail server answered 550 no such user") == (
            "Lähtevän postin palvelin vastasi: 550 no such user"
        )
        assert failure_words("The envelope address is not one.") == "Viestin osoite ei ole kelvollinen."
        assert failure_words("Something that nobody foresaw.") == "Something that nobody foresaw."


def test_the_sentences_of_errors_are_found_in_the_sources(found: Catalog) -> None:
    known = {message.id for message in found}
    assert {"There is no such ticket.", "Write the answer first.", "The ticket's state does not allow this."} <= known
    assert translator("fi").gettext("There is no such ticket.") == "Tällaista asiaa ei ole."


def test_only_literals_of_errors_that_people_read_are_collected() -> None:
    source = """
raise NotFoundError("Gone.")
raise InvalidInputError({"body": "Write it.", "name": words})
raise StorageError("A kept file cannot be read.")
raise ConflictError(f"The door answered {status}.")
"""
    assert list(error_texts(source)) == ["Gone.", "Write it."]


def test_no_error_that_people_read_hides_its_sentence_from_the_extractor() -> None:
    """A sentence put together at run time could not be looked up."""
    composed = [
        f"{path.relative_to(APP.parent)}:{node.lineno}"
        for path in sorted(APP.glob("**/*.py"))
        if path.relative_to(APP).parts[0] not in {"cli", "bench"}
        if path.relative_to(APP).as_posix() not in TOLD_ON_THE_COMMAND_LINE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SHOWN and _is_composed(node)
    ]
    assert composed == []


@pytest.fixture(scope="module")
def found() -> Catalog:
    return collect()


def _problems(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in {"_problems", "_not_shown", "_disguised"}:
            yield from (key for key in _texts(node) if "_" in key or key == "encrypted")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("problems.append"):
            yield from _texts(node)
        elif isinstance(node, ast.Assign) and "problems" in ast.unparse(node.targets[0]):
            yield from _texts(node.value)


def _reasons(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            yield from _texts(node.value)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_MESSAGES":
            yield from (key for key in _texts(node) if " " not in key)


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and A_KEY.fullmatch(part.value):
            yield part.value


def _is_composed(call: ast.Call) -> bool:
    return any(isinstance(part, ast.JoinedStr) for part in ast.walk(call))
