"""Codes of the second factor: those an app shows for 30 seconds (TOTP, RFC 6238), and those on paper that open once."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.login_models import RecoveryCode, SecondFactor
from app.core.secrets import derive, fernet_key

PURPOSE = "second factor"
ISSUER = "Luukku"
RECOVERY_CODES = 10
"""of 16 digits, as the field for codes brings up a keypad without letters: 53 bits"""


def new_secret(secret_key: str) -> str:
    """A secret for an app, encrypted as it is kept."""
    return Fernet(fernet_key(secret_key, PURPOSE)).encrypt(pyotp.random_base32().encode()).decode()


def opened(secret: str, secret_key: str) -> str:
    """The secret as the app wants it; "" when it was encrypted under another key."""
    try:
        return Fernet(fernet_key(secret_key, PURPOSE)).decrypt(secret.encode()).decode()
    except InvalidToken:
        return ""


def address(secret: str, email: str) -> str:
    """What the QR code holds (otpauth://…)."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def fits(factor: SecondFactor, code: str, *, at: datetime, secret_key: str) -> int | None:
    """The period whose code was typed, now or one before or after (RFC 6238, 5.2); none that was used, or older."""
    secret = opened(factor.secret, secret_key)
    typed = "".join(code.split())
    if not secret or not (len(typed) == 6 and typed.isascii() and typed.isdigit()):
        return None
    app = pyotp.TOTP(secret)
    now = int(at.timestamp()) // app.interval
    return next(
        (step for step in (now, now - 1, now + 1) if step > factor.last_step and _same(app.generate_otp(step), typed)),
        None,
    )


def active(session: Session, user_id: int, *, lock: bool = False) -> SecondFactor | None:
    """A person's app, once its first code was typed; locked when a code is going to be used."""
    query = select(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    return session.scalar(query.with_for_update() if lock else query)


def make_recovery_codes(session: Session, user_id: int, *, secret_key: str) -> list[str]:
    """Ten new codes in place of all earlier ones; they can be read now and never again."""
    forget_recovery_codes(session, user_id)
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_code_hash(code, secret_key)) for code in codes)
    return codes


def forget_recovery_codes(session: Session, user_id: int) -> None:
    """None of a person's codes opens anything any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def use_recovery_code(session: Session, user_id: int, code: str, *, at: datetime, secret_key: str) -> bool:
    """Whether it was one of the person's that was not used; it is now."""
    unused = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    this = RecoveryCode.code_hash == _code_hash(code, secret_key)
    used = session.execute(update(RecoveryCode).where(*unused, this).values(used_at=at))
    return bool(used.rowcount)  # type: ignore[attr-defined]


def recovery_codes_left(session: Session, user_id: int) -> int:
    """How many of a person's codes were not used."""
    unused = (RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def _new_code() -> str:
    return " ".join(f"{secrets.randbelow(10_000):04}" for _ in range(4))


def _code_hash(code: str, secret_key: str) -> str:
    """However it is typed: with blanks, with lines, or in one piece."""
    plain = "".join(sign for sign in code if sign.isalnum())
    return hmac.new(derive(secret_key, "recovery codes"), plain.encode(), "sha256").hexdigest()


def _same(right: str, typed: str) -> bool:
    return hmac.compare_digest(right, typed)
