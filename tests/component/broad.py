"""A workspace with one source that hears everybody and keeps what concerns a brand, and one that keeps all."""

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.clock import StillClock
from gehoor.core.page import RawPage, Receipt
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.record import Activity
from gehoor.core.settings import load, parse
from gehoor.run.calls import Calls
from gehoor.run.offline import AtRest
from gehoor.run.stages import RowStages
from tests.cast import NOON

__all__ = ["BROAD", "Broad"]

BROAD = "everything"
_SOURCES = (
    '[sources.everything]\ntype = "file"\npath = "a"\nkeep = "brands"\n[sources.ours]\ntype = "file"\npath = "b"\n'
)
_encode = msgspec.json.Encoder().encode


@cache
def _stages(toml: str) -> RowStages:
    return RowStages(parse(toml, Path()))


class Broad:
    """The owner's work, done at once; seen through a reader as any other process does."""

    def __init__(self, root: Path, *terms: str) -> None:
        root.mkdir(exist_ok=True)
        self.root, self.clock = root, StillClock(NOON)
        self.ask_for(*terms or ("noordvlucht",), is_open=False)

    def ask_for(self, *terms: str, is_open: bool = True) -> None:
        """Stop, put other terms in the settings, and start again."""
        if is_open:
            self.place.close()
        toml = f"[brands.noordvlucht]\nterms = {list(terms)}\n{_SOURCES}"
        (self.root / "gehoor.toml").write_text(toml, encoding="utf-8")
        self._open()

    def _open(self) -> None:
        self.place = AtRest(load(self.root), self.clock)
        # word lists are read once for all workspaces with the same terms
        self.place._stages = _stages((self.root / "gehoor.toml").read_text(encoding="utf-8"))

    def kill(self) -> None:
        """End without writing anything more, and start again."""
        self.place.projector.engine.dispose()
        self.place.projector.ledger.close()
        self.place._lock.release()
        self._open()

    def hear(self, *activities: Activity, source: str = BROAD, **how: Any) -> Receipt:
        """Take in one page."""
        lines = b"\n".join(map(_encode, activities))
        received = max(activity.received for activity in activities)
        options = {"channel": "file"}
        page = RawPage(source=source, decoder="plain", payload=lines, received=received, options=options, **how)
        return asyncio.run(self.place.hear(page))

    def ask(self, op: str, **arguments: Any) -> Any:
        """Ask the owner for something."""
        return asyncio.run(Calls(self.place).handle(op, arguments))

    def read(self, question: str, *arguments: Any, **named: Any) -> Any:
        """Ask a reader of another process."""
        self.ask("flush")
        reader = Reader(self.root)
        try:
            answer = getattr(reader, question)(*arguments, **named)
            return answer if isinstance(answer, (list, dict, int)) else list(answer)
        finally:
            reader.close()

    def kept(self, **wanted: Any) -> list[str]:
        """Return the ids of the posts that stand, oldest first."""
        return [post.id for post in self.read("posts", PostFilter(**wanted), 10_000)][::-1]

    def dropped(self) -> dict[str, str | None]:
        """Return id and text of what was dropped."""
        return {post.id: post.text for post in self.read("dropped", None, 10_000)}
