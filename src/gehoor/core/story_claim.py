"""What people say of what is claimed in a story: true, not true, nobody knows, and a note."""

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from gehoor.core.errors import SettingError
from gehoor.core.reader import Reader
from gehoor.core.store import put
from gehoor.core.tables.story import claim as table

__all__ = ["VERDICTS", "ClaimNote", "claim_notes", "say_claim"]

VERDICTS = ("yes", "no", "unknown", "")
"""It is true, it is not, nobody knows yet; or nothing but a note."""

_LONGEST = 280


class ClaimNote(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said of the claim of a topic; `at` is microseconds UTC."""

    topic: int
    verdict: str
    note: str
    at: int


def claim_notes(reader: Reader, topics: Collection[int]) -> dict[int, ClaimNote]:
    """Return what was said of the claims of some topics; those of which nothing was said are out."""
    rows = reader.stored(sa.select(table).where(table.c.topic.in_(list(topics)))) if topics else []
    return {row.topic: ClaimNote(topic=row.topic, verdict=row.verdict, note=row.note, at=row.at) for row in rows}


def say_claim(tx: sa.Connection, topic: int, verdict: str, note: str, at: int) -> bool:
    """Note what somebody says of a claim; neither verdict nor note takes it back.

    Raises
    ------
    SettingError
        There is no such verdict.
    """
    if verdict not in VERDICTS:
        raise SettingError(f"A claim is yes, no or unknown, not {verdict[:40]!r}.")
    words = " ".join(note.split())[:_LONGEST]
    if not verdict and not words:
        return tx.execute(sa.delete(table).where(table.c.topic == topic)).rowcount == 1
    put(tx, table, topic=topic, verdict=verdict, note=words, at=at)
    return True
