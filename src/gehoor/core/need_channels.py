"""Which needs are spoken of on which channel, from the newest posts: their table knows no channels."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from gehoor.core.reader import Reader

__all__ = ["NeedChannel", "needs_by_channel"]

_LOOKED_AT = 200_000
_SAID = (
    "SELECT need, channel, count(*) FROM activity WHERE seq > ? AND state = 0 AND type IN ('Create', 'Update') "
    "AND direction = 'in' AND spam IS NULL AND need IS NOT NULL AND event_at >= ? AND event_at < ?{narrower} "
    "GROUP BY need, channel"
)


class NeedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """How many posts spoke of a need on a channel; shares are of all that need's posts, and of that channel's."""

    need: str
    channel: str
    n: int
    share_of_need: float
    share_of_channel: float


def needs_by_channel(reader: Reader, since: int, until: int, *, brand: str = "", intent: str = "") -> list[NeedChannel]:
    """Return how often each need was spoken of on each channel, most first; what never occurred is not among it.

    Looks at the newest 200,000 activities, 0.3 s, however long the stretch of time is.

    Parameters
    ----------
    since, until : int
        Microseconds UTC; `until` is excluded.
    brand, intent : str
        Only posts about this brand, with this wish; "" is any.
    """
    after = max(0, reader.head() - _LOOKED_AT)
    narrower, more = "", []
    if brand:
        narrower, more = " AND instr(brands, ?) > 0", [msgspec.json.encode(brand).decode()]
    if intent:
        narrower, more = f"{narrower} AND intent = ?", [*more, intent]
    counted: Counter[tuple[str, str]] = Counter()
    for segment in reader.segments():
        for need, channel, n in segment.query(_SAID.format(narrower=narrower), (after, since, until, *more)):
            counted[need, channel] += n
    return _shared(counted)


def _shared(counted: Counter[tuple[str, str]]) -> list[NeedChannel]:
    needs = _sums((need, n) for (need, _), n in counted.items())
    channels = _sums((channel, n) for (_, channel), n in counted.items())
    found = [
        NeedChannel(
            need=need, channel=channel, n=n, share_of_need=n / needs[need], share_of_channel=n / channels[channel]
        )
        for (need, channel), n in counted.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.n, one.need, one.channel))


def _sums(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for name, n in pairs:
        sums[name] += n
    return sums
