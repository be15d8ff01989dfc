"""The composition root of the commands: settings, secrets, logs, database, and who is nudged."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from app.core.config import Settings, load_settings
from app.core.errors import LuukkuError
from app.core.log import configure_logging
from app.core.secrets import with_secrets
from app.core.system import System, create_system
from channels.reading import Reader, read


def settings_for(process: str) -> Settings:
    """The settings of this process, with its logs set up. Raises SettingsError naming every fault."""
    return _prepared(load_settings(), process)


def _prepared(loaded: Settings, process: str) -> Settings:
    settings = with_secrets(loaded)
    configure_logging(settings, process)
    return settings


def _demand_database(settings: Settings) -> None:
    """Nothing when the database may be there. Raises LuukkuError where no file is, before anything is made there."""
    database = make_url(settings.database_url).database
    if settings.is_sqlite and database and not Path(database).exists():
        raise LuukkuError(
            f"There is no database at {database}. Say where the data lies with LUUKKU_DATA_DIR,"
            " or make a new one with: luukku migrate"
        )


def system_for(process: str, *, nudging: bool = False, reading: bool = False) -> System:
    """A system on the database of the settings; with `nudging` it tells the workers through the broker.

    With `reading` it reads mails in a process of their own.
    """
    loaded = load_settings()
    _demand_database(loaded)
    settings = _prepared(loaded, process)
    if not nudging:
        return create_system(settings)
    from app.jobs.publisher import Publisher

    return create_system(settings, Publisher(settings), _reader_process() if reading else read)


def _reader_process() -> Reader:
    from app.jobs.reader_process import ReaderProcess

    return ReaderProcess()
