"""Who is one person: the evidence in the store, taken together around what changed, and only there."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from gehoor.know.evidence import Given
from gehoor.know.identity import MOST_SHARING
from gehoor.know.union_find import UnionFind

__all__ = ["DIRECT", "SAME", "Change", "Evidence", "chunks", "settle", "together", "union_of", "write_given"]

SAME, APART = "same", "apart"
DIRECT = ("alias", "account", "device")
"""Evidence that names another actor, rather than a key that both have."""

_STRENGTH = (SAME, "alias", "account", "customer", "mail", "device", "phone")
_MOST = MOST_SHARING | {"alias": 20, "account": 20, "device": 4, SAME: 1_000}
_MOST_NODES = 200
_CHUNK = 500
_FURTHEST = 20_000
_AT_ONCE = 2_000

_ADD = (
    "INSERT INTO person_edge VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n, "
    "seq = CASE WHEN excluded.n > 0 THEN excluded.seq ELSE seq END"
)
_DROP = "DELETE FROM person_edge WHERE actor_key = ? AND other = ? AND kind = ? AND n <= 0"


class Evidence(NamedTuple):
    """One line of evidence: an actor and a key, an actor and another actor, or what a person decided of two."""

    actor_key: int
    other: int
    kind: str

    @property
    def nodes(self) -> tuple[int, int]:
        """The nodes it connects; an actor and a key never have the same number."""
        return self.actor_key << 1, self.far

    @property
    def far(self) -> int:
        """The node at the other end."""
        if self.kind in DIRECT or self.kind == SAME:
            return self.other << 1
        return (self.other << 3 | _STRENGTH.index(self.kind)) << 1 | 1


class Change(NamedTuple):
    """Which person somebody was, and is."""

    actor_key: int
    before: int
    after: int


def chunks(values: Iterable[int]) -> Iterator[str]:
    """Yield numbers as SQL lists, some hundred at a time."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _CHUNK):
        yield ", ".join(map(str, wanted[start : start + _CHUNK]))


def together(given: Iterable[tuple[Given, int]]) -> list[tuple[Given, int]]:
    """Return the same evidence, each piece once with how often it was given, less how often it was taken back."""
    found: dict[tuple[int, int, str], tuple[Given, int]] = {}
    for one, n in given:
        last, before = found.get(one[:3], (one, 0))
        found[one[:3]] = (one if n > 0 else last, before + n)
    return list(found.values())


def write_given(tx: sa.Connection, given: Iterable[tuple[Given, int]]) -> dict[int, int]:
    """Add evidence, or take it back; return by key how many actors more (or fewer) than before may have it."""
    n: Counter[tuple[int, int, str]] = Counter()
    seq: dict[tuple[int, int, str], int] = {}
    for one, sign in given:
        edge = one[:3]
        n[edge] += sign
        seq[edge] = one.seq if sign > 0 else seq.get(edge, one.seq)
    rows = [(*edge, count, seq[edge]) for edge, count in n.items() if count]
    if rows:
        tx.exec_driver_sql(_ADD, rows)
    if fewer := [edge for edge, count in n.items() if count < 0]:
        tx.exec_driver_sql(_DROP, fewer)
    grown: Counter[int] = Counter()
    for (_, other, _), count in n.items():
        grown[other] += count > 0
    return grown


def settle(tx: sa.Connection, touched: Collection[int], grown: dict[int, int]) -> list[Change]:
    """Say anew who is one person, around actors whose evidence changed; return those who are somebody else now."""
    if not touched:
        return []
    wanted = sorted(set(touched) | _companions(tx, touched))
    changes: list[Change] = []
    said: set[int] = set()
    for start in range(0, len(wanted), _AT_ONCE):  # a piece at a time: what is reached from one is bounded
        if part := set(wanted[start : start + _AT_ONCE]) - said:
            union, reached = union_of(tx, part, grown)
            changes += _changes(tx, union, reached - said)
            said |= reached
    if changes:
        rows = [(change.after, change.actor_key) for change in changes]
        tx.exec_driver_sql("UPDATE person_actor SET person = ? WHERE actor_key = ?", rows)
    return changes


def _changes(tx: sa.Connection, union: UnionFind, reached: Iterable[int]) -> list[Change]:
    was: dict[int, int] = {}
    for part in chunks(reached):
        was |= {
            row[0]: row[1] for row in _select(tx, f"actor_key, person FROM person_actor WHERE actor_key IN ({part})")
        }
    changes: list[Change] = []
    for actor_key, before in was.items():
        mine = (node >> 1 for node in union.members(actor_key << 1) if not node & 1)
        after = min((one for one in mine if one in was), default=actor_key)
        if after != before:
            changes.append(Change(actor_key, before, after))
    return changes


