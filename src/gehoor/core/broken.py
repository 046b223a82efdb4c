"""Parts that broke: a projection is set aside with the reason, until somebody makes it anew; all else goes on.

They stand in the table `source`, under a name that no source can have, so that every process can say it.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
import sqlalchemy as sa

from gehoor.core.errors import GehoorError
from gehoor.core.projection import Projection
from gehoor.core.reader import Reader
from gehoor.core.store import put
from gehoor.core.tables.ledger import source

__all__ = ["ASIDE", "LOOP", "Aside", "BrokeError", "asides_in", "ill_parts", "isolated", "write_asides"]

ASIDE, LOOP = "projection", "loop"
"""The types, in the table `source`, of lines that tell of a projection, and of what an owner does by itself."""

_log = logging.getLogger(__name__)


class Aside(msgspec.Struct, frozen=True):
    """A part that broke, by name, and why: a projection stands still, a loop begins anew."""

    name: str
    why: str
    kind: str = ASIDE


class BrokeError(Exception):
    """A projection raised what no contract allows; for `Projector` alone."""

    def __init__(self, projection: Projection, error: Exception) -> None:
        super().__init__(f"{projection.name}: {error!r}")
        self.aside = Aside(projection.name, f"{type(error).__name__}: {str(error)[:300]}")


@contextmanager
def isolated(projection: Projection) -> Iterator[None]:
    """Let a projection work: what it raises against its contract is told apart from a full disk.

    The history is never set aside: rows that retention drops would be lost.

    Raises
    ------
    BrokeError
        Its memory cannot be trusted any more.
    """
    try:
        yield
    except (GehoorError, sa.exc.DatabaseError, OSError, MemoryError):
        raise
    except Exception as error:
        if not projection.is_in_store:
            raise
        _log.exception("%s is set aside", projection.name)
        raise BrokeError(projection, error) from error


def asides_in(tx: sa.Connection) -> list[Aside]:
    """Return the projections that stand still."""
    found = tx.execute(sa.select(source.c.name, source.c.message).where(source.c.type == ASIDE).order_by("name"))
    return [Aside(name[1:-1], message) for name, message in found]


def ill_parts(reader: Reader) -> list[Aside]:
    """Return what broke, as another process sees it: projections first."""
    found = reader.stored(sa.select(source).where(source.c.type.in_((ASIDE, LOOP))).order_by(source.c.type.desc()))
    return [Aside(row.name[1:-1], row.message, row.type) for row in found]


def write_asides(tx: sa.Connection, asides: Sequence[Aside]) -> None:
    """Note which projections stand still: these, and no others."""
    tx.execute(sa.delete(source).where(source.c.type == ASIDE))
    for one in asides:
        put(tx, source, name=f"[{one.name}]", type=ASIDE, status="stopped", message=one.why, per_minute=0.0)
