"""What a call needs of whoever owns the workspace: the running owner, or the command line for one moment."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from gehoor.core.clock import Clock
from gehoor.core.page import RawPage, Receipt
from gehoor.core.projector import Projector
from gehoor.core.settings import Settings

__all__ = ["Workplace"]


class Workplace(Protocol):
    """An owned workspace; `run.owner.Owner` and `run.offline.AtRest` are."""

    root: Path
    clock: Clock
    projector: Projector

    def on_writer(self, action: Callable[[], Any]) -> Awaitable[Any]:
        """Run something between two commits."""
        ...

    async def hear(self, page: RawPage) -> Receipt:
        """Take in a page; return when it is committed and on disk."""
        ...

    async def take_over(self, settings: Settings) -> None:
        """Go on with changed settings."""
        ...

    async def restart_source(self, name: str) -> None:
        """Read a source anew from its cursor."""
        ...

    def renew_stages(self) -> None:
        """Let the row stages read settings and heads anew; from any thread."""
        ...

    def status(self) -> dict[str, Any]:
        """Return what a script may want to know."""
        ...

    def stop(self) -> None:
        """Stop in order."""
        ...
