"""A member of staff gets a link by mail and chooses a password with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import audit, links, sessions
from app.accounts.links import AccessLink, Sending
from app.accounts.models import Authority, Unit, User
from app.accounts.passwords import LONGEST, hash_password
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.log import get_logger
from app.core.nudge import Queue
from app.core.system import System
from app.flows.administer import demand_administrator
from app.flows.deliver import smtp_sender
from app.flows.post import new_mail_id
from app.outbox.service import LADDER, SERVER_AWAY
from app.texts.catalogue import N_
from app.texts.staff_mails import access_mail
from channels.contract import ChannelError, ChannelName, OutboundMessage, Party, Sender, UnreachableError

log = get_logger(__name__)


@dataclass(frozen=True)
class Invited:
    """Whom a link is for."""

    email: str
    name: str
    language: str
    is_new: bool


def send_link(system: System, viewer: Viewer, user_id: int) -> None:
    """A person gets a new link: an invitation, or for a new password. Audited. Raises ForbiddenError, NotFoundError."""
    demand_administrator(viewer)
    with system.db.begin() as session:
        user = session.get(User, user_id)
        if user is None or not user.is_active:
            raise NotFoundError("There is no such person.")
        queue_link(session, user, by=viewer.user_id)
    system.nudge(Queue.OUTBOX)


def queue_link(session: Session, user: User, *, by: int | None) -> None:
    """Queue a link in the caller's transaction; `by` is the administrator, None = the person has asked for it."""
    links.make(session, user, at=clock.now())
    action = "user_invited" if not user.password_hash else "reset_sent" if by else "reset_asked"
    audit.note(session, action, at=clock.now(), user_id=by, about=user.id)


def ask_for_link(system: System, email: str) -> None:
    """Somebody says that they lost the password of this address: its owner gets a link.

    Nothing tells whether there is such an address; nobody gets more than a few links an hour.
    """
    with system.db.begin() as session:
        user = session.scalar(select(User).where(func.lower(User.email) == email.strip().lower(), User.is_active))
        if user is None or links.asked_lately(session, user.id, at=clock.now()):
            return
        queue_link(session, user, by=None)
    system.nudge(Queue.OUTBOX)


def invited(system: System, token: str) -> Invited:
    """Whom a link is for. Raises NotFoundError when it does not work, or no longer."""
    with system.db.read() as session:
        link = _working(session, system, token)
        user = session.get_one(User, link.user_id)
        return Invited(user.email, user.name, user.language, is_new=not user.password_hash)


def choose_password(system: System, token: str, password: str) -> str:
    """The link's owner has this password from now on, and other log-ins of theirs end; their address.

    Raises NotFoundError, or InvalidInputError for a password that is too short or too long.
    """
    if len(password) > LONGEST:
        raise InvalidInputError({"password": N_("The password is too long.")})
    password_hash = hash_password(password)
    with system.db.begin() as session:
        link, at = _working(session, system, token), clock.now()
        user = session.get_one(User, link.user_id)
        user.password_hash, link.used_at = password_hash, at
        sessions.end_all(session, user.id, at=at)
        audit.note(session, "password_changed", at=at, user_id=user.id, changed=user.id)
        return user.email


def send_mails(system: System, sender: Sender | None = None, *, is_over: Callable[[], bool] = lambda: False) -> int:
    """Send every link that is due; how many were tried. A worker that is killed leaves a mail to the next one.

    The same link twice does no harm, so a doubtful outcome is tried again.
    """
    sender, tried = sender or smtp_sender(system.settings), 0
    while not is_over() and (link_id := _claim(system)) is not None:
        tried += 1
        if not _send(system, sender, link_id):
            break
    return tried


def _claim(system: System) -> int | None:
    with system.db.begin() as session:
        return links.claim(session, at=clock.now())


def _send(system: System, sender: Sender, link_id: int) -> bool:
    """Send one; False when the mail server is away."""
    with system.db.read() as session:
        mail = _mail(session, system, session.get_one(AccessLink, link_id))
    try:
        sender.send(mail)
    except ChannelError as error:
        _failed(system, link_id, error)
        return not isinstance(error, UnreachableError)
    except Exception as error:  # noqa: BLE001 - a doubtful outcome: once more does no harm
        _failed(system, link_id, ChannelError(str(error)))
        return True
    with system.db.begin() as session:
        session.get_one(AccessLink, link_id).state = Sending.SENT
    return True


def _failed(system: System, link_id: int, error: ChannelError) -> None:
    is_away = isinstance(error, UnreachableError)
    with system.db.begin() as session:
        link, at = session.get_one(AccessLink, link_id), clock.now()
        link.failure = str(error)[:400]
        is_final = error.permanent or link.expires_at <= at or (not is_away and link.tries > len(LADDER))
        wait: timedelta = SERVER_AWAY if is_away else LADDER[min(link.tries, len(LADDER)) - 1]
        link.state, link.not_before = Sending.FAILED if is_final else Sending.QUEUED, at + wait
    log.warning("link_not_sent", link_id=link_id, permanent=error.permanent)


def _mail(session: Session, system: System, link: AccessLink) -> OutboundMessage:
    user, authority = session.get_one(User, link.user_id), session.get_one(Authority, 1)
    unit = session.scalar(select(Unit).order_by(Unit.id).limit(1))
    name = str(authority.names.get(user.language) or authority.domain)
    text = access_mail(
        link.purpose,
        user.language,
        link=f"{system.settings.base_url}/welcome/{links.token_of(system.settings.secret_key, link)}",
        name=user.name,
        until=link.expires_at,
        timezone=ZoneInfo(unit.timezone if unit else "UTC"),
        authority_name=name,
    )
    return OutboundMessage(
        channel=ChannelName.EMAIL,
        sender=Party(unit.mailbox if unit else f"no-reply@{authority.domain}", name),
        to=Party(user.email, user.name),
        subject=text.subject,
        text=text.text,
        html=text.html,
        message_id=new_mail_id(session),
        language=user.language,
        envelope_from="",
        is_automatic=True,
    )


def _working(session: Session, system: System, token: str) -> AccessLink:
    link = links.find(session, system.settings.secret_key, token, at=clock.now())
    if link is None:
        raise NotFoundError(N_("This link does not work any more. Ask for a new one."))
    return link
