"""A workspace that hears within the test's own process: the real row stages, ledger and projections, no sockets."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import StillClock
from gehoor.core.page import RawPage, Receipt
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.settings import load
from gehoor.core.tables import ledger as tables
from gehoor.run.parts import open_ledger
from gehoor.run.stages import RowStages
from gehoor.web.site import Site
from tests.cast import NOON
from tests.component.demo_day import demo_day, plain_lines

__all__ = ["BRANDS", "DEMO_NOON", "Hearing"]

BRANDS = '[brands.noordvlucht]\nterms = ["noordvlucht"]\nlabel = "Noordvlucht"\n'
DEMO_NOON = NOON

_encode = msgspec.json.Encoder().encode


class Hearing:
    """Stands in for nothing: it is the owner's work, done at once and in this process."""

    def __init__(self, root: Path, toml: str = BRANDS) -> None:
        root.mkdir(exist_ok=True)
        (root / "gehoor.toml").write_text(toml, encoding="utf-8")
        self.root = root
        self.settings = load(root)
        self._stages = RowStages(self.settings)
        self.projector = open_ledger(self.settings, StillClock(NOON))
        self.ledger = self.projector.ledger

    def hear_page(self, page: RawPage) -> Receipt:
        """Take one page through everything."""
        commit = self.ledger.commit(self._stages.run([page]))
        self.projector.take(commit)
        self.projector.flush(everything=True)
        return commit.receipts[0]

    def hear(self, activities: Iterable[Activity], received: int = NOON, source: str = "cast") -> Receipt:
        """Hear what the cast says and does."""
        lines = b"\n".join(_encode(activity) for activity in activities)
        page = RawPage(source=source, decoder="plain", payload=lines, received=received, options={"channel": "file"})
        return self.hear_page(page)

    def hear_demo(self) -> None:
        """Hear a day of the demo up to noon."""
        lines = plain_lines([activity for activity in demo_day() if activity.received < NOON])
        self.hear_page(RawPage(source="day", decoder="plain", payload=lines, received=NOON))

    def note_source(self, name: str, type_: str, status: str, per_minute: float, message: str | None = None) -> None:
        """Write down how a source is doing."""
        row = {"name": name, "type": type_, "status": status, "message": message, "per_minute": per_minute}
        with self.projector.engine.begin() as tx:
            tx.execute(sa.insert(tables.source).prefix_with("OR REPLACE").values(**row))

    def site(self, owner: object, clock: object) -> Site:
        """Return the workspace as the web process sees it."""
        return Site(load(self.root), Reader(self.root), owner, clock)  # type: ignore[arg-type]

    def close(self) -> None:
        """Close the files."""
        self.projector.close()
