"""Ends the web process in order when its receivers changed: whoever keeps it starts it anew, with the right doors."""

import asyncio
from collections.abc import Callable

from gehoor.web.site import Site

__all__ = ["Renewal"]

_LOOK_S = 0.5
_LEAVE_S = 1.5
"""So long a page that says what happens has to fetch what it needs."""


class Renewal:
    """Watches the receivers of a site.

    Parameters
    ----------
    leave : callable, optional
        Called once they changed; None: nobody would start us anew, so we stay.
    """

    def __init__(self, site: Site, leave: Callable[[], None] | None) -> None:
        self._site, self._leave = site, leave
        self._first = site.settings.receivers
        self._watch: asyncio.Task[None] | None = None

    @property
    def is_due(self) -> bool:
        """Whether the receivers are others than those that we listen for."""
        return self._leave is not None and self._site.settings.receivers != self._first

    async def start(self) -> None:
        """Begin to watch."""
        self._watch = asyncio.create_task(self._follow(), name="renewal")

    async def stop(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])

    async def _follow(self) -> None:
        while not self.is_due:
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(_LEAVE_S)
        if self._leave is not None:
            self._leave()
