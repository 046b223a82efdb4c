"""One act at the desk while it is done: what is known of its conversation, and how it is written with its line."""

from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.desk import Seen
from gehoor.core.errors import SettingError
from gehoor.core.store import put
from gehoor.core.tables.conversation import conversation, conversation_post
from gehoor.core.tables.desk import desk_conversation, desk_event
from gehoor.run.workplace import Workplace

__all__ = ["Acting", "Ask"]

Undo = dict[str, Any]
"""What an act says: what stood there before, as the same act takes it, and the version now."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked of the desk; which of it counts depends on the act.

    Attributes
    ----------
    said_by : str
        The member who decides.
    conversation : int
        Under any name that it has or had.
    version : int, optional
        The version of the conversation that was seen: the act is refused where it has another now.
    is_elsewhere : bool
        A mail goes to the address that the message asked for in Reply-To, instead of to who wrote it.
    once : str
        What a program calls its answer: under one name it is written once.
    """

    said_by: str
    conversation: int = 0
    version: int | None = None
    conversations: tuple[int, ...] = ()
    act: str = ""
    arguments: dict[str, Any] = {}
    status: str = ""
    until: int | None = None
    assignee: str | None = None
    team: str | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    priority: int = 0
    need: str = ""
    text: str = ""
    mentions: tuple[str, ...] = ()
    other: int = 0
    to_seq: int = 0
    seen: Seen | None = None
    language: str | None = None
    drafted_from: tuple[str, ...] = ()
    is_elsewhere: bool = False
    key: str = ""
    once: str = ""
    arrived: bool | None = None
    channel: str = ""
    drop: int | None = None
    name: str = ""
    query: str = ""
    is_everybodys: bool = False
    acts: str = "{}"
    id: int | None = None


class Acting:
    """What an act needs, in its one transaction on the writer's thread.

    Parameters
    ----------
    owner : Workplace
        Whose ledger and settings count.
    tx : sqlalchemy.Connection
        All of the act is in it.
    ask : Ask
        What is asked.
    """

    def __init__(self, owner: Workplace, tx: sa.Connection, ask: Ask) -> None:
        self.owner, self.tx, self.ask = owner, tx, ask
        self.now = owner.clock.now()
        self.seq = owner.projector.ledger.last_seq

    def home(self, id_: int | None = None) -> int:
        """Return how a conversation is called now.

        Raises
        ------
        SettingError
            There is none of that name.
        """
        name = self.ask.conversation if id_ is None else id_
        table = conversation_post
        found = self.tx.execute(sa.select(table.c.conversation).where(table.c.seq == name)).scalar()
        if found is None:
            raise SettingError(f"There is no conversation {name}. It may have been forgotten by law.")
        return int(found)

    def state(self, home: int) -> dict[str, Any]:
        """Return what people decided of a conversation until now."""
        table = desk_conversation
        row = self.tx.execute(sa.select(table).where(table.c.conversation == home)).mappings().first()
        fresh = {"version": 0, "status": "open", "status_at": self.now, "status_seq": 0, "snoozed_until": None,
                 "assignee": None, "team": None, "labels": "", "need": None, "priority": 0}  # fmt: skip
        return dict(row) if row is not None else {"conversation": home, **fresh}

    def heard(self, home: int) -> Any:
        """Return the row of a conversation; None where nothing is left of it."""
        return self.tx.execute(sa.select(conversation).where(conversation.c.id == home)).first()

    def write(self, home: int, act: str, detail: dict[str, Any], **values: Any) -> int:
        """Write what was decided, with the line that says so; return the version now."""
        state = self.state(home) | values
        version = int(state["version"]) + 1
        put(self.tx, desk_conversation, **{**state, "version": version})
        if "status" in values:
            closed = self.seq if values["status"] == "resolved" else 0
            self.tx.execute(sa.update(conversation).where(conversation.c.id == home).values(closed_seq=closed))
        self.note(home, act, detail)
        return version

    def note(self, home: int, act: str, detail: dict[str, Any]) -> None:
        """Add a line to what was done."""
        line = {"at": self.now, "said_by": self.ask.said_by, "conversation": home, "act": act}
        self.tx.execute(sa.insert(desk_event).values(**line, detail=msgspec.json.encode(detail).decode()))

    def refusal(self, home: int) -> Undo | None:
        """Return why an act on what was seen is refused; None where nothing changed since."""
        version = self.state(home)["version"]
        if self.ask.version is None or self.ask.version == version:
            return None
        return self.changed(home, -1)

    def changed(self, home: int, last_seq: int) -> Undo:
        """Return what changed since somebody saw a conversation: messages, and who did something last."""
        table = conversation_post
        newer = sa.select(table.c.seq).where(table.c.conversation == home, table.c.seq > last_seq, table.c.was == "")
        last = sa.select(desk_event.c.said_by, desk_event.c.act).where(desk_event.c.conversation == home)
        done = self.tx.execute(last.order_by(desk_event.c.id.desc()).limit(1)).first()
        row = self.heard(home)
        return {
            "refused": "conversation_changed",
            "new": [one.seq for one in self.tx.execute(newer.order_by(table.c.seq))] if last_seq >= 0 else [],
            "last_act": None if done is None else {"said_by": done.said_by, "act": done.act},
            "seen": {"last_seq": row.last_seq if row else 0, "version": self.state(home)["version"]},
        }
