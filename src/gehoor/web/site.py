"""What every page stands on: the workspace's settings, its reader, the way to the owner, the clock."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from gehoor.core.clock import Clock
from gehoor.core.page import RawPage, Receipt
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.web.reasons import Reasons

__all__ = ["Owner", "Site"]


class Owner(Protocol):
    """The way to the owner process, as `run.control.Control` is it."""

    async def hear(self, page: RawPage) -> Receipt:
        """Return the receipt once the page is committed; TransientError when the owner is away."""
        ...

    async def call(self, op: str, **kwargs: object) -> Any:
        """Ask the owner for something that a person decided; TransientError when the owner is away."""
        ...


@dataclass(frozen=True)
class Site:
    """One workspace as the web process sees it."""

    settings: Settings
    reader: Reader
    owner: Owner
    clock: Clock

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the workspace's day begins."""
        return ZoneInfo(self.settings.workspace.timezone)

    @cached_property
    def reasons(self) -> Reasons:
        """Why posts were judged as they were."""
        return Reasons(self.settings)

    def brands(self) -> dict[str, str]:
        """Return the brands that are configured, each with the label that people know it by."""
        return {name: brand.label or name for name, brand in self.settings.brands.items()}
