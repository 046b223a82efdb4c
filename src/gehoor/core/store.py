"""`ledger.sqlite`: what is derived from the segments or decided by people."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from gehoor.core.migrate import make, migrate
from gehoor.core.sqlite import open_read, open_write
from gehoor.core.tables.ledger import mark

__all__ = ["mark_of", "open_store", "put", "read_store", "set_mark", "store_path"]


def store_path(root: Path) -> Path:
    """Return where it is."""
    return root / "ledger.sqlite"


def open_store(root: Path) -> sa.Engine:
    """Return an engine that may write it, brought up to the newest revision; for the owner only."""
    engine = open_write(store_path(root), cache_mb=16)
    with engine.begin() as tx:
        if tx.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is None:
            make(tx, "store")
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


def mark_of(engine: sa.Engine, name: str) -> int:
    """Return how far something was done; 0 when it never was."""
    with engine.connect() as tx:
        return int(tx.execute(sa.select(mark.c.value).where(mark.c.name == name)).scalar() or 0)


def set_mark(engine: sa.Engine, name: str, value: int) -> None:
    """Note how far something is done."""
    with engine.begin() as tx:
        put(tx, mark, name=name, value=value)
