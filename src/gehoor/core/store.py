"""`ledger.sqlite`: what is derived from the segments or decided by people."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from gehoor.core.migrate import migrate
from gehoor.core.sqlite import open_read, open_write

__all__ = ["open_store", "put", "read_store", "store_path"]


def store_path(root: Path) -> Path:
    """Return where it is."""
    return root / "ledger.sqlite"


def open_store(root: Path) -> sa.Engine:
    """Return an engine that may write it, brought up to the newest revision; for the owner only."""
    engine = open_write(store_path(root), cache_mb=16)
    migrate(engine, "store")
    return engine


def read_store(root: Path) -> sa.Engine:
    """Return an engine that only reads it."""
    return open_read(store_path(root))


def put(tx: sa.Connection, table: sa.Table, **values: object) -> None:
    """Insert a row, or update the one that has its primary key."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    tx.execute(sqlite.insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=rest))
