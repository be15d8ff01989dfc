"""`luukku backup` and `luukku restore`."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.root import settings_for, system_for
from app.core.errors import LuukkuError


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-keys", is_flag=True, help="Put the keys of this machine into it too: guard it like them.")
def backup(target: Path, *, with_keys: bool) -> None:
    """Make a backup in a new folder below TARGET, while everything runs."""
    from app.flows.backup import take_backup

    made = take_backup(system_for("backup").settings, target, with_keys=with_keys, progress=click.echo)
    click.echo(f"The backup is {made}")
    if not with_keys:
        click.echo("The keys are not in it: keep LUUKKU_SECRET_KEY (or secret.key of the data folder) elsewhere.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is there.")
def restore(folder: Path, *, force: bool) -> None:
    """Restore the backup FOLDER into the database and data folder of the settings. Nothing else may run meanwhile."""
    from app.cli.only_one import running
    from app.core.system import create_system
    from app.flows.articles import rebuild_search
    from app.flows.restore import restore_backup
    from app.flows.sources import locked_sources
    from app.intake.check import disagreements

    settings = settings_for("restore")
    if (other := running(settings.data_dir)) is not None:
        raise LuukkuError(f"Luukku runs on this folder (process {other.pid}): stop it first.")
    until = restore_backup(settings, folder, force=force, progress=click.echo)
    system = create_system(settings_for("restore"))  # the keys may have come with it
    click.echo(f"{rebuild_search(system)} article texts are in the index.")
    with system.db.read() as session:
        found = list(disagreements(session, settings.data_dir, progress=lambda _what, _seen: None))
    for sentence in found:
        click.echo(sentence)
    click.echo(f"Restored: everything up to {until.isoformat()} is there, {len(found)} disagreements in the ledger.")
    if locked := locked_sources(system):
        click.echo(f"Our key does not open the passwords of: {', '.join(locked)}. Put the former key back, or set them")
        click.echo("anew: luukku source set NAME --ask-password")
    click.echo("Look at Outgoing in the desk: mails that waited then may have left since. Then: luukku verify mail")
