"""What is wrong with a workspace: does each store hold what the ledger holds, once, and is every promise kept?"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import get_args

from sqlalchemy.exc import DatabaseError

from gehoor.core.history import parts
from gehoor.core.history_read import read_rows
from gehoor.core.labels import token
from gehoor.core.ledger.dropped import pages_of, rows_of_page
from gehoor.core.ledger.keyed import GroupingStage, KeyedStage
from gehoor.core.ledger.restore import blocks_back
from gehoor.core.ledger.segments import Segments
from gehoor.core.projector import Projector
from gehoor.core.record import Kind

__all__ = ["contents", "misjudged", "what_is_wrong"]

_FEW = 3
_SEARCH = "SELECT rowid FROM search WHERE search MATCH ?"
_ANY_KIND = " OR ".join(token("kind", kind) for kind in get_args(Kind))


def what_is_wrong(projector: Projector, promised: Collection[str]) -> list[str]:
    """Return one line for each thing that is wrong, none when all is well. Flushes the projections.

    Parameters
    ----------
    projector : Projector
        Of the workspace, started; nothing else may write meanwhile.
    promised : collection of str
        Ids that must be there.
    """
    projector.flush(everything=True)
    segments, root = projector.ledger.segments, projector.ledger.segments.folder.parent
    ids = contents(segments, "id")
    wrong = [f"{name} is damaged: {words}" for name, words in _damage(segments, projector)]
    wrong += _differs("promised, but not in the ledger", set(promised) - ids.keys())
    wrong += _differs("twice in the ledger", [name for name, n in ids.items() if n > 1])
    standing = {seq for (seq, state) in _rows(segments, "seq, state") if state == 0}
    found = {row[0] for segment in segments.all for row in segment.query(_SEARCH, (_ANY_KIND,))}
    wrong += _differs("stands, but is not found by search", standing - found)
    wrong += _differs("found by search, but does not stand", found - standing)
    dropped = _dropped(segments)
    wrong += _differs("twice among the dropped", [key for key, n in dropped.items() if n > 1])
    wrong += _differs("dropped, and in the ledger", dropped.keys() & {key for _, key in _rows(segments, "seq, key")})
    history = Counter(seq for batch in read_rows(root) for seq in batch.column("seq").to_pylist())
    wrong += _differs("stands, but is not in the history", standing - history.keys())
    wrong += _differs("in the history, but does not stand", history.keys() - standing)
    wrong += _differs("twice in the history", [seq for seq, n in history.items() if n > 1])
    for name, table in (("rollup", "rollup"), ("needs", "need"), ("words", "word")):
        sql = f"SELECT * FROM {table} WHERE n <> 0"
        before = _stored(projector, sql)
        projector.rebuild(name)
        wrong += _differs(f"{name}: otherwise when counted anew", before ^ _stored(projector, sql))
    return wrong


def misjudged(segments: Segments, fresh: KeyedStage, templates: GroupingStage) -> list[str]:
    """Return which rows repeat others, or share their template, otherwise than in an undisturbed run; none deleted.

    Parameters
    ----------
    fresh, templates
        Stages that remember nothing yet, with the settings of the workspace.
    """
    wrong: list[int] = []
    for seqs, numbers, duplicate_of in blocks_back(segments, window=1 << 40):
        is_other = fresh.judge(seqs, numbers) != duplicate_of
        is_other |= templates.judge(seqs, numbers.template) != numbers.campaign
        wrong += seqs[is_other].tolist()
    return _differs("judged otherwise than without a kill", wrong)


def contents(segments: Segments, column: str) -> Counter[str]:
    """Return how often each value of a column stands in the ledger, deleted rows included."""
    return Counter(str(value) for _, value in _rows(segments, f"seq, {column}"))


def _rows(segments: Segments, columns: str) -> list[tuple[int, str | int]]:
    return [tuple(row) for segment in segments.all for row in segment.query(f"SELECT {columns} FROM activity")]


def _dropped(segments: Segments) -> Counter[int]:
    pages = [(segment, page) for segment in segments.all for page, _ in pages_of(segment)]
    return Counter(key for segment, page in pages for key in rows_of_page(segment, page)[1].tolist())


def _stored(projector: Projector, sql: str) -> set[tuple[object, ...]]:
    with projector.engine.begin() as tx:
        return {tuple(row) for row in tx.exec_driver_sql(sql)}


def _damage(segments: Segments, projector: Projector) -> Iterable[tuple[str, str]]:
    for segment in segments.all:
        for (words,) in segment.query("PRAGMA integrity_check"):
            if words != "ok":
                yield segment.path.name, words
        try:
            with segment.engine.begin() as tx:
                tx.exec_driver_sql("INSERT INTO search(search) VALUES ('integrity-check')")
        except DatabaseError as error:
            yield f"{segment.path.name} (search)", str(error.orig)
    with projector.engine.begin() as tx:
        for (words,) in tx.exec_driver_sql("PRAGMA integrity_check").fetchall():
            if words != "ok":
                yield "ledger.sqlite", words
    half = [path.name for path in parts(segments.folder.parent / "history") if path.stat().st_size == 0]
    for name in half:
        yield name, "empty"


def _differs(words: str, found: Iterable[object]) -> list[str]:
    few = sorted(map(str, found))
    return [f"{words}: {len(few)}, such as {', '.join(few[:_FEW])}"] if few else []
