"""What people say a post is about: it counts at once, can be taken back, and is an example for the brand's head."""

from typing import Any

import msgspec
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.core.example import Example, examples_of, take_example, write_example
from gehoor.core.ledger.resolve import STANDS
from gehoor.core.record import digest
from gehoor.core.refit import version_at
from gehoor.core.settings import Settings, load
from gehoor.core.text import TextBatch
from gehoor.run.workplace import Workplace
from gehoor.understand.brand import Brand
from gehoor.understand.context import NO, YES, about_task

__all__ = ["is_about", "mean", "say_about"]

_FACTS = ("seq", "state", "brands", "received", "actor_key", "language", "channel", "text")


def is_about(column: str) -> bool:
    """Tell whether a correction is about a brand: `about/shell`."""
    return column.startswith(about_task(""))


def say_about(place: Workplace, seq: int, column: str, value: str, *, undo: bool = False) -> int:
    """Say that a post is about a brand (`yes`) or not (`no`), or take that back; return the offset.

    Raises
    ------
    SettingError
        The post is gone, the brand is none of ours, or the word is no answer.
    """
    brand = column.removeprefix(about_task(""))
    if value not in (YES, NO):
        raise SettingError(f"{column} = {value[:40]!r}: a post is about {brand} or not: {YES}, {NO}.")
    if brand not in load(place.root).brands:
        raise SettingError(f"There is no brand named {brand[:80]!r} in gehoor.toml.")
    row = _row(place, seq)
    with place.projector.engine.begin() as tx:
        old = examples_of(tx, seq).get(column)
        stood = old.before if old is not None else YES if brand in row["brands"] else NO
        if undo and value == stood:
            take_example(tx, seq, column)
        else:
            facts = {name: row[name] for name in ("seq", "actor_key", "language", "channel", "text")}
            model = old.model if old is not None else f"{column}/{version_at(tx, column, row['received'])}"
            write_example(
                tx,
                Example(
                    task=column, value=value, before=stood, before_p=None, model=model, origin="correction",
                    at=place.clock.now(), **facts,
                ),
            )  # fmt: skip
    brands = sorted({*row["brands"], brand} if value == YES else {*row["brands"]} - {brand})
    return _put_brands(place, row, brands)


def mean(place: Workplace, channel: str, id_: str) -> None:
    """Note that a post which a person brought back is about the brands whose queries find it."""
    rows = place.projector.ledger.find_hashed([digest(channel, id_)], "seq, state, id")
    for seq, state, said_id in rows:
        if state == STANDS and said_id == id_:
            for brand in _named(load(place.root), place, seq):
                say_about(place, seq, about_task(brand), YES)


def _named(settings: Settings, place: Workplace, seq: int) -> list[str]:
    """Return the brands whose queries find a post."""
    rows = place.projector.ledger.segments.rows([seq])
    known = dict(zip(rows.schema.names, rows.columns, strict=True))
    texts = TextBatch.of(rows.column("text").cast(pa.string()))
    return list(Brand(settings).annotate(texts, known)["brands"][0].as_py())


def _row(place: Workplace, seq: int) -> dict[str, Any]:
    rows = place.projector.ledger.segments.select(", ".join(_FACTS), [seq])
    if not rows or rows[0][1] != STANDS:
        raise SettingError(f"There is no post {seq} in the ledger, or it was deleted or edited since.")
    row = dict(zip(_FACTS, rows[0], strict=True))
    return row | {"brands": msgspec.json.decode(row["brands"], type=list[str]) if row["brands"] else []}


def _put_brands(place: Workplace, row: dict[str, Any], brands: list[str]) -> int:
    ledger = place.projector.ledger
    if brands != row["brands"]:
        change = (row["seq"], "annotate", {"brands": row["brands"]}, {"brands": brands})
        place.projector.take(ledger.change([change]))
    return ledger.last_seq
