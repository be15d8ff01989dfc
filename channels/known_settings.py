"""Settings of a source by name: a misspelt one is told, not left aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from channels.contract import ChannelError


def refuse_unknown(settings: Mapping[str, str], known: Iterable[str]) -> None:
    """Raises ChannelError that names the settings which nobody reads, and those there are."""
    unknown = sorted(settings.keys() - set(known))
    if unknown:
        raise ChannelError(
            f"There is no setting {', '.join(unknown)}; there are: {', '.join(sorted(known))}.", permanent=True
        )
