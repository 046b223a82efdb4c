"""What every page stands on: the workspace's settings, its reader, the way to the owner, the clock."""

from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage, Receipt
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings, load
from gehoor.core.settings_text import FILE_NAME
from gehoor.core.team import TeamReader
from gehoor.run.desk_overdue import Overdue
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


class _Known(NamedTuple):
    """What was last read from the file; replaced as a whole, since pages are made in several threads."""

    stamp: tuple[int, int] | None
    heads: int
    settings: Settings
    reasons: Reasons
    trouble: str | None


class Site:
    """One workspace as the web process sees it.

    Its settings follow the file: a page that begins after a change shows it. Cost: 2 us a look.

    Parameters
    ----------
    settings : Settings
        As they are at the start.
    """

    def __init__(self, settings: Settings, reader: Reader, owner: Owner, clock: Clock) -> None:
        self.root, self.reader, self.owner, self.clock = settings.root, reader, owner, clock
        self.team, self.overdue = TeamReader(reader), Overdue(reader)
        self._path = settings.root / FILE_NAME
        self._known = _Known(_stamp(self._path), self._heads(), settings, Reasons(settings), None)

    def _now(self) -> _Known:
        known, stamp, heads = self._known, _stamp(self._path), self._heads()
        if heads != known.heads:  # another head judges: it has other reasons
            self._known = known = known._replace(heads=heads, reasons=Reasons(known.settings))
        if stamp == known.stamp:
            return known
        try:
            settings = load(self.root)
            is_same = settings == known.settings
            self._known = _Known(stamp, heads, settings, known.reasons if is_same else Reasons(settings), None)
        except SettingError as error:  # somebody is editing: what we know still holds, as it does for the owner
            self._known = known._replace(stamp=stamp, trouble=str(error))
        return self._known

    def _heads(self) -> int:
        """Return when a head was last promoted here."""
        try:
            return (self.root / "models").stat().st_mtime_ns
        except OSError:
            return 0

    @property
    def settings(self) -> Settings:
        """The settings, as the file last said them rightly."""
        return self._now().settings

    @property
    def trouble(self) -> str | None:
        """What is wrong with the file now; None where it is right."""
        return self._now().trouble

    @property
    def zone(self) -> ZoneInfo:
        """Where the workspace's day begins."""
        return ZoneInfo(self.settings.workspace.timezone)

    @property
    def reasons(self) -> Reasons:
        """Why posts were judged as they were."""
        return self._now().reasons

    def brands(self) -> dict[str, str]:
        """Return the brands that are configured, each with the label that people know it by."""
        return {name: brand.label or name for name, brand in self.settings.brands.items()}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # being replaced, or gone: what we know still holds
        return None
    return found.st_mtime_ns, found.st_size
