"""What a person types of a citizen's addresses and numbers, as it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import InvalidInputError
from app.people import service as people
from app.people.models import ContactKind, Person
from app.texts.catalogue import N_
from channels.email.addresses import is_address
from channels.phone.numbers import normalise_number

DOMAIN = re.compile(r"@[^@.\[\]]+(?:\.[^@.\[\]]+)+\Z")


@dataclass(frozen=True)
class Identity:
    """What is known of the citizen; empty fields say nothing."""

    name: str = ""
    email: str = ""
    phone: str = ""
    postal: str = ""


def is_whole_address(text: str) -> bool:
    """Whether a text is a mail address that can be written to from everywhere: with a domain that has a dot."""
    return is_address(text) and bool(DOMAIN.search(text))


def contacts_of(identity: Identity, *, region: str) -> dict[ContactKind, str]:
    """The contact points in their kept form; numbers without a country are of `region`.

    Raises InvalidInputError naming each faulty field.
    """
    faults, contacts = {}, {}
    if email := identity.email.strip().lower():
        if not is_whole_address(email):
            faults["email"] = N_("Write an address such as name@example.org.")
        contacts[ContactKind.EMAIL] = email[:255]
    if identity.phone.strip():
        number = normalise_number(identity.phone, region)
        if number is None:
            faults["phone"] = N_("Write a telephone number such as 070-174 06 05.")
        contacts[ContactKind.PHONE] = number or ""
    if postal := people.address_lines(identity.postal):
        contacts[ContactKind.POSTAL] = postal[:400]
    if faults:
        raise InvalidInputError(faults)
    return contacts


def keep_contacts(session: Session, person: Person, contacts: Mapping[ContactKind, str]) -> None:
    """Make the contact points the person's too. Raises InvalidInputError naming one that is another citizen's."""
    for kind, value in contacts.items():
        if people.add_contact(session, person.id, kind, value, at=clock.now()) is None:
            raise InvalidInputError({kind.value: N_("This belongs to another citizen already.")})
