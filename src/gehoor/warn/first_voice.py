"""The first voice of a storm: who said the thing that others took up, often minutes before there was a burst."""

from typing import NamedTuple

import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.reader import Reader
from gehoor.core.tables.spread import cascade, cascade_post

__all__ = ["Voice", "first_voice"]

_HOUR_US = 3_600 * SECOND_US
_SOON_US = 15 * 60 * SECOND_US
_LEAST, _MOST = 5, 40


class Voice(NamedTuple):
    """A post that others took up: its offset, when it was said (microseconds UTC), and how many followed it early."""

    seq: int
    at: int
    n: int


def first_voice(reader: Reader, brand: str, began_at: int, detected_at: int) -> Voice | None:
    """Return the earliest post from which a cascade grew that was there when the alarm went (microseconds UTC).

    A cascade that began in the hour before the burst and had five posts within a quarter of an hour after the alarm,
    the first of them about the brand. It does not change once that quarter has passed. None where nothing spread: what
    came from outside has no first voice. Cost: 2 ms.
    """
    until = detected_at + _SOON_US
    n = sa.func.count().label("n")
    early = sa.select(cascade_post.c.cascade, n).where(cascade_post.c.at < until).group_by(cascade_post.c.cascade)
    began = (cascade.c.began >= began_at - _HOUR_US, cascade.c.began <= detected_at, cascade.c.n >= _LEAST)
    young = sa.select(cascade.c.id).where(*began).order_by(cascade.c.n.desc()).limit(_MOST)
    rows = reader.stored(early.where(cascade_post.c.cascade.in_(young)).having(n >= _LEAST))
    sizes = {row.cascade: row.n for row in rows}
    said = [row for segment in reader.segments() for row in segment.select(_COLUMNS, sorted(sizes))] if sizes else []
    about = f'"{brand}"'
    heard = [Voice(seq, at, sizes[seq]) for seq, state, at, brands in said if not state and about in (brands or about)]
    return min(heard, key=lambda one: (one.at, one.seq), default=None)


_COLUMNS = "seq, state, event_at, brands"
