"""A workspace at rest that answers: replies put in its outbox, and a dispatcher that is run by hand."""

import asyncio
from pathlib import Path

import msgspec

from gehoor.core.clock import StillClock
from gehoor.core.outbox import Entry, emit, entries
from gehoor.core.reply import Reply, reply_channel
from gehoor.core.settings import load
from gehoor.run.dispatch import Dispatcher
from gehoor.run.offline import AtRest
from tests.cast import NOON

__all__ = ["Answering", "answer_to"]


def answer_to(message: str, text: str = "Dag An, we zoeken het voor je uit.", **more: object) -> Reply:
    """Return an answer to a message."""
    fields: dict[str, object] = {"conversation": 1, "channel": "mastodon", "at": NOON, "said_by": "sam"}
    return msgspec.convert(fields | {"to": message, "text": text} | more, Reply)


class Answering:
    """A workspace with repliers, and what leaves it."""

    def __init__(self, root: Path, toml: str) -> None:
        root.mkdir(exist_ok=True)
        (root / "gehoor.toml").write_text(toml, encoding="utf-8")
        self.clock = StillClock(NOON)
        self.place = AtRest(load(root), self.clock)
        self.dispatcher = Dispatcher(self.place, self.place.settings)

    def emit(self, key: str, reply: Reply, replier: str = "care") -> None:
        """Put an answer in the outbox."""
        with self.place.projector.engine.begin() as tx:
            emit(tx, key, reply_channel(replier), msgspec.json.encode(reply))

    def crash(self, key: str, state: str = "sending") -> None:
        """Stand where a crash leaves us between sending and noting, and start anew."""
        with self.place.projector.engine.begin() as tx:
            tx.exec_driver_sql("UPDATE outbox SET state = ? WHERE key = ?", (state, key))
        self.dispatcher = Dispatcher(self.place, self.place.settings)
        self.dispatcher.recover()

    def send(self, rounds: int = 1) -> dict[str, Entry]:
        """Send and look up what is due, and return what is in the outbox."""

        async def work() -> None:
            for _ in range(rounds):
                await self.dispatcher.round()
                await self.dispatcher.finish()

        asyncio.run(work())
        with self.place.projector.engine.begin() as tx:
            return {entry.key: entry for entry in entries(tx)}
