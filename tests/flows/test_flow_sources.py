"""Mailboxes and folders are added and changed while everything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.core.errors import InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import poll
from app.flows.sources import NewSource, add_source, change_source, list_sources, to_watch
from app.sources.models import Source
from tests.factories import Authority, mail, poll_all


@pytest.fixture
def folder(system: System, authority: Authority, tmp_path: Path) -> Path:
    for name in ("old", "new"):
        (tmp_path / name / "new").mkdir(parents=True)
    add_source(system, NewSource("drop", "email", "maildir", {"path": str(tmp_path / "old")}), password="first")
    return tmp_path


def watched(system: System):  # type: ignore[no-untyped-def]
    with system.db.read() as session:
        source_id = session.scalars(select(Source.id)).one()
    return to_watch(system, source_id)


def test_a_changed_setting_is_tried_kept_and_heard_of_by_who_watches(system: System, folder: Path) -> None:
    before = watched(system)
    change_source(system, "drop", settings={"path": str(folder / "new"), "address": "north@migration.example"})
    (folder / "new" / "new" / "1.x").write_bytes(mail())
    assert poll_all(system) == 1
    after = watched(system)
    assert after != before
    assert after.secret == "first"
    change_source(system, "drop", settings={"address": ""}, password="second")
    assert watched(system).secret == "second"
    assert set(watched(system).settings) == {"path"}
    with system.db.read() as session:
        told = session.execute(select(AuditEntry.action, AuditEntry.data)).all()
    assert "second" not in str(told)
    assert [row[0] for row in told if row[0].startswith("source")] == ["source_added", *["source_changed"] * 2]


def test_what_cannot_be_opened_leaves_the_source_as_it_was(system: System, folder: Path) -> None:
    before = watched(system)
    with pytest.raises(InvalidInputError):
        change_source(system, "drop", settings={"path": str(folder / "nowhere")}, password="other")
    assert watched(system) == before
    with pytest.raises(NotFoundError):
        change_source(system, "mailbox", settings={})


def test_a_source_that_is_switched_off_is_neither_read_nor_watched(system: System, folder: Path) -> None:
    change_source(system, "drop", is_enabled=False)
    assert poll.to_read(system) == []
    assert watched(system) is None
    assert "switched off" in list_sources(system)[0]
    change_source(system, "drop", is_enabled=True)
    assert watched(system) is not None


@pytest.mark.parametrize(
    ("channel", "kind", "told"),
    [
        ("email", "imap", {"host": "localhost", "user": "x", "prot": "993"}),
        ("email", "maildir", {"path": ".", "prot": "993"}),
        ("letter", "folder", {"path": ".", "prot": "993"}),
    ],
)
def test_a_misspelt_setting_is_named(
    system: System, authority: Authority, channel: str, kind: str, told: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError, match="There is no setting prot; there are: "):
        add_source(system, NewSource("new", channel, kind, told), password="")


def test_a_source_that_was_read_never_becomes_another_mailbox(system: System, folder: Path) -> None:
    with system.db.begin() as session:
        row = session.scalars(select(Source)).one()
        row.settings = {**row.settings, "user": "one"}
        row.position = 7
    with pytest.raises(InvalidInputError) as raised:
        change_source(system, "drop", settings={"user": "two"})
    assert "another mailbox" in raised.value.fields["source"]
    assert watched(system).settings["user"] == "one"
