"""Forgets a person by law: every row, word, part and reject of theirs, in one call; says who still mentions them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.errors import SettingError
from gehoor.core.history_read import read_rows
from gehoor.core.history_rewrite import rewrite
from gehoor.core.ledger.index import actor_hash
from gehoor.core.ledger.resolve import GONE
from gehoor.core.ledger.settle import erase
from gehoor.core.projector import Projector
from gehoor.core.record import digest
from gehoor.core.sqlite import truncate_wal
from gehoor.core.store import put
from gehoor.core.tables import ledger as tables

__all__ = ["Forgotten", "forget"]


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, and what a person must still look at.

    Attributes
    ----------
    n_rows, n_parts, n_rejects : int
        Activities, history files rewritten, rejects removed.
    mentions : list of (int, str)
        Offset and id of other people's posts that name the actor: theirs to keep, listed for a decision.
    backups : list of str
        Backups made before this moment, which still hold the person: they must be let go by hand.
    """

    channel: str
    actor: str
    n_rows: int
    n_parts: int
    n_rejects: int
    mentions: list[tuple[int, str]]
    backups: list[str] = []


def forget(root: Path, projector: Projector, channel: str, actor: str, now: int) -> Forgotten:
    """Erase all that an actor said or did, everywhere in the workspace.

    Parameters
    ----------
    channel, actor : str
        The channel and its stable id of the person.
    now : int
        Microseconds UTC: what the actor published before is not taken in again, also when a source is read anew.

    Raises
    ------
    SettingError
        Nobody of that name was heard on that channel.
    StoreError
        A file is in use; call again.
    """
    ledger, key = projector.ledger, digest(channel, actor)
    rows = ledger.find_hashed([actor_hash(key)], "seq, state, actor_key, actor_name")
    mine = [row for row in rows if row[2] == key]
    names = {actor, *(row[3] for row in mine if row[3])}
    n_old = sum(int(pc.sum(_is_actor(batch, key)).as_py() or 0) for batch in read_rows(root))
    if not mine and not n_old and key not in ledger.forgotten:
        raise SettingError(f"Nobody with the id {actor!r} was heard on {channel}. `gehoor posts --json` shows actors.")
    projector.take(ledger.change([(row[0], "state", {"state": row[1]}, {"state": GONE}) for row in mine]))
    with projector.engine.begin() as tx:
        put(tx, tables.forgotten, actor_key=key, at=now)
    ledger.forgotten[key] = now
    projector.flush(everything=True)
    erase(ledger.segments, [row[0] for row in mine], whole_row=True)
    n_parts = rewrite(root, lambda batch: pc.invert(_is_actor(batch, key)))
    n_rejects = _rejects(projector, sorted(names))
    mentions = list(_mentions(projector, sorted(names), key))
    _empty_logs(projector)
    return Forgotten(
        channel=channel,
        actor=actor,
        n_rows=max(len(mine), n_old),
        n_parts=n_parts,
        n_rejects=n_rejects,
        mentions=mentions,
        backups=[str(path) for path in _backups(root)],
    )


def _is_actor(batch: pa.RecordBatch, key: int) -> pa.Array:
    return pc.fill_null(pc.equal(batch.column("actor_key"), key), fill_value=False)


def _rejects(projector: Projector, names: Sequence[str]) -> int:
    """Remove rejects in which the actor is named: nobody can tell whose words they hold."""
    needles = [needle.encode() for name in names for needle in (name, msgspec.json.encode(name).decode().strip('"'))]
    n = 0
    for segment in projector.ledger.segments.all:
        rows = segment.query("SELECT source, position, raw FROM reject")
        hits = [(source, position) for source, position, raw in rows if any(needle in raw for needle in needles)]
        n += len(hits)
        if hits:
            with segment.engine.begin() as tx:
                tx.exec_driver_sql("DELETE FROM reject WHERE source = ? AND position = ?", hits)
    return n


def _mentions(projector: Projector, names: Sequence[str], key: int) -> Iterator[tuple[int, str]]:
    """Yield other people's posts that name the actor, in their words or their list of mentions."""
    for segment in projector.ledger.segments.all:
        for name in names:
            where = "(instr(text, ?) OR instr(mentions, ?)) AND state = 0 AND actor_key IS NOT ?"
            for seq, native in segment.query(f"SELECT seq, id FROM activity WHERE {where}", (name, name, key)):
                yield int(seq), str(native)


def _empty_logs(projector: Projector) -> None:
    for segment in projector.ledger.segments.all:
        truncate_wal(segment.engine)
    truncate_wal(projector.engine)


def _backups(root: Path) -> list[Path]:
    note = root / "run" / "backups.json"
    known = msgspec.json.decode(note.read_bytes(), type=list[str]) if note.exists() else []
    return [Path(path) for path in known if Path(path).exists()]
