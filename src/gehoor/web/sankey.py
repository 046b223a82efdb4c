"""Draws who moved where as ribbons between two columns: 1,000 people, wide or narrow, without a script."""

from collections.abc import Sequence

import msgspec

__all__ = ["Node", "Ribbon", "Sankey", "sankey_of"]

_GAP = 14.0
_THICK = 10.0
_LEAST = 1.5
_TOP = 12.0


class Node(msgspec.Struct, frozen=True):
    """One brand on one side: its place, and how many of 1,000 people."""

    name: str
    n: int
    x: float
    y: float
    height: float


class Ribbon(msgspec.Struct, frozen=True):
    """How many of 1,000 went from one to the other; `path` is its outline."""

    start: str
    end: str
    n: float
    path: str


class Sankey(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing of `width` x `height`."""

    width: int
    height: int
    thick: float
    left: list[Node]
    right: list[Node]
    ribbons: list[Ribbon]


def sankey_of(moves: Sequence[tuple[str, str, int]], width: int, height: int, margin: int) -> Sankey:
    """Return the drawing of moves (from, to, people); `margin` is left free at both sides for names.

    Examples
    --------
    >>> drawn = sankey_of([("a", "a", 30), ("a", "b", 10)], 400, 200, 80)
    >>> [(node.name, node.n) for node in drawn.right]
    [('a', 750), ('b', 250)]
    """
    total = sum(n for *_, n in moves) or 1
    scaled = [(start, end, 1000 * n / total) for start, end, n in moves]
    sides = [_nodes(_sums(scaled, side), x, height) for side, x in ((0, margin), (1, width - margin - _THICK))]
    used = [{node.name: 0.0 for node in nodes} for nodes in sides]
    places = [{node.name: (rank, node) for rank, node in enumerate(nodes)} for nodes in sides]
    ribbons = []
    for start, end, n in sorted(scaled, key=lambda move: (places[0][move[0]][0], places[1][move[1]][0])):
        left, right = places[0][start][1], places[1][end][1]
        y0 = left.y + left.height * used[0][start]
        y1 = right.y + right.height * used[1][end]
        t0, t1 = left.height * n / _of(scaled, 0, start), right.height * n / _of(scaled, 1, end)
        used[0][start] += n / _of(scaled, 0, start)
        used[1][end] += n / _of(scaled, 1, end)
        ribbons.append(Ribbon(start, end, n, _outline(left.x + _THICK, right.x, (y0, t0), (y1, t1))))
    return Sankey(width=width, height=height, thick=_THICK, left=sides[0], right=sides[1], ribbons=ribbons)


def _of(moves: Sequence[tuple[str, str, float]], side: int, name: str) -> float:
    return sum(move[2] for move in moves if move[side] == name)


def _sums(moves: Sequence[tuple[str, str, float]], side: int) -> dict[str, float]:
    """Return how many of each, brands first and most first, then who came new or fell silent."""
    names = {str(move[side]) for move in moves}
    sums = {name: _of(moves, side, name) for name in names}
    return {name: sums[name] for name in sorted(names, key=lambda name: (name.startswith("["), -sums[name], name))}


def _nodes(sums: dict[str, float], x: float, height: int) -> list[Node]:
    free = height - _TOP - _GAP * len(sums)
    y, nodes = _TOP, []
    for name, n in sums.items():
        tall = max(_LEAST, free * n / 1000)
        nodes.append(Node(name, round(n), x, round(y, 1), round(tall, 1)))
        y += tall + _GAP
    return nodes


def _outline(x0: float, x1: float, start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return the path around a ribbon that is `start[1]` thick at the left and `end[1]` at the right."""
    (y0, t0), (y1, t1), middle = start, end, (x0 + x1) / 2
    t0, t1 = max(t0, 0.6), max(t1, 0.6)
    return (
        f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"V{y1 + t1:.1f}C{middle:.1f} {y1 + t1:.1f} {middle:.1f} {y0 + t0:.1f} {x0:.1f} {y0 + t0:.1f}Z"
    )
