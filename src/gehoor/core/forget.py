"""Forgets a person by law: every row, word, part and reject of theirs, in one call; says who still mentions them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.community import forget_member
from gehoor.core.errors import SettingError
from gehoor.core.example import forget_examples
from gehoor.core.forget_desk import TALKS, answers_to, conversations_of, forget_desk
from gehoor.core.forget_references import own_names, replace_references
from gehoor.core.history_read import read_rows
from gehoor.core.history_rewrite import rewrite
from gehoor.core.ledger.delta import Delta
from gehoor.core.ledger.dropped import Places, places_of_actor, rows_of_page, take_out
from gehoor.core.ledger.index import actor_hash, entries
from gehoor.core.ledger.ledger import Ledger
from gehoor.core.ledger.resolve import GONE
from gehoor.core.ledger.segments import Segments
from gehoor.core.ledger.settle import erase_rows
from gehoor.core.named import mentions_of, reject_places
from gehoor.core.projector import Projector
from gehoor.core.record import digest
from gehoor.core.reference import replaced
from gehoor.core.role import forget_role
from gehoor.core.sqlite import alone, truncate_wal
from gehoor.core.store import put
from gehoor.core.tables import ledger as tables

__all__ = ["Forgotten", "forget"]


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, and what a person must still look at.

    Attributes
    ----------
    n_rows, n_parts, n_rejects, n_dropped, n_examples : int
        Activities, history files rewritten, rejects removed, activities among what was dropped, judgements of theirs
        that people had corrected.
    n_references : int
        Activities of others in the ledger that referred to what they said: a pseudonym stands there now.
    mentions : list of (int, str)
        Offset and id of other people's posts that name the actor or pass their words on: listed for a decision.
    backups : list of str
        Backups made before this moment, which still hold the person: they must be let go by hand.
    """

    channel: str
    actor: str
    n_rows: int
    n_parts: int
    n_rejects: int
    mentions: list[tuple[int, str]]
    n_dropped: int = 0
    n_examples: int = 0
    n_references: int = 0
    backups: list[str] = []


def forget(root: Path, projector: Projector, channel: str, actor: str, now: int) -> Forgotten:
    """Erase all that an actor said or did, everywhere in the workspace.

    Parameters
    ----------
    channel, actor : str
        The channel and its stable id of the person.
    now : int
        Microseconds UTC: what the actor published before, or without a date, is not taken in again, also when a source
        is read anew.

    Raises
    ------
    SettingError
        Nobody of that name was heard on that channel.
    StoreError
        A file is in use; call again.
    ContractError
        A projection stands still, so that what it keeps cannot be reached.
    """
    projector.need_all()
    ledger, key = projector.ledger, digest(channel, actor)
    projector.flush(everything=True)  # what a full disk held back would not be taken back otherwise
    old = _only_in_history(root, projector, key)
    mine = _rows_of(ledger, key)
    dropped, said_as = places_of_actor(ledger.segments, channel, actor)
    if not mine and not old and not dropped and key not in ledger.forgotten:
        raise SettingError(f"Nobody with the id {actor!r} was heard on {channel}. `gehoor posts --json` shows actors.")
    names = sorted({actor, *said_as, *_names_in(mine, old)})
    with projector.engine.begin() as tx:  # first of all: after a crash a second call finishes what this one began
        put(tx, tables.forgotten, actor_key=key, at=now)
        n_examples = forget_examples(tx, key)
        at_desk, answers = conversations_of(tx, key), answers_to(tx, key)
        forget_role(tx, key)
        forget_member(tx, key)
    ledger.forgotten[key] = now
    n_rejects = _erase_rejects(ledger.segments, names)  # before the rows, which alone know the names
    referring = replace_references(root, projector, own_names(channel, _done_by(mine, old, dropped)), names, {key})
    n_dropped = _take_out(dropped)
    ours = ledger.segments.select("seq, state", answers)
    _erase_rows(projector, [*mine, *ours], old, key)
    with projector.engine.begin() as tx:  # after the posts, which leave marks as they go
        forget_desk(tx, key, at_desk)
    n_parts = _mend_history(root, ledger, key, answers)
    for talk in TALKS:
        with suppress(SettingError):  # most never rang
            forget(root, projector, talk, f"{channel}:{actor}", now)
    _empty_logs(projector)
    return Forgotten(
        channel=channel,
        actor=actor,
        n_rows=len(mine) + sum(rows.num_rows for rows in old),
        n_parts=n_parts,
        n_rejects=n_rejects,
        n_dropped=n_dropped,
        n_examples=n_examples,
        n_references=referring.n,
        mentions=sorted({*mentions_of(root, ledger.segments, names, key), *referring.shares}),
        backups=[str(path) for path in _backups(root)],
    )


