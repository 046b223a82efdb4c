"""What an export of a person holds beside what they said: what was worked out of them, and what the desk keeps."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from gehoor.core.forget_desk import TALKS
from gehoor.core.person_reader import Account
from gehoor.core.reader import Reader
from gehoor.core.record import digest
from gehoor.core.tables.audience import person_loyalty
from gehoor.core.tables.conversation import conversation_post
from gehoor.core.tables.desk import desk_note, desk_reply, desk_survey
from gehoor.core.tables.person import person_value

__all__ = ["desk_lines", "talks_of", "worked_out"]

_HIDDEN = frozenset(("token", "data", "heard_as"))


def talks_of(accounts: Sequence[Account]) -> list[int]:
    """Return as which actors talks with these accounts, by phone and at the counter, were noted."""
    return [digest(talk, f"{account.channel}:{account.actor}") for talk in TALKS for account in accounts]


def worked_out(reader: Reader, accounts: Sequence[Account]) -> Iterator[dict[str, Any]]:
    """Yield what was worked out of a person as of the last count: `value` and `loyalty`."""
    persons = {account.person for account in accounts}
    for what, table in (("value", person_value), ("loyalty", person_loyalty)):
        yield from _lines(reader, what, sa.select(table).where(table.c.person.in_(persons)))


def desk_lines(reader: Reader, actors: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield what the team wrote beside the conversations of some actors: `note`, `reply` (drafts too), `survey`.

    Conversations in which others speak as well are theirs too: what stands beside it may be about either.
    """
    table = conversation_post
    theirs = sa.select(table.c.conversation).where(table.c.actor_key.in_(actors))
    names = [row.seq for row in reader.stored(sa.select(table.c.seq).where(table.c.conversation.in_(theirs)))]
    for what, kept in (("note", desk_note), ("reply", desk_reply), ("survey", desk_survey)):
        for start in range(0, len(names), 500):
            mine = kept.c.conversation.in_(names[start : start + 500])
            yield from _lines(reader, what, sa.select(kept).where(mine))


def _lines(reader: Reader, what: str, statement: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    for row in reader.stored(statement):
        yield {"what": what} | {key: value for key, value in row._mapping.items() if key not in _HIDDEN}
