"""The desk of the demo: its team of three, and what they left; what was asked before the ash cloud is done."""

from typing import Any

import sqlalchemy as sa

from gehoor.core.tables.conversation import conversation
from gehoor.core.tables.team import member
from gehoor.run.demo import TEAM
from gehoor.run.desk import act_on_desk
from gehoor.run.workplace import Workplace

__all__ = ["clear_desk", "man_desk"]

_AT_ONCE = 500
_WHO = "demo"
_CAPACITY = 40
_CANNED = (
    ("vlucht", "nl", "booking", "Dag {name}, wat vervelend. Omboeken is gratis, je geld terug kan ook: zeg het."),
    ("vlucht", "en", "booking", "Hello {name}, we are sorry. Rebook for free, or have your money back: tell us."),
    ("geld terug", "nl", "refund", "Dag {name}, je hebt je geld binnen zeven dagen terug op je rekening."),
    ("geld terug", "en", "refund", "Hello {name}, your money is back within seven days, on the account you paid from."),
    ("hotel", "nl", "", "Dag {name}, moet je overnachten, dan betalen wij hotel en eten. Bewaar de bonnetjes."),
    ("hotel", "en", "", "Hello {name}, if you have to stay the night, we pay hotel and meals. Keep the receipts."),
)
"""Name, language, need and words."""


async def clear_desk(owner: Workplace, before: int) -> int:
    """Resolve all conversations in which nothing was said since a moment (microseconds UTC); return how many."""
    table = conversation.c

    def waiting() -> list[int]:
        owner.projector.flush()
        mine = sa.select(table.id).where(table.last_in_at < before, table.last_in_seq > table.closed_seq)
        with owner.projector.engine.connect() as connection:
            return list(connection.execute(mine).scalars())

    found = await owner.on_writer(waiting)
    for first in range(0, len(found), _AT_ONCE):
        ids = found[first : first + _AT_ONCE]
        asked = {"said_by": _WHO, "conversations": ids, "act": "status", "arguments": {"status": "resolved"}}
        await act_on_desk(owner, "bulk", asked)
    return len(found)


async def man_desk(owner: Workplace) -> None:
    """Let a team of three work here, who cannot log in, with some canned replies; once."""

    def join() -> None:
        now = owner.clock.now()
        with owner.projector.engine.begin() as tx:
            if tx.execute(sa.select(member.c.id).limit(1)).first() is None:
                tx.execute(sa.insert(member), [_member(number, who, now) for number, (who, _) in enumerate(TEAM)])

    await owner.on_writer(join)
    for name, language, need, text in _CANNED:
        asked = {"said_by": _WHO, "name": name, "language": language, "need": need, "text": text}
        await act_on_desk(owner, "snippet", asked)


def _member(number: int, name: str, now: int) -> dict[str, Any]:
    return {
        "id": f"{number + 1:012x}", "name": name, "mail": f"demo-{number}@noordvlucht.example", "roles": "|agent|",
        "team": None, "languages": "", "skills": "", "capacity": _CAPACITY, "since": now, "is_active": True,
        "password": None, "link": None, "link_until": 0, "totp_step": 0, "recovery": "", "session_epoch": 0,
    }  # fmt: skip
