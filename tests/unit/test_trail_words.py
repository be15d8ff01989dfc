"""Every line that the code writes to the audit trail has a name in it."""

from __future__ import annotations

import re
from pathlib import Path

from app.flows.begin import BEGUN
from app.flows.protect import LOOKED_AT
from app.screens.access import PROTECTED_OPENED, TICKET_OPENED
from app.web.admin.trail_words import ACTIONS

FLOWS = Path(__file__).parents[2] / "app" / "flows"
NAMED = re.compile(r"""\b(?:note|_note|_sign)\(\s*session,(?:[^"()]|\(\))*?"([a-z_]+)\"""")
CHOSEN = re.compile(r"""action = "([a-z_]+)"(?: if .* else "([a-z_]+)")?""")


def _written() -> set[str]:
    texts = [path.read_text("utf-8") for path in FLOWS.glob("*.py")]
    named = {action for text in texts for action in NAMED.findall(text)}
    chosen = {action for text in texts for pair in CHOSEN.findall(text) for action in pair if action}
    return named | chosen | {BEGUN, LOOKED_AT, PROTECTED_OPENED, TICKET_OPENED}


def test_each_has_a_name() -> None:
    assert _written() - set(ACTIONS) == set()
