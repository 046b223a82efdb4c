"""Builds what an owner is made of from the settings of a workspace."""

from gehoor.core.clock import Clock
from gehoor.core.history import History
from gehoor.core.ledger import Ledger
from gehoor.core.projector import Projector
from gehoor.core.rollup import Rollup
from gehoor.core.settings import Settings
from gehoor.core.words import Words
from gehoor.sift.duplicate import NearDuplicates

__all__ = ["open_ledger"]


def open_ledger(settings: Settings, clock: Clock) -> Projector:
    """Open ledger and projections of a workspace, caught up with what was committed; the caller holds the lock."""
    root, known = settings.root, settings.duplicates
    ledger = Ledger(root, NearDuplicates(known.window, known.threshold), known.window)
    projector = Projector(root, ledger, [Rollup(), Words(), History(root / "history", clock)])
    projector.start()
    return projector
