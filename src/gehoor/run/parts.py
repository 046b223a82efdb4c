"""Builds what an owner is made of from the settings of a workspace."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from gehoor.core.clock import Clock
from gehoor.core.history import History
from gehoor.core.ledger import Ledger
from gehoor.core.ledger.batch import Numbers
from gehoor.core.projector import Projector
from gehoor.core.rollup import Rollup
from gehoor.core.settings import Settings
from gehoor.core.words import Words
from gehoor.sift.duplicate import NearDuplicates

__all__ = ["Duplicates", "open_ledger"]

Ints = npt.NDArray[np.int64]


class Duplicates:
    """The near duplicates of `sift`, as the ledger's keyed stage."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.duplicates
        self._found = NearDuplicates(self._settings.window, self._settings.threshold)

    def judge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Return for each row the offset of the earlier post that it nearly repeats, 0 if none."""
        n = numbers
        return self._found.judge(seqs, n.digest, n.signature, n.has_digest, n.has_signature)

    def rejudge(self, seqs: Ints, numbers: Numbers) -> Ints:
        """Judge copies again whose original went."""
        n = numbers
        return self._found.rejudge(seqs, n.digest, n.signature, n.has_digest, n.has_signature)

    def withdraw(self, seqs: Ints) -> None:
        """Forget rows: nothing may repeat them any more."""
        self._found.withdraw(seqs)

    def restore(self, seqs: Ints, numbers: Numbers, duplicate_of: Ints) -> None:
        """Take up rows that were judged before a restart, in order."""
        n = numbers
        self._found.restore(seqs, n.digest, n.signature, n.has_digest, n.has_signature, duplicate_of)

    def clear(self) -> None:
        """Forget everything."""
        self._found = NearDuplicates(self._settings.window, self._settings.threshold)


def open_ledger(settings: Settings, clock: Clock) -> Projector:
    """Open ledger and projections of a workspace, caught up with what was committed; the caller holds the lock."""
    root: Path = settings.root
    ledger = Ledger(root, Duplicates(settings), settings.duplicates.window)
    projector = Projector(root, ledger, [Rollup(), Words(), History(root / "history", clock)])
    projector.start()
    return projector
