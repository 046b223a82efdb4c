"""Which rows stand for their object: the highest revision wins, a deletion beats all, whatever the order of arrival.

Edits, deletions and undos are activities like any other. When one arrives, or when an original arrives after its edit
or deletion, the rows that concern the same digest are looked up and judged together. The outcome depends on the set of
rows only, never on their order.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

__all__ = ["GONE", "STANDS", "SUPERSEDED", "Stand", "judge", "resolve"]

STANDS, SUPERSEDED, GONE = 0, 1, 2
_TAKES_BACK = ("Delete", "Undo")
_SAYS = ("Create", "Update")


class Stand(NamedTuple):
    """What must be known of a row to judge whether it stands."""

    seq: int
    type: str
    rev: int
    key: int
    object_key: int
    state: int


def judge(digest: int, rows: Iterable[Stand]) -> dict[int, int]:
    """Return seq -> state of the rows that concern one digest.

    A `Delete` of an object takes back everything about it: what was said, its edits, likes and shares of it. An
    `Undo`, and a `Delete` too, takes back the one like, share or follow that it names (what was said is edited or
    deleted, not undone): a channel that says only which number is gone does not say whether that was a post or a share.
    Of what was said about an object, the highest (rev, key) stands.

    Examples
    --------
    >>> old, new = Stand(1, "Create", 0, 5, 5, 0), Stand(2, "Update", 9, 6, 5, 0)
    >>> judge(5, [old, new])
    {1: 1, 2: 0}
    """
    rows = list(rows)
    others = [row for row in rows if row.type not in _TAKES_BACK]
    states = {row.seq: row.state for row in others}
    is_deleted = any(row.type == "Delete" and row.object_key == digest for row in rows)
    is_undone = any(row.type in _TAKES_BACK and row.object_key == digest for row in rows)
    for row in others:
        if (is_deleted and row.object_key == digest) or (is_undone and row.key == digest and row.type not in _SAYS):
            states[row.seq] = GONE
    said = [row for row in others if row.type in _SAYS and row.object_key == digest and states[row.seq] != GONE]
    if len(said) > 1:
        winner = max(said, key=lambda row: (row.rev, row.key))
        states |= {row.seq: STANDS if row is winner else SUPERSEDED for row in said}
    return states


def resolve(
    new: list[Stand], digests: Iterable[int], find: Callable[[list[int]], list[Stand]]
) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """Judge the rows that concern `digests`, old and new together.

    Parameters
    ----------
    new : list of Stand
        All rows of the batch.
    digests : iterable of int
        Which digests must be looked at.
    find : callable
        Returns the committed rows that are indexed under any of the digests it is given.

    Returns
    -------
    states : dict of int to int
        seq -> state, for rows of the batch that do not simply stand.
    changes : dict of int to tuple of int
        seq -> (state before, state after), for committed rows.
    """
    wanted = sorted(set(digests))
    committed = {row.seq: row for row in find(wanted)}
    by_digest: dict[int, list[Stand]] = {digest: [] for digest in wanted}
    for row in [*committed.values(), *new]:
        for digest in {row.key, row.object_key}:
            if digest in by_digest:
                by_digest[digest].append(row)
    states: dict[int, int] = {}
    for digest, rows in by_digest.items():
        for seq, state in judge(digest, rows).items():
            states[seq] = max(state, states.get(seq, STANDS))
    changes = {
        seq: (committed[seq].state, state)
        for seq, state in states.items()
        if seq in committed and committed[seq].state < state
    }
    return {seq: state for seq, state in states.items() if seq not in committed and state}, changes
