"""Follows what else goes on while a burst lasts: at most three matters of a brand, each with an alert of its own."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from gehoor.core.clock import SECOND_US
from gehoor.core.post import Post, PostFilter
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.warn.aside import aside_of
from gehoor.warn.burst_state import Burst
from gehoor.warn.counting import STEP_S, Closed, key_of

__all__ = ["Beside"]

_WINDOWS_S = (120, 480)
_MOST, _YOUNG_S, _BEFORE_S = 3, 120, 600
_READ, _READ_BEFORE = 2_000, 1_000


class Beside:
    """Bursts of another matter, by brand, oldest first.

    Parameters
    ----------
    reader : Reader
        Of the workspace.
    settings : Settings
        What brands are called.
    """

    def __init__(self, reader: Reader, settings: Settings) -> None:
        self.bursts: dict[str, list[Burst]] = {}
        self._reader, self._settings = reader, settings

    def begin(self, burst: Burst, now: int, threshold: float) -> Burst | None:
        """Return what began beside a burst just now; None where nothing did. Cost: 80 ms at 2,000 posts."""
        mine, found = self.bursts.get(burst.brand, []), None
        if len(mine) >= _MOST or burst.measure == "silence" or burst.need is not None:
            return None
        own = self._own(burst.brand) | {one.word for one in mine if one.word}
        young = max([burst.began_at, *(one.detected_at for one in mine)]) + _YOUNG_S
        if now - _WINDOWS_S[0] >= young:
            self._read(burst.brand, burst.began_at, now, _READ)  # its end is most often part of that: read once
        for window_s in _WINDOWS_S:
            edge = now - window_s
            if found is None and edge >= young:  # what one began with is no other matter
                recent = self._read(burst.brand, edge, now, _READ)
                before = self._read(burst.brand, burst.began_at - _BEFORE_S, edge, _READ_BEFORE)
                found = aside_of(before, recent, own, burst.normal_per_minute, threshold)
        if found is None:
            return None
        other = Burst(
            brand=burst.brand, measure="posts", began_at=found.began_at // STEP_S * STEP_S, detected_at=now,
            score=found.score, beside=burst.id, word=found.word, bucket=found.bucket, usual=found.normal,
        )  # fmt: skip
        said = [post for post in recent if post.event_at >= other.began_at * SECOND_US and _says(post, found.word)]
        for at in range(other.began_at, now, STEP_S):
            here = [post for post in said if at <= post.event_at // SECOND_US < at + STEP_S]
            other.add(len(here), sum(post.sentiment == "negative" for post in here), found.normal)
        self.bursts[burst.brand] = [*mine, other]
        return other

    def add(self, brand: str, code: int, one: Closed) -> tuple[float, float]:
        """Take a bucket into each of a brand's; return how many posts theirs were, and negative ones among them."""
        total = negative = 0.0
        for burst in self.bursts.get(brand, ()):
            n = float(one.n_terms[one.terms == key_of(code, burst.bucket)].sum())
            n_negative = n * burst.n_negative / max(burst.n, 1.0)
            burst.add(n, n_negative, burst.usual)
            total, negative = total + n, negative + n_negative
        return total, negative

    def pop_over(self, brand: str) -> Iterator[Burst]:
        """Yield those that are over, and follow them no more."""
        for burst in [one for one in self.bursts.get(brand, ()) if one.is_over]:
            self.drop(burst)
            yield burst

    def take(self, brand: str) -> Burst | None:
        """Return a brand's oldest, and follow it here no more."""
        mine = self.bursts.get(brand)
        if mine:
            self.drop(mine[0])
        return mine[0] if mine else None

    def drop(self, burst: Burst) -> None:
        """Follow it no more."""
        left = [one for one in self.bursts.pop(burst.brand) if one.id != burst.id]
        if left:
            self.bursts[burst.brand] = left

    def _read(self, brand: str, since: int, until: int, most: int) -> list[Post]:
        wanted = PostFilter(kind="say", brand=brand or None, since=since * SECOND_US, until=until * SECOND_US)
        return sorted(self._reader.posts(wanted, most), key=lambda post: (post.event_at, post.seq))

    def _own(self, brand: str) -> set[str]:
        part = self._settings.brands.get(brand)
        called: Sequence[str] = () if part is None else (brand, *part.terms, part.label or "")
        texts = TextBatch.of(pa.array(list(called), pa.string()))
        return {word for place in range(len(called)) for word in texts.words_of(place)}


def _says(post: Post, word: str) -> bool:
    return word in (post.text or "").casefold()
