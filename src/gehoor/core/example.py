"""What a person said of a post: it counts for that post at once, teaches the heads, and measures them.

An example lives as long as its post stands: an edit, a deletion and an erasure by law reach it. Retention does not: it
is what the heads are fitted on.
"""

from collections.abc import Iterable
from typing import Any, Literal, Self

import msgspec
import sqlalchemy as sa

from gehoor.core.judgement import SPAM
from gehoor.core.store import put
from gehoor.core.tables.ledger import example as table

__all__ = [
    "SOMEBODY",
    "Example",
    "Origin",
    "drop_examples",
    "examples_of",
    "forget_examples",
    "judged_apart",
    "take_example",
    "write_example",
]  # fmt: skip

SOMEBODY = "you"
"""Who says it, as long as there are no accounts."""

Origin = Literal["correction", "uncertain", "random"]
"""How a post came before a person: they met it, the head was unsure of it, or chance drew it."""

_MANY = 500


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement of one post by a person.

    Attributes
    ----------
    seq, task : int, str
        The post, and the judged column.
    value : str, optional
        What the person said ("": nothing of the kind, where that is an answer); None: the post was shown and skipped.
    before, before_p : str, float, optional
        What stood there, and how probable it was held to be; None where nothing did.
    model : str
        Name and version of the head that judged: `intent/3`; 0 is the one that comes with gehoor.
    origin : str
        Of chance (`random`) only can be said how often a head is right: those are never trained on.
    """

    seq: int
    task: str
    value: str | None
    before: str | None
    before_p: float | None
    model: str
    origin: Origin
    said_by: str = SOMEBODY
    at: int
    actor_key: int | None
    language: str | None
    channel: str
    text: str | None

    @classmethod
    def of(cls, row: sa.Row[Any]) -> Self:
        """Return the example of a row of the table."""
        return cls(**row._mapping)

    @property
    def is_right(self) -> bool:
        """Whether the head had said the same; any reason is spam."""
        return self.words[0] == self.words[1]

    @property
    def words(self) -> tuple[str, str]:
        """What the person said and what the head had said, in the words of `core.judgement`."""
        value, before = self.value or "", self.before or ""
        return value, SPAM if self.task == "spam" and before else before


def write_example(tx: sa.Connection, example: Example) -> None:
    """Insert an example, or put another in the place of the one of the same post and task."""
    put(tx, table, **msgspec.structs.asdict(example))


def examples_of(tx: sa.Connection, seq: int) -> dict[str, Example]:
    """Return by task what people said of a post."""
    rows = tx.execute(sa.select(table).where(table.c.seq == seq)).all()
    return {row.task: Example.of(row) for row in rows}


def judged_apart(tx: sa.Connection, task: str) -> frozenset[int]:
    """Return the posts of which a person said something themselves."""
    said = sa.select(table.c.seq).where(table.c.task == task, table.c.value.is_not(None))
    return frozenset(tx.execute(said).scalars())


def take_example(tx: sa.Connection, seq: int, task: str) -> None:
    """Take one back: it was never said."""
    tx.execute(sa.delete(table).where(table.c.seq == seq, table.c.task == task))


def drop_examples(tx: sa.Connection, seqs: Iterable[int]) -> int:
    """Remove the examples of posts that no longer stand; return how many there were."""
    wanted, n = list(seqs), 0
    for start in range(0, len(wanted), _MANY):
        n += tx.execute(sa.delete(table).where(table.c.seq.in_(wanted[start : start + _MANY]))).rowcount
    return n


def forget_examples(tx: sa.Connection, actor_key: int) -> int:
    """Remove the examples of all that an actor said, also of what the ledger no longer holds."""
    return tx.execute(sa.delete(table).where(table.c.actor_key == actor_key)).rowcount
