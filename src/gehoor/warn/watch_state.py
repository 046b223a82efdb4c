"""What `Watch` keeps between two runs, and whether it still holds."""

import msgspec
import numpy as np

from gehoor.core.settings import Settings
from gehoor.warn.base import Floats
from gehoor.warn.burst_state import Burst

__all__ = ["WatchState", "parts_of"]

_VERSION = 2
_DAY_S = 86_400


class _Version(msgspec.Struct):
    version: int = 1


class WatchState(msgspec.Struct, kw_only=True):
    """All that is kept of a watch.

    Attributes
    ----------
    judge, buckets : bytes
        What they say of themselves.
    kept : list
        The newest buckets: when each began (seconds), and its counts by brand and measure.
    bursts : dict
        Those that last, by brand.
    beside : dict
        Other matters that came up while they last, by brand.
    rest : dict
        How strong the last burst of a brand still is.
    since : int
        From when on it has been listening without its first day being begun anew, seconds.
    parts : list of str
        Who was listened to, and for whom.
    """

    judge: bytes
    buckets: bytes
    kept: list[tuple[int, list[list[float]]]]
    bursts: dict[str, Burst]
    rest: dict[str, float]
    version: int = _VERSION
    since: int = 0
    parts: list[str] = []
    beside: dict[str, list[Burst]] = {}

    @classmethod
    def of(cls, data: bytes) -> "WatchState | None":
        """Return what was kept; None where another version of gehoor kept it."""
        if msgspec.msgpack.decode(data, type=_Version).version != _VERSION:
            return None
        return msgspec.msgpack.decode(data, type=cls)

    def counts(self) -> list[tuple[int, Floats]]:
        """Return the newest buckets as they are reckoned with."""
        return [(at, np.array(counts, np.float64)) for at, counts in self.kept]

    def holds(self, settings: Settings, now: int) -> bool:
        """Tell whether what is usual may still be that: not where a first day goes on with other sources or brands.

        After the first day there is a past to lean on, and a new source is a burst like another.
        """
        is_grown = not self.parts or (self.since > 0 and now - self.since >= _DAY_S)
        return is_grown or self.parts == parts_of(settings)


def parts_of(settings: Settings) -> list[str]:
    """Return the names of all that says something, and of the brands about which.

    Examples
    --------
    >>> parts_of(Settings())
    []
    """
    heard = (("source", settings.sources), ("receiver", settings.receivers), ("brand", settings.brands))
    return sorted(f"{kind} {name}" for kind, parts in heard for name in parts)
