"""What an analysis is made of: splits of files, a job, and the engine that stages them wherever it likes."""

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from gehoor.core.settings import Settings

__all__ = ["Engine", "Form", "Job", "OnShare", "Split", "StagedSplit", "packed", "unpacked"]

OnShare = Callable[[float], None]
"""Told how much is done, 0 to 1."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What the user says of the files, where they do not say it themselves.

    Attributes
    ----------
    encoding : str, optional
        Of lines that are not UTF-8.
    columns : dict of str to str
        Our field -> their column.
    """

    encoding: str | None = None
    columns: dict[str, str] = {}


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a file that is read by one process; ends where a record ends.

    Attributes
    ----------
    number : int
        Its place in the order of all splits, from 0.
    path, name : str
        The file, and what it is called in the result: its path within the folder that is read.
    moment : int
        When the file was last written, microseconds UTC.
    size : int
        Bytes of the whole file, to see whether it has changed since.
    start, line : int
        Where to begin: bytes (rows, in Parquet), and lines before it.
    end : int, optional
        Where to stop; None: with the file.
    n_bytes : int
        About how much work it is, bytes on disk.
    """

    number: int
    path: str
    name: str
    moment: int
    size: int
    start: int = 0
    line: int = 0
    end: int | None = None
    n_bytes: int = 0


class StagedSplit(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a split: its rows in an Arrow file, what could not be read in a Parquet file beside it.

    Attributes
    ----------
    stem : str
        Both files are named so, in the job's folder; unique to the attempt, so that a second one harms nothing.
    """

    number: int
    stem: str
    n_rows: int
    n_rejects: int
    n_bytes: int


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a process must know to stage splits; travels to it as bytes (`packed`).

    Attributes
    ----------
    settings : Settings
        Brands and languages; without sources, receivers and senders, whose secrets are nobody's business.
    folder : Path
        Where staged files go.
    version : str
        Of gehoor: another one would judge otherwise.
    n_bytes : int
        Of all files, so that progress can be told.
    """

    settings: Settings
    form: Form
    folder: Path
    version: str
    n_bytes: int = 0


class Engine(Protocol):
    """Runs the row stages over splits: here, in processes; or on machines.

    Whatever it does, and however often it tries a split again: each split is yielded once, in the order of the numbers.
    """

    def run(self, job: Job, splits: Iterable[Split]) -> Generator[StagedSplit, None, None]:
        """Stage all splits (`run.staging.stage_split`) and yield what became of each.

        Raises
        ------
        SettingError
            An input cannot be read by a process, or the engine cannot be had; what to do about it.
        """
        ...


def packed(job: Job) -> bytes:
    """Return a job as bytes."""
    return msgspec.msgpack.encode(job, enc_hook=str)


def unpacked(raw: bytes) -> Job:
    """Return the job that was packed.

    Examples
    --------
    >>> job = Job(settings=Settings(), form=Form(), folder=Path("out"), version="1")
    >>> unpacked(packed(job)) == job
    True
    """
    return msgspec.msgpack.decode(raw, type=Job, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    if kind is not Path:
        raise ValueError(f"no {kind.__name__} travels with a job")
    return Path(value)
