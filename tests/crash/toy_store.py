"""A small careful program for the recorder: keeps numbers, and marks each one in the log once it says it is kept.

`python -m tests.crash.toy_store ROOT sqlite|parquet N [--synchronous FULL|NORMAL|OFF]`
"""

import argparse
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pysqlite3 import dbapi2 as sqlite

from tests.crash.recorder import write_mark

__all__ = ["kept_in_parquet", "kept_in_sqlite", "main"]


def _promise(numbers: list[int]) -> None:
    for number in numbers:
        write_mark(Path(os.environ["RECORD_LOG"]), str(number))


def _keep_in_sqlite(root: Path, n: int, synchronous: str) -> None:
    db = sqlite.connect(str(root / "toy.sqlite"), isolation_level=None)
    db.execute("pragma journal_mode=wal")
    db.execute(f"pragma synchronous={synchronous}")
    db.execute("pragma wal_autocheckpoint=20")  # so that the WAL starts anew several times in a short run
    db.execute("create table if not exists kept (number integer primary key, text text)")
    for first in range(0, n, 3):
        numbers = list(range(first, min(first + 3, n)))
        db.execute("begin immediate")
        db.executemany(
            "insert or ignore into kept values (?, ?)", [(number, f"row {number} " * 150) for number in numbers]
        )
        db.execute("commit")
        _promise(numbers)
    db.close()


def _keep_in_parquet(root: Path, n: int) -> None:
    for number in range(n):
        folder = root / "history" / f"date={number // 10}"
        if not folder.is_dir():
            folder.mkdir(parents=True)
            for parent in (root / "history", root):
                _sync(parent)
        part = folder / f"part-{number}.tmp"
        pq.write_table(pa.table({"number": [number], "text": [f"row {number} " * 500]}), part)
        _sync(part)
        part.rename(part.with_suffix(".parquet"))
        _sync(folder)
        _promise([number])


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def kept_in_sqlite(root: Path) -> set[str]:
    """Return the numbers that a folder holds; raises `DatabaseError` when the database is damaged."""
    if not (root / "toy.sqlite").exists():
        return set()
    db = sqlite.connect(str(root / "toy.sqlite"))
    try:
        if db.execute("select count(*) from sqlite_master where name = 'kept'").fetchone() == (0,):
            return set()
        whole = db.execute("select number, text from kept").fetchall()
        problems = [words for (words,) in db.execute("pragma integrity_check") if words != "ok"]
        if problems or any(text != f"row {number} " * 150 for number, text in whole):
            raise sqlite.DatabaseError(f"damaged: {problems[:3]}")
        return {str(number) for number, _ in whole}
    finally:
        db.close()


def kept_in_parquet(root: Path) -> set[str]:
    """Return the numbers in the parts that have their final name; half a part raises `ArrowInvalid` or `OSError`."""
    tables = [pq.read_table(part, partitioning=None) for part in root.glob("history/*/*.parquet")]
    return {str(number) for table in tables for number in table["number"].to_pylist()}


def main() -> None:
    """Keep numbers until done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("store", choices=["sqlite", "parquet"])
    parser.add_argument("n", type=int)
    parser.add_argument("--synchronous", default="FULL")
    args = parser.parse_args()
    if args.store == "sqlite":
        _keep_in_sqlite(args.root, args.n, args.synchronous)
    else:
        _keep_in_parquet(args.root, args.n)


if __name__ == "__main__":
    main()
