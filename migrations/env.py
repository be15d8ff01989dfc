"""Run by Alembic: opens the database named by `migrations.run` and runs the steps in one transaction."""

from __future__ import annotations

from typing import Any

from alembic import context

from app.core.db import Database
from migrations.models import NOT_IN_MODELS, metadata


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether autogeneration looks at a table; full-text tables and their shadows are made by hand."""
    return kind != "table" or not any((name or "").startswith(by_hand) for by_hand in NOT_IN_MODELS)


def run() -> None:
    """Run the migrations online; there is no offline mode."""
    database = Database(context.config.attributes["url"])
    try:
        with database.engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=connection.dialect.name == "sqlite",
                include_name=is_ours,
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        database.dispose()


run()
