"""An owner within the test's own process: what a page asks is really done, in the workspace that a `Hearing` hears."""

from collections.abc import Callable
from typing import Any

from gehoor.core.clock import StillClock
from gehoor.core.page import RawPage, Receipt
from gehoor.run.calls import Calls
from tests.cast import NOON
from tests.component.hearing import Hearing
from tests.component.keeping import Keeping

__all__ = ["Deciding"]


class Deciding:
    """Answers calls as the owner does, at once."""

    def __init__(self, hearing: Hearing | Keeping) -> None:
        self._hearing = hearing
        self.root, self.projector, self.clock = hearing.root, hearing.projector, StillClock(NOON)
        self.restarted: list[str] = []

    async def call(self, op: str, **arguments: Any) -> Any:
        """Do what is asked, and write what that means to the counts."""
        value = await Calls(self).handle(op, arguments)  # type: ignore[arg-type]  # it is the part of one that is asked here
        self.projector.flush(everything=True)
        return value

    async def hear(self, page: RawPage) -> Receipt:
        """Take in a page at once."""
        return self._hearing.hear_page(page)

    async def on_writer(self, action: Callable[[], Any]) -> Any:
        """Run something: nobody else writes."""
        return action()

    async def restart_source(self, name: str) -> None:
        """Note that a source was asked to begin again."""
        self.restarted.append(name)

    def renew_stages(self) -> None:
        """Leave the row stages as they are: what was heard is heard."""