def _companions(tx: sa.Connection, touched: Iterable[int]) -> set[int]:
    """Return who was the same person until now: what held them together may be gone."""
    persons: set[int] = set()
    for part in chunks(touched):
        persons |= {row[0] for row in _select(tx, f"person FROM person_actor WHERE actor_key IN ({part})")}
    found: set[int] = set()
    for part in chunks(persons):
        found |= {row[0] for row in _select(tx, f"actor_key FROM person_actor WHERE person IN ({part})")}
    return found


def union_of(
    tx: sa.Connection, touched: Collection[int], grown: dict[int, int] | None = None
) -> tuple[UnionFind, set[int]]:
    """Return what the evidence around some actors holds together, what people decided included; and whose is known.

    Of actors that are only kept apart from these, the evidence is not there: nothing can be said of them.

    The order in which evidence speaks is its strength, not its arrival: the same evidence gives the same persons. A key
    that more share than its kind bears joins nobody, and is not followed.
    """
    edges, apart, weak, reached = _around(tx, touched, grown or {})
    union = UnionFind(_MOST_NODES)
    for node in weak:
        union.weaken(node)
    for one in apart:
        union.keep_apart(one.actor_key << 1, one.other << 1)
    for number, one in enumerate(sorted(edges, key=lambda one: (_STRENGTH.index(one.kind), one))):
        union.link(*one.nodes, evidence=number)
    return union, reached


def _around(
    tx: sa.Connection, touched: Collection[int], grown: dict[int, int]
) -> tuple[set[Evidence], set[Evidence], set[int], set[int]]:
    """Return all evidence that can be reached, what is kept apart, which nodes are weak, and the actors reached."""
    edges: set[Evidence] = set()
    apart: set[Evidence] = set()
    weak: set[int] = set()
    seen, actors = set(touched), set(touched)
    while actors and len(seen) < _FURTHEST:
        near = set(_edges_at(tx, "actor_key", actors)) | set(_edges_at(tx, "other", actors, DIRECT))
        for one in _choices_at(tx, actors):
            (near if one.kind == SAME else apart).add(one)
        keys = {one.other for one in near - edges if one.kind not in DIRECT and one.kind != SAME}
        devices = {one.other for one in near if one.kind == "device"}
        edges |= near
        shared = _shared(tx, keys | devices)
        weak |= {far for far, (_, n, kind) in shared.items() if n > _MOST[kind]}
        wanted = {
            other for other, n, kind in shared.values() if other in keys and n <= _MOST[kind] + grown.get(other, 0)
        }
        far = set(_edges_at(tx, "other", wanted))
        edges |= far
        reached = {one.actor_key for one in near | far} | {one.other for one in near if one.far & 1 == 0}
        actors = reached - seen
        seen |= actors
    return edges, apart, weak, seen


def _edges_at(tx: sa.Connection, end: str, at: Iterable[int], kinds: Iterable[str] = ()) -> Iterator[Evidence]:
    among = ", ".join(f"'{kind}'" for kind in kinds)
    only = f" AND kind IN ({among})" if among else ""
    for part in chunks(at):
        rows = _select(tx, f"actor_key, other, kind FROM person_edge WHERE {end} IN ({part}){only}")
        yield from (Evidence(*row) for row in rows)


def _choices_at(tx: sa.Connection, at: Iterable[int]) -> Iterator[Evidence]:
    for part in chunks(at):
        either = f"(\"left\" IN ({part}) OR \"right\" IN ({part})) AND kind IN ('{SAME}', '{APART}')"
        yield from (Evidence(*row) for row in _select(tx, f'"left", "right", kind FROM person_choice WHERE {either}'))


def _shared(tx: sa.Connection, others: Iterable[int]) -> dict[int, tuple[int, int, str]]:
    """Return by node how many actors have a key."""
    found: dict[int, tuple[int, int, str]] = {}
    for part in chunks(others):
        sql = f"other, kind, count(*) FROM person_edge WHERE other IN ({part}) GROUP BY other, kind"
        for other, kind, n in _select(tx, sql):
            found[Evidence(0, other, kind).far] = (other, n, kind)
    return found


def _select(tx: sa.Connection, what: str) -> list[Any]:
    return list(tx.exec_driver_sql(f"SELECT {what}").fetchall())
