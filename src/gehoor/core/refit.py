"""The log of heads that were fitted anew: what was promoted and why, what was not, and every way back."""

from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gehoor.core.promoted import SHIPPED
from gehoor.core.tables.ledger import refit as table

__all__ = ["Figures", "Outcome", "Refit", "note_refit", "refit_of", "refits_of", "version_at"]

Outcome = Literal["promoted", "kept", "waits", "failed", "back"]
"""It judges now; it was worse, so the old one stays; there was too little to measure it by; it could not be fitted; a
person chose another version."""


class Figures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a fitted head did on the frozen sample, beside the one that judged until then.

    Attributes
    ----------
    n_examples : int
        Corrections that it was fitted on; what came with gehoor was there beside them.
    n_sample : int
        Posts of the frozen sample: drawn by chance, never trained on.
    n_right, n_right_before : int
        How many of them the new and the old head judge as a person did.
    n_gained, n_lost : int
        Only the new one right, only the old one.
    p_worse : float, optional
        One-sided sign test over gained and lost: how probable so many losses are where both are equally good.
    note : str
        What a person should know.
    """

    n_examples: int = 0
    n_sample: int = 0
    n_right: int = 0
    n_right_before: int = 0
    n_gained: int = 0
    n_lost: int = 0
    p_worse: float | None = None
    note: str = ""


class Refit(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log; `at` in microseconds UTC."""

    id: int = 0
    task: str
    version: int
    at: int
    outcome: Outcome
    figures: Figures


def note_refit(tx: sa.Connection, said: Refit) -> None:
    """Add a line; its `id` is given here."""
    values = {name: getattr(said, name) for name in ("task", "version", "at", "outcome")}
    tx.execute(sa.insert(table).values(**values, data=msgspec.json.encode(said.figures)))


def refits_of(tx: sa.Connection, task: str | None = None, limit: int = 200) -> list[Refit]:
    """Return the newest lines, newest first."""
    mine = sa.true() if task is None else table.c.task == task
    rows = tx.execute(sa.select(table).where(mine).order_by(table.c.id.desc()).limit(limit)).all()
    return [refit_of(row) for row in rows]


def refit_of(row: sa.Row[Any]) -> Refit:
    """Return the line of a row of the table."""
    figures = msgspec.json.decode(row.data, type=Figures)
    return Refit(id=row.id, task=row.task, version=row.version, at=row.at, outcome=row.outcome, figures=figures)


def version_at(tx: sa.Connection, task: str, at: int) -> int:
    """Return the version that judged at a moment."""
    judged = (table.c.task == task, table.c.at <= at, table.c.outcome.in_(("promoted", "back")))
    statement = sa.select(table.c.version).where(*judged).order_by(table.c.id.desc()).limit(1)
    return int(tx.execute(statement).scalar() or SHIPPED)
