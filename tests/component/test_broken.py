"""A projection that breaks stands still and is said; everything else goes on, and it can be made anew."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import Connection

from gehoor.core.broken import Aside, ill_parts, isolated
from gehoor.core.clock import StillClock
from gehoor.core.errors import ContractError, StoreError
from gehoor.core.forget import forget
from gehoor.core.ledger import Ledger
from gehoor.core.ledger.keyed import Keyed
from gehoor.core.projection import Projection
from gehoor.core.projector import Projector
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.run.parts import make_projections
from gehoor.sift.campaign import Templates
from gehoor.sift.duplicate import NearDuplicates
from tests.cast import FAN, LOYAL, NOON
from tests.component.keeping import Keeping

_BEFORE = LOYAL.says("Alles gaat goed", id="a")
_POISON = FAN.says("Dit verdraagt niemand", id="b", after_s=2)
_AFTER = LOYAL.says("Nog steeds", id="c", after_s=4)


class Fragile:
    """A part of somebody else: it counts rows, and bears neither a certain text nor, when it is told so, a flush."""

    name, is_in_store = "fragile", True
    breaks_at_flush = False
    is_mended = False

    def __init__(self, settings: Settings, clock: StillClock) -> None:
        self.n = 0

    def apply(self, batch: pa.RecordBatch, sign: int) -> None:
        """Count."""
        if not type(self).is_mended and _POISON.text in batch.column("text").to_pylist():
            if not type(self).breaks_at_flush:
                raise KeyError("poison")
            self.n = -1_000
        self.n += sign * batch.num_rows

    def flush(self, tx: Connection, offset: int, *, everything: bool) -> int:
        """Keep the count."""
        if self.n < 0:
            raise ValueError("less than nothing")
        tx.exec_driver_sql("INSERT OR REPLACE INTO mark VALUES ('fragile', ?)", (self.n,))
        return offset

    def load(self, tx: Connection, offset: int) -> None:
        """Take up the count."""
        row = tx.exec_driver_sql("SELECT value FROM mark WHERE name = 'fragile'").fetchone()
        self.n = row[0] if row else 0

    def clear(self, tx: Connection, first: int) -> None:
        """Begin with none."""
        self.n = 0


class Broken(Keeping):
    """A workspace with such a part among its own, second in the order."""

    def open(self) -> None:
        """Start, as an owner does."""
        whole = [*make_projections(self.settings, self.clock)]
        parts: list[Projection] = [whole[0], Fragile(self.settings, self.clock), *whole[1:]]
        known = self.settings.duplicates
        keyed = Keyed(NearDuplicates(known.window, known.threshold), Templates(known.window), known.window)
        self.projector = Projector(self.root, Ledger(self.root, keyed, known.window), parts)
        self.projector.start()


@pytest.fixture(params=["apply", "flush"])
def broken(request: pytest.FixtureRequest, workspace: Path) -> Iterator[Broken]:
    """A workspace in which the part broke on the second of three posts, while it was applied or written."""
    Fragile.breaks_at_flush, Fragile.is_mended = request.param == "flush", False
    keeping = Broken(workspace)
    for post in (_BEFORE, _POISON, _AFTER):
        keeping.hear([post])
    keeping.flush()
    yield keeping
    keeping.drop()


def _ill(keeping: Keeping) -> list[Aside]:
    reader = Reader(keeping.root)
    try:
        return ill_parts(reader)
    finally:
        reader.close()


def _counted(keeping: Keeping) -> int:
    sql = "SELECT sum(n) FROM rollup WHERE kind = 'say' AND resolution = 3600 AND brand = ''"
    return int(keeping.stored(sql)[0][0])


def _kept(keeping: Keeping) -> int:
    return int(keeping.stored("SELECT value FROM mark WHERE name = 'fragile'")[0][0])


def test_others_go_on_and_its_reason_is_said(broken: Broken) -> None:
    assert _counted(broken) == 3
    assert [(one.name, one.kind) for one in _ill(broken)] == [("fragile", "projection")]
    assert "Error" in _ill(broken)[0].why
    broken.hear([FAN.says("En door", id="d", after_s=6)])
    broken.flush()
    assert _counted(broken) == 4
    assert _kept(broken) <= 1


def test_it_stands_still_after_a_crash_too(broken: Broken) -> None:
    before = _ill(broken)
    broken.kill()
    assert _ill(broken) == before
    assert [projection.name for projection in broken.projector.projections].count("fragile") == 0
    assert _counted(broken) == 3


def test_it_is_made_anew_once_it_is_mended(broken: Broken) -> None:
    with pytest.raises(ContractError, match="fragile breaks on what is there"):
        broken.projector.rebuild("fragile")
    assert [one.name for one in _ill(broken)] == ["fragile"]
    Fragile.is_mended = True
    broken.projector.rebuild("fragile")
    broken.hear([FAN.says("En door", id="d", after_s=6)])
    broken.flush()
    assert (_ill(broken), _kept(broken), _counted(broken)) == ([], 4, 4)
    Fragile.is_mended = False
    broken.hear([FAN.says(_POISON.text or "", id="e", after_s=8)])
    broken.flush()
    assert [one.name for one in _ill(broken)] == ["fragile"]


def test_nobody_is_said_to_be_forgotten_while_a_part_may_keep_them(broken: Broken) -> None:
    def ask() -> object:
        return forget(broken.root, broken.projector, LOYAL.channel, LOYAL.actor, NOON)

    with pytest.raises(ContractError, match="fragile stands still"):
        ask()
    Fragile.is_mended = True
    broken.projector.rebuild("fragile")
    ask()
    assert broken.rows("id") == [("b",)]


def test_history_is_never_set_aside_since_rows_would_be_lost(broken: Broken) -> None:
    [history] = [projection for projection in broken.projector.projections if projection.name == "history"]
    with pytest.raises(KeyError), isolated(history):
        raise KeyError("no such part")


def test_full_disk_is_not_taken_for_a_fault_of_the_part(broken: Broken) -> None:
    with pytest.raises(StoreError), isolated(broken.projector.projections[0]):
        raise StoreError("full")
