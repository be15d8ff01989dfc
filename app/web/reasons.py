"""Why an item became no ticket and why a message was not taken, in the reader's words.

The ledger keeps short keys and the outbox keeps the channel's own English sentence; both are looked up here.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.texts.catalogue import N_
from app.web.language import gettext

LEDGER = {
    "empty": N_("nothing in it"),
    "not_a_mail": N_("not a mail"),
    "unreadable": N_("cannot be read"),
    "mail_too_slow": N_("took too long to read"),
    "reader_broke": N_("broke the program that reads mail"),
    "too_large": N_("larger than is read"),
    "too_deep": N_("nested deeper than is read"),
    "too_many_parts": N_("more parts than are read"),
    "header_too_large": N_("a header larger than is read"),
    "not_a_pdf": N_("not a PDF"),
    "encrypted": N_("locked with a password"),
    "broken_pdf": N_("a damaged or incomplete PDF"),
    "no_pages": N_("a PDF without pages"),
    "too_slow": N_("pages that take too long to draw"),
    "bad_call_event": N_("a call event that cannot be used"),
    "filing_failed": N_("could not be filed"),
    "duplicate": N_("delivered before"),
    "our_own_message": N_("our own message came back"),
    "caller_hung_up": N_("the caller hung up"),
    "bounce": N_("a delivery report"),
    "bounce_of_unknown_message": N_("a delivery report about no message of ours"),
    "auto_reply": N_("an automatic reply that answers nothing of ours"),
}
FAILURES = {
    "suppressed": N_("Mail to this address came back before: nothing more is sent to it."),
    "bounced": N_("The message came back: the address does not take mail. %(detail)s"),
    "It came back: the address does not take mail.": N_("The message came back: the address does not take mail."),
    "The address of the mail is not one.": N_("The address of the mail is not one."),
    "The envelope address is not one.": N_("The address of the mail is not one."),
    "The outgoing mail server knows only plain addresses.": N_("The outgoing mail server knows only plain addresses."),
    "No connection to the outgoing mail server": N_("No connection to the outgoing mail server: %(detail)s"),
    "The outgoing mail server refused us": N_("The outgoing mail server refused us: %(detail)s"),
    "The connection to the outgoing mail server broke": N_(
        "The connection to the outgoing mail server broke: %(detail)s"
    ),
    "The outgoing mail server answered": N_("The outgoing mail server answered: %(detail)s"),
}
"""by the beginning of the channel's sentence; what the other side said follows it as it was said"""


SOURCES = {
    "The mail server refused the login.": N_("The mail server refused the login."),
    "The mail server's certificate is not valid": N_("The mail server's certificate is not valid: %(detail)s"),
    "The mail server failed": N_("The mail server refused it; perhaps there is no such folder. %(detail)s"),
    "No connection to the mail server": N_("No connection to the mail server: %(detail)s"),
    "IMAP needs the settings": N_("Server and user are needed."),
    "IMAP's port and timeout are numbers.": N_("The port is a number."),
    "There is a source of this name already.": N_("There is a source of this name already."),
    "That is another mailbox": N_(
        "That is another mailbox: switch this source off, and add the other as a source of its own."
    ),
}
"""by the beginning of the sentence that a source says"""
WITHHELD = {
    "restored": N_("as it came before a backup was restored"),
    "a_machine": N_("to a machine, which needs none"),
    "sender_unknown": N_("as nobody can tell who the sender is"),
    "sender_forged": N_("as the sender is forged"),
    "address_fails": N_("as mail to this address comes back"),
    "address_had_enough": N_("as this address had enough of them today"),
    "domain_had_enough": N_("as this domain had enough of them within the hour"),
    "total_had_enough": N_("as enough of them left within the hour"),
}


def withheld_words(reason: str) -> str:
    """Why a citizen got no receipt."""
    return gettext(WITHHELD.get(reason, reason))


def ledger_words(reason: str) -> str:
    """Why an item became no ticket; a reason that a person wrote, or an unknown one, is shown as it is."""
    key, _, detail = reason.partition(":")
    if key not in LEDGER:
        return reason
    is_sign = key == "auto_reply"  # by which a machine was known: for those who read the ledger itself
    return gettext(LEDGER[key]) + (f" ({detail.strip()})" if detail and not is_sign else "")


def failure_words(reason: str) -> str:
    """Why a message was not taken; a sentence that is not known here is shown as it is."""
    return _by_beginning(FAILURES, reason)


def source_words(reason: str) -> str:
    """Why a source cannot be opened or read; a sentence that is not known here is shown as it is."""
    return _by_beginning(SOURCES, reason)


def _by_beginning(table: Mapping[str, str], reason: str) -> str:
    start = next((start for start in table if reason.startswith(start)), None)
    if start is None:
        return reason
    template = table[start]
    return gettext(template, detail=reason.removeprefix(start).lstrip(": ")) if "%(" in template else gettext(template)
