"""A desk at rest: posts of the cast, acts of the team, and what stands in the inbox then."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.clock import StillClock
from gehoor.core.desk import Conversation, InboxRow
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import YOU, Member
from gehoor.core.page import RawPage
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.settings import load
from gehoor.run.calls import Calls
from gehoor.run.desk_send import hear_answers
from gehoor.run.dispatch import Dispatcher
from gehoor.run.offline import AtRest
from tests.cast import NOON

__all__ = ["BRAND", "REPLIER", "Desking"]

BRAND = '[brands.noordvlucht]\nterms = ["noordvlucht"]\n'
REPLIER = '[repliers.care]\ntype = "mastodon-reply"\nserver = "{url}"\ntoken = "{token}"\nallow_private = true\n'


class Desking:
    """A workspace that is owned, not run; its clock stands until it is moved."""

    def __init__(self, root: Path, toml: str = "", url: str = "http://127.0.0.1:9", token: str = "t") -> None:
        root.mkdir(exist_ok=True)
        text = BRAND + toml + REPLIER.format(url=url, token=token)
        (root / "gehoor.toml").write_text(text, encoding="utf-8")
        self.clock = StillClock(NOON)
        self.place = AtRest(load(root), self.clock)
        self.reader = Reader(root)
        self.desk = DeskReader(self.reader, self.clock)

    def hear(self, *activities: Activity) -> None:
        """Hear posts."""
        lines = b"\n".join(map(msgspec.json.encode, activities))
        page = RawPage(source="cast", decoder="plain", payload=lines, received=NOON, options={"channel": "file"})
        asyncio.run(self.place.hear(page))
        self.place.projector.flush(everything=True)

    def do(self, act: str, said_by: str = "jan", **arguments: Any) -> Any:
        """Do an act."""
        return self.ask(act, {"said_by": said_by, **arguments})

    def ask(self, act: str, arguments: dict[str, Any]) -> Any:
        """Ask the owner for an act, as pages do."""
        return asyncio.run(Calls(self.place).handle("desk", {"act": act, "arguments": arguments}))

    def seen(self, conversation: int) -> dict[str, int]:
        """Return as of when it is seen now."""
        row = self.row(conversation)
        return {"last_seq": row.seen.last_seq, "version": row.seen.version}

    def answer(self, conversation: int, text: str = "We zoeken het uit.", said_by: str = "jan", **more: Any) -> Any:
        """Answer the last message of a conversation, as it is seen now."""
        row = self.row(conversation)
        asked = {"conversation": conversation, "to_seq": self._last_in(conversation), "text": text}
        seen = {"last_seq": row.seen.last_seq, "version": row.seen.version}
        return self.do("reply", said_by, **({"seen": seen} | asked | more))

    def _last_in(self, conversation: int) -> int:
        return max(one.seq for one in self.open(conversation).messages if one.direction == "in" and not one.was)

    def open(self, conversation: int, member: Member = YOU) -> Conversation:
        """Open a conversation."""
        found = self.desk.conversation(conversation, member)
        assert found is not None
        return found

    def row(self, conversation: int) -> InboxRow:
        """Return its line in the inbox."""
        row = self.open(conversation).row
        assert row is not None
        return row

    def inbox(self, view: str = "", member: Member = YOU) -> list[int]:
        """Return the conversations of a view."""
        return [row.id for row in self.desk.inbox(view, member).rows]

    def send(self) -> None:
        """Let what is due leave, and hear what arrived."""

        async def work() -> None:
            dispatcher = Dispatcher(self.place, self.place.settings)
            dispatcher.recover()
            for _ in range(2):
                await dispatcher.round()
                await dispatcher.finish()
            await hear_answers(self.place)

        asyncio.run(work())
        self.place.projector.flush(everything=True)

    def stored(self, sql: str) -> Sequence[tuple[Any, ...]]:
        """Return rows of `ledger.sqlite`."""
        with self.place.projector.engine.begin() as tx:
            return [tuple(row) for row in tx.exec_driver_sql(sql)]

    def close(self) -> None:
        """Let go of it."""
        self.reader.close()
        self.place.close()