def _take_out(dropped: Places) -> int:
    """Take rows out of what was dropped; return how many."""
    for segment, page, keys in dropped:
        take_out(segment, page, keys)
    return sum(len(keys) for *_, keys in dropped)


def _mend_history(root: Path, ledger: Ledger, key: int, answers: list[int]) -> int:
    """Take an actor, our answers to them and references to them out of the history; return how many parts changed."""
    return rewrite(
        root,
        lambda batch: pc.invert(pc.or_(_is_actor(batch, key), _is_among(batch, answers))),
        lambda batch: replaced(batch, ledger.references),
    )


def _rows_of(ledger: Ledger, key: int) -> list[Any]:
    """Return (seq, state, actor_key, actor_name, type, id, object) of all that an actor said or did, or deleted."""
    rows = ledger.find_hashed([actor_hash(key)], "seq, state, actor_key, actor_name, type, id, object")
    return [row for row in rows if row[2] == key or (row[2] is None and row[1] == GONE)]


def _only_in_history(root: Path, projector: Projector, key: int) -> list[pa.RecordBatch]:
    """Return what the actor said in days that the ledger let go of: it is still counted."""
    segments = projector.ledger.segments.all
    batches = read_rows(root, before=segments[0].first_seq if segments else None)
    mine = (batch.filter(_is_actor(batch, key)) for batch in batches)
    return [batch for batch in mine if batch.num_rows]


def _is_actor(batch: pa.RecordBatch, key: int) -> pa.Array:
    return pc.fill_null(pc.equal(batch.column("actor_key"), key), fill_value=False)


def _is_among(batch: pa.RecordBatch, seqs: list[int]) -> pa.Array:
    return pc.is_in(batch.column("seq"), pa.array(seqs, pa.int64()))


def _names_in(mine: list[Any], old: list[pa.RecordBatch]) -> set[str]:
    names = {row[3] for row in mine}.union(*(batch.column("actor_name").to_pylist() for batch in old))
    return {name for name in names if name}


def _done_by(mine: list[Any], old: list[pa.RecordBatch], dropped: Places) -> Iterator[tuple[str, str, str | None]]:
    """Yield type, id and object of all that somebody said or did."""
    yield from (tuple(row[4:7]) for row in mine)
    aside = []
    for segment, page, keys in dropped:
        rows, known = rows_of_page(segment, page)
        aside.append(rows.filter(pc.is_in(pa.array(known), pa.array(keys, pa.int64()))))
    for batch in (*old, *aside):
        yield from zip(*(batch.column(name).to_pylist() for name in ("type", "id", "object")), strict=True)


def _erase_rows(projector: Projector, mine: list[Any], old: list[pa.RecordBatch], key: int) -> None:
    """Take the rows back from all that is counted, then remove them."""
    ledger, seqs = projector.ledger, [row[0] for row in mine]
    columns = (column.tolist() for column in entries(ledger.segments.rows(seqs)))
    indexed = [*zip(*columns, strict=True), *((actor_hash(key), seq) for seq in seqs)]
    went = ledger.change([(seq, "state", {"state": state}, {"state": GONE}) for seq, state, *_ in mine])
    taken_back = [Delta(rows=rows, sign=-1) for rows in old]
    projector.take(msgspec.structs.replace(went, deltas=[*went.deltas, *taken_back]))
    projector.flush(everything=True)
    ledger.write_index()
    erase_rows(ledger.segments, seqs, indexed)


def _erase_rejects(segments: Segments, names: list[str]) -> int:
    n = 0
    for segment, places in reject_places(segments, names):
        n += len(places)
        with segment.engine.begin() as tx:
            tx.exec_driver_sql("DELETE FROM reject WHERE source = ? AND position = ?", places)
    return n


def _empty_logs(projector: Projector) -> None:
    for segment in projector.ledger.segments.all:
        truncate_wal(segment.engine)
    alone(projector.engine, "VACUUM")  # a row that grew was moved, and what is deleted now is its last copy only
    truncate_wal(projector.engine)


def _backups(root: Path) -> list[Path]:
    note = root / "run" / "backups.json"
    known = msgspec.json.decode(note.read_bytes(), type=list[str]) if note.exists() else []
    return [Path(path) for path in known if Path(path).exists()]
