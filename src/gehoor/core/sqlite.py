"""SQLite of our own: one library, one version floor, one set of pragmas, and files that survive a power cut.

Debian's SQLite has a WAL race and cannot forget text, so the wheel `pysqlite3` carries its own. No second SQLite
library may open these files in the same process: closing its handle would drop our locks.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pysqlite3
import sqlalchemy as sa
from pysqlite3 import dbapi2
from sqlalchemy.pool import QueuePool, StaticPool

from gehoor.core.errors import StoreError

__all__ = ["alone", "is_disk_full", "open_read", "open_write", "sync_folder", "truncate_wal"]

_FLOOR = (3, 51, 3)  # the WAL-reset race is fixed from here on
_PAGE_SIZE = 8192
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on disk before anybody is told; measured 12.2 against 11.8 us for NORMAL
    "PRAGMA wal_autocheckpoint = 4000",  # 32 MB: 3 us a post less waiting than at 1000
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",  # an erased word is overwritten, not only unlinked
    "PRAGMA trusted_schema = OFF",
)


def _check_version() -> None:
    if pysqlite3.sqlite_version_info < _FLOOR:
        raise StoreError(
            f"SQLite {pysqlite3.sqlite_version} is too old for the ledger, which needs 3.51.3 or newer. "
            "Install pysqlite3 0.6.1 or newer: pip install --upgrade pysqlite3"
        )


def open_write(path: Path, *, cache_mb: int = 64) -> sa.Engine:
    """Return an engine with one connection that may write `path`; the file is made, durably, if it is not there.

    Raises
    ------
    StoreError
        If SQLite is too old, or the file cannot be opened.
    """
    _check_version()
    is_new = not path.exists()
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),  # a folder may be named `what?` or `50%`
        module=dbapi2,
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 10.0},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, so that a savepoint means what it says
        if is_new:
            connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.execute(f"PRAGMA cache_size = {-1024 * cache_mb}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        engine.connect().close()
    except sa.exc.DatabaseError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.orig}. Is the disk full, or the folder read-only?"
        ) from error
    if is_new:
        sync_folder(path.parent)
    return engine


def open_read(path: Path) -> sa.Engine:
    """Return an engine that only reads `path`, safe to use from several threads; never creates a file."""
    _check_version()
    return sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"}),
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=4,
        connect_args={"check_same_thread": False, "timeout": 10.0},
    )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file whose name is not on disk is lost with its contents."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def alone(engine: sa.Engine, sql: str, *parameters: object) -> list[Any]:
    """Run a statement that may stand in no transaction (VACUUM, a checkpoint), and return its rows."""
    connection = engine.raw_connection()  # SQLAlchemy begins a transaction on its own connections
    try:
        return list(connection.cursor().execute(sql, parameters).fetchall())
    finally:
        connection.close()


def truncate_wal(engine: sa.Engine) -> None:
    """Move everything from the write-ahead log into the file and empty the log, so that no erased word stays there."""
    if alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
        raise StoreError(f"{engine.url.database} is being read, its log cannot be emptied now. Try again in a moment.")


def is_disk_full(error: BaseException) -> bool:
    """Tell whether a database error means that the disk has no room left."""
    said = str(error)
    return "disk is full" in said or "disk I/O error" in said or "No space left" in said
