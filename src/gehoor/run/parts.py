"""Builds what an owner is made of from the settings of a workspace."""

from gehoor.core import registry
from gehoor.core.clock import Clock
from gehoor.core.ledger import Ledger
from gehoor.core.ledger.keyed import Keyed
from gehoor.core.projection import Projection
from gehoor.core.projector import Projector
from gehoor.core.settings import Settings
from gehoor.sift.campaign import Templates
from gehoor.sift.duplicate import NearDuplicates

__all__ = ["make_projections", "open_ledger"]


def open_ledger(settings: Settings, clock: Clock) -> Projector:
    """Open ledger and projections of a workspace, caught up with what was committed; the caller holds the lock."""
    known = settings.duplicates
    keyed = Keyed(NearDuplicates(known.window, known.threshold), Templates(known.window), known.window)
    ledger = Ledger(settings.root, keyed, known.window)
    projector = Projector(settings.root, ledger, make_projections(settings, clock))
    projector.start()
    return projector


def make_projections(settings: Settings, clock: Clock) -> list[Projection]:
    """Return every registered projection, by name, with nothing in it yet."""
    return [registry.load("projections", name)(settings, clock) for name in registry.names("projections")]
