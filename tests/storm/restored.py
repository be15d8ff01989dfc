"""A backup taken in the storm, brought back on another machine and held against the mailbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from app.core.config import Settings
from app.core.system import System, create_system
from app.flows.restore import restore_backup
from app.flows.verify import verify_mail
from app.intake.check import disagreements
from app.intake.models import Inbound
from app.outbox.models import Delivery, OutboxRow
from app.tickets.models import Message
from tests.storm.mails import Sample

LONGEST_TRANSACTION = timedelta(seconds=2)
"""what was seen before the backup, and stored after it, is not in it"""


def demand_clean_up_to_its_instant(
    original: System, settings: Settings, folder: Path, delivered: Sequence[Sample]
) -> int:
    """Restore it: everything of before its instant is there and agrees, the rest is told by name and can be filed.

    How many mails came after it.
    """
    instant = restore_backup(settings, folder, force=False, progress=lambda _line: None)
    there = create_system(settings)
    try:
        seen, kept = _ledger(original), _ledger(there)
        assert kept.items() <= seen.items()
        older = {name for name, at in seen.items() if at < instant - LONGEST_TRANSACTION}
        assert older
        assert older <= kept.keys()
        _demand_agreement(there)
        missing = _missing(there)
        names = {one.name for one in delivered if one.name}
        assert set(missing) - {""} == names - _mail_ids(there)
        (left,) = verify_mail(there, repair=True)
        assert (left.failure, left.missing) == ("", [])
        assert _missing(there) == Counter()
        assert names <= _mail_ids(there)
        _demand_agreement(there)
        return missing.total()
    finally:
        there.db.dispose()


def _ledger(system: System) -> dict[str, object]:
    with system.db.read() as session:
        return dict(session.execute(select(Inbound.item_id, Inbound.seen_at)).all())


def _mail_ids(system: System) -> set[str]:
    with system.db.read() as session:
        return set(session.scalars(select(Inbound.mail_id).where(Inbound.mail_id != "")))


def _missing(system: System) -> Counter[str]:
    """The Message-IDs of what lies at the mail server and is on no ledger."""
    (found,) = verify_mail(system)
    assert (found.failure, found.waiting) == ("", 0)
    return Counter(one.mail_id for one in found.missing)


def _demand_agreement(system: System) -> None:
    """The ledger agrees with tickets and files, no message is there twice, and nothing would leave by itself."""
    with system.db.read() as session:
        assert list(disagreements(session, system.settings.data_dir, progress=lambda _what, _seen: None)) == []
        messages = Counter(session.scalars(select(Message.message_id).where(Message.inbound_id.is_not(None))))
        states = set(session.scalars(select(OutboxRow.state)))
    assert {name: count for name, count in messages.items() if count > 1 and name} == {}
    assert states <= {Delivery.SENT, Delivery.FAILED, Delivery.PERHAPS_SENT}
