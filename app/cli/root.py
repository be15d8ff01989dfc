"""The composition root of the commands: settings, secrets, logs, database, and who is nudged."""

from __future__ import annotations

from app.core.config import Settings, load_settings
from app.core.log import configure_logging
from app.core.secrets import with_secrets
from app.core.system import System, create_system


def settings_for(process: str) -> Settings:
    """The settings of this process, with its logs set up. Raises SettingsError naming every fault."""
    settings = with_secrets(load_settings())
    configure_logging(settings, process)
    return settings


def system_for(process: str, *, nudging: bool = False) -> System:
    """A system on the database of the settings; with `nudging` it tells the workers through the broker."""
    settings = settings_for(process)
    if not nudging:
        return create_system(settings)
    from app.jobs.publisher import Publisher

    return create_system(settings, Publisher(settings))
