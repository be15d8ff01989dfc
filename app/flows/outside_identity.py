"""The authority's own log-in service (OpenID Connect) says who somebody is: which account is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.login_models import OutsideIdentity
from app.accounts.models import User
from app.core import clock
from app.core.errors import ForbiddenError
from app.core.system import System

LONGEST = 255


@dataclass(frozen=True)
class Claims:
    """What the service said and signed."""

    issuer: str
    subject: str
    email: str = ""
    is_verified: bool = False
    """whether the service vouches for the address"""


def recognise(system: System, claims: Claims) -> int:
    """The account of a known identity, else of the verified address, which is bound to it. Nothing else is made.

    Raises ForbiddenError with what the person can do about it.
    """
    try:
        with system.db.begin() as session:
            known = _known(session, claims)
            user = known or _by_address(session, claims)
            if user is None or not user.is_active:
                raise ForbiddenError("Your log-in is right, but nobody here has an active account with your address.")
            if known is None:
                _bind(session, user.id, claims)
            return user.id
    except IntegrityError as error:  # bound by another request a moment ago, or to another person of that service
        raise ForbiddenError("This account belongs to another person of the log-in service.") from error


def _known(session: Session, claims: Claims) -> User | None:
    same = (OutsideIdentity.issuer == claims.issuer, OutsideIdentity.subject == claims.subject)
    return session.scalar(select(User).join(OutsideIdentity, OutsideIdentity.user_id == User.id).where(*same))


def _by_address(session: Session, claims: Claims) -> User | None:
    if not claims.email or not claims.is_verified:
        raise ForbiddenError("The log-in service does not vouch for your address. Log in with your password.")
    return session.scalar(select(User).where(func.lower(User.email) == claims.email.lower(), User.is_active))


def _bind(session: Session, user_id: int, claims: Claims) -> None:
    if len(claims.issuer) > LONGEST or len(claims.subject) > LONGEST:
        raise ForbiddenError("The log-in service sent something that cannot be used.")
    at = clock.now()
    session.add(OutsideIdentity(user_id=user_id, issuer=claims.issuer, subject=claims.subject, bound_at=at))
    session.flush()
    audit.note(session, "identity_bound", at=at, user_id=user_id, issuer=claims.issuer)
