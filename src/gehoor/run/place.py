"""What those who send need of the owner."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from gehoor.core.clock import Clock
from gehoor.core.projector import Projector

__all__ = ["Place"]


class Place(Protocol):
    """The owner, or a workspace at rest."""

    clock: Clock
    projector: Projector

    def on_writer(self, action: Callable[[], Any]) -> Awaitable[Any]:
        """Run something between two commits."""
        ...
