"""The steps of the trace in the reader's words: a mark, a sentence, and what is behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.reports.trace import Step, StepKind
from app.texts.catalogue import N_
from app.texts.durations import duration
from app.web.context import language
from app.web.formats import instant, size
from app.web.language import gettext, ngettext
from app.web.reasons import failure_words, ledger_words

TITLES: Mapping[StepKind, tuple[str, str]] = {
    StepKind.LEDGER: ("met", N_("Seen and put on the ledger")),
    StepKind.REPEATED: ("met", N_("It was here before: nothing happens twice")),
    StepKind.QUARANTINED: ("late", N_("Cannot be read: a person looks at it")),
    StepKind.IGNORED: ("none", N_("Noted, and it needs nobody")),
    StepKind.RINGING: ("phone", N_("It rings at %(unit)s")),
    StepKind.NEW_TICKET: ("met", N_("Matched: a new ticket")),
    StepKind.JOINED: ("met", N_("Matched: it joins its ticket")),
    StepKind.AUTO_REPLY: ("none", N_("Noted on its ticket: a machine wrote it")),
    StepKind.ROUTED: ("met", N_("Routed to %(unit)s")),
    StepKind.CLOCK: ("ok", N_("Clock started: %(metric)s")),
    StepKind.CALL_ANSWERED: ("phone", N_("The call is answered")),
    StepKind.RECEIPT_QUEUED: ("send", N_("Acknowledgement on its way")),
    StepKind.RECEIPT_SENT: ("send", N_("Acknowledgement sent")),
    StepKind.TAKEN: ("user", N_("%(user)s has taken it")),
    StepKind.TRANSFERRED: ("move", N_("Moved to %(unit)s")),
    StepKind.NOTED: ("note", N_("%(user)s wrote a note that you do not see")),
    StepKind.ANSWERED: ("pen", N_("%(user)s answered")),
    StepKind.LETTER_WRITTEN: ("print", N_("%(user)s wrote a letter to you")),
    StepKind.POSTED: ("letter", N_("The letter is in the post")),
    StepKind.UNDONE: ("undo", N_("%(user)s took the answer back")),
    StepKind.ANSWER_SENT: ("send", N_("Answer sent to you")),
    StepKind.NOT_SENT: ("late", N_("The mail could not be sent")),
    StepKind.PERHAPS_SENT: ("none", N_("The mail was perhaps sent")),
    StepKind.WAITING: ("hold", N_("The ticket waits")),
    StepKind.RESUMED: ("ok", N_("The ticket goes on")),
    StepKind.RESOLVED: ("met", N_("Resolved")),
    StepKind.REOPENED: ("ok", N_("Reopened")),
    StepKind.CALL_ENDED: ("phone", N_("The call is over")),
    StepKind.HUNG_UP: ("phone", N_("You hung up before anybody answered")),
}
DETAILS: Mapping[StepKind, str] = {
    StepKind.LEDGER: N_("number %(number)s, %(octets)s kept, before the source was told"),
    StepKind.REPEATED: N_("the same as number %(first)s on the ledger"),
    StepKind.QUARANTINED: N_("its original is kept (%(reason)s)"),
    StepKind.IGNORED: N_("the ledger says why: %(reason)s"),
    StepKind.RINGING: N_("the card is on the agents' screens"),
    StepKind.RECEIPT_QUEUED: N_("it never counts as an answer"),
    StepKind.RECEIPT_SENT: N_("not counted as an answer"),
    StepKind.TRANSFERRED: N_("by %(user)s: %(reason)s"),
    StepKind.POSTED: N_("that is the answer, at this instant"),
    StepKind.PERHAPS_SENT: N_("it is not sent again by itself: a person decides"),
    StepKind.CALL_ENDED: N_("the agent writes what it was about"),
}
METRICS = {
    "first_response": N_("first response"),
    "next_response": N_("next response"),
    "update": N_("update"),
    "resolution": N_("resolution"),
}
FOUND_BY = {
    "token": N_("by the signed address that you answered to"),
    "message": N_("by the message that you answered"),
    "reference": N_("by the number in it"),
}
RULES = {
    "mailbox": N_("by the mailbox it came to"),
    "number": N_("by the number that was dialled"),
    "words": N_("by the word “%(found)s”"),
    "language": N_("by its language"),
    "always": N_("by the last rule, as no other fits"),
    "none": N_("no rule fits"),
}
REASONS = {"citizen": N_("for you"), "third_party": N_("for somebody else")}


@dataclass(frozen=True)
class Line:
    """A step as it is shown; `reference` leads to its ticket, `is_clock` to the story of its clock."""

    at: datetime
    icon: str
    title: str
    detail: str
    reference: str
    is_clock: bool


def line(step: Step) -> Line:
    """The step in words."""
    if step.kind is StepKind.SUGGESTED:
        mark, title = "met", _suggested(step.facts)
    else:
        mark, template = TITLES[step.kind]
        title = gettext(template, **_values(step.facts)) if "%(" in template else gettext(template)
    is_late = step.kind is StepKind.CLOCK and step.facts["result"] in {"overdue", "missed"}
    mark = "late" if is_late else mark
    return Line(step.at, mark, title, _detail(step), step.reference, step.kind is StepKind.CLOCK)


def _detail(step: Step) -> str:
    if step.kind in TOLD_BY:
        return TOLD_BY[step.kind](step.facts)
    template = DETAILS.get(step.kind, "")
    return gettext(template, **_values(step.facts)) if "%(" in template else gettext(template)


def _values(facts: Mapping[str, Any]) -> dict[str, object]:
    """The facts as sentences want them: somebody unnamed is the system, sizes and keys are readable."""
    values = dict(facts)
    values["user"] = facts.get("user") or gettext("Somebody")
    values["metric"] = gettext(METRICS.get(str(facts.get("metric")), ""))
    values["octets"] = size(int(facts.get("size", 0)))
    values["reason"] = ledger_words(str(facts.get("reason", "")))
    return values


def _suggested(facts: Mapping[str, Any]) -> str:
    count = int(facts["count"])
    return ngettext("%(num)s suggestion ready", "%(num)s suggestions ready", count, num=count)


def _new_ticket(facts: Mapping[str, Any]) -> str:
    if facts["possible_reply_to"]:
        return gettext("linked as a possible reply to %(reference)s", reference=facts["possible_reply_to"])
    return gettext("no token, no known message, no reference in it")


def _joined(facts: Mapping[str, Any]) -> str:
    how = gettext(FOUND_BY.get(facts["by"], ""))
    return how if facts["is_confirmed"] else gettext("%(how)s, from an address that is not known", how=how)


def _routed(facts: Mapping[str, Any]) -> str:
    parts = [gettext(RULES.get(facts["rule_kind"], RULES["none"]), found=facts["found"])]
    if facts["rule"] is not None:
        parts.append(gettext("rule %(number)s", number=facts["rule"]))
    if facts["topic"]:
        parts.append(gettext("topic “%(topic)s”", topic=facts["topic"]))
    return ", ".join(parts)


def _clock(facts: Mapping[str, Any]) -> str:
    amount = int(facts["amount"])
    if facts["target_kind"] == "minutes":
        target = gettext("%(amount)s of opening time", amount=duration(60 * amount, language(), style="hours"))
    else:
        target = ngettext("%(num)s working day", "%(num)s working days", amount, num=amount)
    if facts["due_at"] is None:
        return target
    return gettext("due %(instant)s, after %(target)s", instant=instant(facts["due_at"]), target=target)


def _best(facts: Mapping[str, Any]) -> str:
    return gettext("best: “%(title)s”", title=facts["best"]) if facts["count"] else ""


def _waiting(facts: Mapping[str, Any]) -> str:
    return gettext(REASONS.get(facts["reason"], ""))


def _call_answered(facts: Mapping[str, Any]) -> str:
    return gettext("by %(user)s; that is the first response", user=facts["user"]) if facts["user"] else ""


def _not_sent(facts: Mapping[str, Any]) -> str:
    if facts["next_try_at"] is None:
        return failure_words(str(facts["reason"]))
    reason, next_try = failure_words(str(facts["reason"])), instant(facts["next_try_at"])
    return gettext("%(reason)s Tried again at %(instant)s.", reason=reason, instant=next_try)


TOLD_BY: Mapping[StepKind, Callable[[Mapping[str, Any]], str]] = {
    StepKind.NEW_TICKET: _new_ticket,
    StepKind.JOINED: _joined,
    StepKind.ROUTED: _routed,
    StepKind.CLOCK: _clock,
    StepKind.SUGGESTED: _best,
    StepKind.WAITING: _waiting,
    StepKind.NOT_SENT: _not_sent,
    StepKind.CALL_ANSWERED: _call_answered,
}
