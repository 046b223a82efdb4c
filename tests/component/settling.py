"""An owner within the test's own process that takes changed settings over, as the running one does."""

from typing import Any

from gehoor.core.settings import Settings
from tests.component.deciding import Deciding

__all__ = ["Settling"]


class Settling(Deciding):
    """Answers calls as the owner does, at once; `taken_over` are the settings that it was last given."""

    taken_over: Settings | None = None

    def status(self) -> dict[str, Any]:
        """Return that it is there."""
        return {"offset": self.projector.ledger.last_seq}

    async def take_over(self, settings: Settings) -> None:
        """Note what it should go on with."""
        self.taken_over = settings
