"""What a process of an analysis does, on this machine or another: one split through the row stages, into files."""

from contextlib import closing
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage, Reject
from gehoor.core.record import LEDGER
from gehoor.run.engine import Job, Split, StagedSplit, unpacked
from gehoor.run.splits import SplitReader
from gehoor.run.stages import STAGED, RowStages

__all__ = ["REJECTS", "rejects_path", "stage_split", "staged_path"]

REJECTS: pa.Schema = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("raw", pa.binary(), nullable=False),
    ]
)
"""What could not be read: in which file, at which line (Parquet: row; X API: byte), why, and its first 64 KB."""

_KEPT: pa.Schema = pa.schema([field for field in STAGED if field.name in {*LEDGER.names, "signature"}])
_REJECTS_AT_ONCE = 1_000


def staged_path(folder: Path, stem: str) -> Path:
    """Return where the rows of a staged split are."""
    return folder / f"{stem}.arrow"


def rejects_path(folder: Path, stem: str) -> Path:
    """Return where the rejects of a staged split are, if it has any."""
    return folder / f"{stem}.parquet"


@lru_cache(maxsize=1)
def _staging(job: bytes) -> "_Staging":
    """Load the word lists and tables once a process."""
    pa.set_cpu_count(1)  # a process a core: threads of Arrow's own would only get in the way
    return _Staging(unpacked(job))


def stage_split(job: bytes, split: Split, attempt: str = "") -> StagedSplit:
    """Read, decode and annotate a split, and write its rows and rejects into the job's folder.

    Parameters
    ----------
    job : bytes
        See `engine.packed`.
    attempt : str
        Makes the files' names unique where a split may be tried twice.

    Raises
    ------
    SettingError
        The file cannot be read here, or this is another gehoor than the one that asks.
    """
    return _staging(job).stage(split, f"{split.number:08d}{attempt}")


class _Staging:
    """The row stages, and how their rows are written."""

    def __init__(self, job: Job) -> None:
        if job.version != version("gehoor"):
            raise SettingError(
                f"A worker has gehoor {version('gehoor')}, and {job.version} asks: install the same one everywhere."
            )
        self._job = job
        self._stages = RowStages(job.settings)

    def stage(self, split: Split, stem: str) -> StagedSplit:
        """Stage one split."""
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        n_rows = 0
        with (
            _Rejects(rejects_path(self._job.folder, stem), split.name) as rejects,
            pa.OSFile(str(staged_path(self._job.folder, stem)), "wb") as file,
            pa.ipc.new_file(file, _KEPT, options=options) as rows,
            closing(SplitReader(split, self._job.form)) as reader,
        ):
            while (page := self._next(reader, rejects)) is not None:
                staged = self._stages.run([page])
                rejects.add(staged.pages[0].rejects)
                if staged.batch.num_rows:
                    rows.write_batch(_as_said(staged.batch))
                    n_rows += staged.batch.num_rows
        return StagedSplit(number=split.number, stem=stem, n_rows=n_rows, n_rejects=rejects.n, n_bytes=split.n_bytes)

    def _next(self, reader: SplitReader, rejects: "_Rejects") -> RawPage | None:
        """Return the next page; a file that breaks off costs what is behind the break, and is a reject itself."""
        try:
            return reader.next_page()
        except OSError as error:
            raise SettingError(f"{reader.cursor.path} cannot be read: {error.strerror or error}.") from None
        except SettingError as error:
            rejects.add([Reject(position=reader.cursor.line + 1, item=0, stage="read", reason=str(error), raw=b"")])
            return None


def _as_said(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Let each row count as heard when it was said, as in a replay: so the result does not depend on today."""
    said = pc.coalesce(batch.column("published"), batch.column("received"))
    new = {"received": said, "event_at": said, "is_backfill": pa.repeat(pa.scalar(value=False), batch.num_rows)}
    columns = [new[name] if name in new else batch.column(name) for name in _KEPT.names]
    return pa.RecordBatch.from_arrays(columns, schema=_KEPT)


class _Rejects:
    """Writes what could not be read, if there is any."""

    def __init__(self, path: Path, name: str) -> None:
        self.n = 0
        self._path, self._name = path, name
        self._waiting: list[Reject] = []
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "_Rejects":
        return self

    def add(self, rejects: list[Reject]) -> None:
        """Take up rejects of a page."""
        self._waiting += rejects
        self.n += len(rejects)
        if len(self._waiting) >= _REJECTS_AT_ONCE:
            self._write()

    def _write(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, REJECTS, compression="zstd")
        rows = [{"file": self._name, **{name: getattr(r, name) for name in REJECTS.names[1:]}} for r in self._waiting]
        self._writer.write_table(pa.Table.from_pylist(rows, schema=REJECTS))
        self._waiting = []

    def __exit__(self, *_: Any) -> None:
        if self._waiting:
            self._write()
        if self._writer is not None:
            self._writer.close()
