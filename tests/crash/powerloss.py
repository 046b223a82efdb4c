"""Cut the power at random moments of a recording, and give the folders that a machine might find afterwards."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.crash.disk import Disk
from tests.crash.recorder import Recording, read_log, snapshot

__all__ = ["PowerLoss", "missed_by_recorder", "power_losses"]


@dataclass(frozen=True, slots=True)
class PowerLoss:
    """One power cut: the folder as found afterwards, and the marks (promises) that were made before it.

    Attributes
    ----------
    at : int
        After so many records.
    folder : Path
        Yours to write in; gone when the next one is asked for.
    """

    at: int
    folder: Path
    promised: tuple[str, ...]


def power_losses(recording: Recording, n: int, rng: np.random.Generator, into: Path) -> Iterator[PowerLoss]:
    """Yield n power cuts in order of time: half at any record, half right after a promise, where it hurts most.

    Parameters
    ----------
    into : Path
        A folder to build in; one folder exists at a time.

    Raises
    ------
    ValueError
        There are no records, or they cannot be replayed.
    """
    ops = [record.op for record in read_log(recording.log)]
    if not ops:
        raise ValueError(f"{recording.log} is empty: the program ran without the recorder")
    marks = [i + 1 for i, op in enumerate(ops) if op == "#"]
    moments = rng.integers(1, len(ops) + 1, n - n // 2 if marks else n).tolist()
    moments += rng.choice(marks, n // 2).tolist() if marks else []
    disk, promised, records, done = Disk(recording.before), list[str](), read_log(recording.log), 0
    for i, moment in enumerate(sorted(moments)):
        while done < moment:
            record = next(records)
            disk.apply(record)
            done += 1
            if record.op == "#":
                promised.append(record.data.decode())
        folder = into / f"found-{i}"
        disk.cut_power(rng, folder)
        yield PowerLoss(moment, folder, tuple(promised))
        shutil.rmtree(folder)


def missed_by_recorder(recording: Recording) -> list[str]:
    """Return the files that are otherwise on disk than in the recording; not empty: the recorder does not see all."""
    disk = Disk(recording.before)
    for record in read_log(recording.log):
        disk.apply(record)
    told, real = disk.everything(), snapshot(recording.root)
    there = {path: None if found is None else found[1] for path, found in real.items()}
    return sorted(path for path in told.keys() | there.keys() if told.get(path, b"?") != there.get(path, b"?"))
