"""Tries a source without taking anything in: reads its first page, and says what would become of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from gehoor.core import registry
from gehoor.core.clock import Clock
from gehoor.core.errors import GehoorError, RejectedRecord
from gehoor.core.page import Decoded, RawPage, Reject
from gehoor.core.record import Activity
from gehoor.core.settings import Settings

__all__ = ["Trial", "try_source"]

_WAIT_S = 5.0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What the first page of a source holds.

    Attributes
    ----------
    n_read, n_rejected : int
        How many activities and rejects the page gave.
    examples : list of Activity
        The first three.
    rejects : list of Reject
        The first three.
    trouble : str, optional
        Why nothing can be read from it.
    """

    source: str
    type: str
    n_read: int = 0
    n_rejected: int = 0
    examples: list[Activity] = []
    rejects: list[Reject] = []
    trouble: str | None = None

    @property
    def is_good(self) -> bool:
        """Tell whether it may be listened to: it can be read, and most of it makes sense."""
        return self.trouble is None and self.n_rejected <= self.n_read


def try_source(settings: Settings, name: str, clock: Clock) -> Trial:
    """Read and decode the first page of a source; nothing is written, no cursor moves."""
    part = settings.sources[name]
    try:
        source = registry.load("sources", part.type)(name, part.options, clock)
        page = asyncio.run(_first(source))
        decoded = _decode(page) if page is not None else Decoded(activities=[])
    except GehoorError as error:
        return Trial(source=name, type=part.type, trouble=str(error))
    return Trial(
        source=name,
        type=part.type,
        n_read=len(decoded.activities),
        n_rejected=len(decoded.rejects),
        examples=decoded.activities[:3],
        rejects=decoded.rejects[:3],
    )


async def _first(source: Any) -> RawPage | None:
    """Return the first page; None when there is nothing yet, which a source that is followed may wait for."""
    pages: AsyncIterator[RawPage] = source.read(None)
    try:
        async with asyncio.timeout(_WAIT_S):
            async for page in pages:
                return page
    except TimeoutError:
        return None
    return None


def _decode(page: RawPage) -> Decoded:
    try:
        decoded: Decoded = registry.load("decoders", page.decoder)().decode(page)
    except RejectedRecord as error:
        reject = Reject(position=page.position, item=0, stage="decode", reason=error.reason, raw=page.payload[:200])
        return Decoded(activities=[], rejects=[reject])
    return decoded
