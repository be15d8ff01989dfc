"""The words of a letter to print, signed like a mail."""

from __future__ import annotations

from app.texts.mails import signature_of
from app.texts.markdown import markdown_to_text
from app.texts.plain import cleaned


def letter_text(
    body: str, language: str, *, agent_name: str, unit_name: str, authority_name: str, signature: str = ""
) -> str:
    """The agent's words with a closing and who signs; plain text, as `PrintableLetter` takes it."""
    names = {"agent_name": agent_name, "unit_name": unit_name, "authority_name": authority_name}
    signed = signature_of(body, language, **names, own=signature)
    return f"{cleaned(body)}\n\n{markdown_to_text(signed)}"
