"""A message starts a ticket: who asks, in which language, about what, to which unit and by when."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.core import clock
from app.core.db import once
from app.core.errors import NotFoundError
from app.core.system import System
from app.core.text import one_line
from app.flows.join import add_inbound
from app.flows.record import record
from app.intake import ledger
from app.intake.match import Match
from app.intake.models import Fate, Inbound
from app.people import service as people
from app.people.models import ContactKind, Person
from app.routing import service as routing
from app.routing.rules import Decision, Facts, decide
from app.screens.routing import first_unit
from app.sla import service as sla
from app.texts.catalogue import translator
from app.tickets import queries, service
from app.tickets.models import MessageKind, Ticket
from app.tickets.service import Doer, Start
from channels.contract import ChannelName, InboundMessage
from channels.email.addresses import without_tag
from knowledge_base.language import guess_language


def take(
    session: Session,
    system: System,
    entry: Inbound,
    message: InboundMessage,
    match: Match,
    *,
    unit_id: int | None = None,
) -> Ticket:
    """The new ticket with its first message; `match` may link it to the ticket that it perhaps answers.

    `unit_id` is where a person has put it; else the rules say.
    """
    guessed = guess_language(f"{message.subject}\n{message.text}")
    person = _person(session, message, guessed)
    language = guessed or (person.language if person else None)
    decision = Decision(unit_id, kind="by_hand") if unit_id else _route(session, message, language)
    unit = unit_of(session, decision)
    ticket, created = service.start(
        session,
        Start(
            subject=_subject(message, unit),
            channel=message.channel,
            language=language or unit.language,
            unit_id=unit.id,
            topic_id=queries.topic_of(session, unit.id, decision.topic_key),
            person_id=person.id if person else None,
            arrived_at=sla.arrival(message.channel, message.arrived_at, unit.timezone),
            routing=reason(decision, language),
            terms=sla.terms(session, unit.id, message.channel),
            possible_reply_to=match.ticket_id,
        ),
        Doer(None, clock.now()),
    )
    first = add_inbound(session, system, ticket, entry, message, kind=MessageKind.CITIZEN)
    ticket.asked_in = first.id
    record(session, ticket, [created], said=first, filenames=[file.filename for file in message.attachments])
    ledger.settle(entry, Fate.TICKET, ticket_id=ticket.id, message_id=first.id)
    return ticket


def unit_of(session: Session, decision: Decision) -> Unit:
    """The unit that was decided on, else the first open one. Raises NotFoundError when the authority has none."""
    unit = once(session, ("unit", decision.unit_id), lambda: _unit(session, decision.unit_id))
    if unit is None:
        raise NotFoundError("The authority has no unit yet.")
    return unit


def _unit(session: Session, unit_id: int | None) -> Unit | None:
    if unit_id is not None:
        return session.get(Unit, unit_id)
    return first_unit(session)


def reason(decision: Decision, language: str | None) -> dict[str, object]:
    """Why the ticket came to its unit, as the agent reads it: rule, kind of rule, what it found."""
    return {
        "rule": decision.position,
        "kind": decision.kind or "none",
        "found": decision.found,
        "language": language,
        "topic": decision.topic_key,
    }


def _person(session: Session, message: InboundMessage, language: str | None) -> Person | None:
    """The citizen, when the sender is beyond doubt readable; the first language they write in is theirs."""
    if message.sender is None or not message.sender.address or not message.sender_is_certain:
        return None
    address, name = message.sender.address, message.sender.name
    return people.contact_of(session, ContactKind.EMAIL, address, name=name, language=language, at=clock.now()).person


def _route(session: Session, message: InboundMessage, language: str | None) -> Decision:
    addresses = (party.address for party in message.recipients)
    return decide(facts_of(addresses, message.subject, message.text, language), routing.rules(session))


def facts_of(addresses: Iterable[str], subject: str, text: str, language: str | None) -> Facts:
    """What routing looks at in a message; the citizen's own part of our addresses does not count."""
    return Facts(tuple(without_tag(address) for address in addresses), language, f"{subject}\n{text}")


def _subject(message: InboundMessage, unit: Unit) -> str:
    """The message's subject, else its first words, else a plain word for it in the unit's language."""
    said = one_line(message.subject, 200) or one_line(message.text, 80)
    if said:
        return said
    _ = translator(unit.language).gettext
    return _("Letter without text") if message.channel is ChannelName.LETTER else _("Message without text")
