"""Which things are one, by evidence that can be taken back."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["Edge", "UnionFind"]


class Edge(NamedTuple):
    """One piece of evidence that two nodes are one."""

    left: int
    right: int
    evidence: int
    """What says so, by its number: an activity, a record, a decision of a person."""


class UnionFind:
    """Nodes (any integers) held together by evidence; all of it can be taken back.

    What is one component is a function of the evidence that is there, in the order in which it came: each edge joins
    two components unless that makes one larger than `most`, or brings together what a person keeps apart. Such an edge
    is kept aside and counts again as soon as it may. So any merge that is taken back leaves the state before it, and a
    replay of what remains gives the same.

    Parameters
    ----------
    most : int
        Nodes of a component at most: a mistake (a shared key, a robot) does not swallow a town.

    Notes
    -----
    Cost: 13 us an edge at 300,000 of them; the smaller component is relabelled, so a node moves at most log2(most)
    times. To take something back costs as much as its component, and what was kept aside beside it. Memory: 0.9 KB an
    edge.
    Source: Galler and Fischer (1964), An improved equivalence algorithm; relabelling the smaller half, as members must
    be listed and taken apart again.

    Examples
    --------
    >>> found = UnionFind()
    >>> found.link(1, 2, evidence=100), found.link(2, 3, evidence=101)
    (True, True)
    >>> found.root(3), found.members(3)
    (1, [1, 2, 3])
    >>> sorted(found.forget(100))
    [1, 2, 3]
    >>> found.root(3), found.root(1)
    (2, 1)
    """

    def __init__(self, most: int = 1_000) -> None:
        self.most = most
        self._edges: dict[Edge, int] = {}
        self._n_seen = 0
        self._at: dict[int, set[Edge]] = {}
        self._said_by: dict[int, list[Edge]] = {}
        self._aside: set[Edge] = set()
        self._apart: dict[int, set[int]] = {}
        self._weak: set[int] = set()
        self._label: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._least: dict[int, int] = {}

    # -- what is asked ----------------------------------------------------------------------------------------------

    def root(self, node: int) -> int:
        """Return the smallest node of its component: its name, whatever the order; a stranger is alone."""
        return self._least[self._label[node]] if node in self._label else node

    def members(self, node: int) -> list[int]:
        """Return the nodes that are one with it, sorted."""
        return sorted(self._members[self._label[node]]) if node in self._label else [node]

    def is_one(self, left: int, right: int) -> bool:
        """Say whether two nodes are one."""
        return left == right or (left in self._label and self._label[left] == self._label.get(right))

    def edges(self, node: int) -> list[Edge]:
        """Return all evidence at a node in the order in which it came, what is kept aside as well."""
        return sorted(self._at.get(node, ()), key=self._edges.__getitem__)

    def is_aside(self, edge: Edge) -> bool:
        """Say whether an edge is there and joins nothing: too large, kept apart, or at a weak node."""
        return edge in self._aside

    def why(self, left: int, right: int) -> list[Edge]:
        """Return the shortest chain of evidence between two nodes; empty where they are not one."""
        came: dict[int, Edge] = {}
        waiting = deque([left])
        while waiting and right not in came:
            node = waiting.popleft()
            for edge in self.edges(node):
                other = edge.right if edge.left == node else edge.left
                if edge not in self._aside and other != left and other not in came:
                    came[other] = edge
                    waiting.append(other)
        chain: list[Edge] = []
        node = right
        while node in came:
            chain.append(came[node])
            node = came[node].left if came[node].right == node else came[node].right
        return chain[::-1]

    def __iter__(self) -> Iterator[int]:
        """Yield each node that has evidence or was kept apart."""
        return iter(self._label)

    # -- what changes it ----------------------------------------------------------------------------------------------

    def link(self, left: int, right: int, evidence: int) -> bool:
        """Say that two nodes are one, and what says so; the same evidence twice counts once.

        Returns
        -------
        bool
            Whether they are one now.
        """
        edge = Edge(min(left, right), max(left, right), evidence)
        if edge not in self._edges:
            self._edges[edge] = self._n_seen
            self._n_seen += 1
            for node in (left, right):
                self._know(node)
                self._at.setdefault(node, set()).add(edge)
            self._said_by.setdefault(evidence, []).append(edge)
            self._take(edge)
        return self.is_one(left, right)

    def forget(self, evidence: int) -> set[int]:
        """Take back all that one piece of evidence said.

        Returns
        -------
        set of int
            The nodes whose component may have changed.
        """
        return self._drop(self._said_by.get(evidence, ()))

    def remove(self, node: int) -> set[int]:
        """Take a node away with all evidence at it and all that keeps it apart; returns as `forget` does."""
        touched = self._drop(self._at.get(node, ()))
        others = self._apart.pop(node, set())
        for other in others:
            self._apart[other].discard(node)
            touched |= self._recompute([other])
        self._weak.discard(node)
        self._tidy([node, *others])
        return touched - {node}

    def keep_apart(self, left: int, right: int) -> set[int]:
        """Say that two nodes are never one, whatever else says so; returns as `forget` does.

        The last evidence that would bring them together, in the order in which it came, is kept aside.
        """
        for node, other in ((left, right), (right, left)):
            self._know(node)
            self._apart.setdefault(node, set()).add(other)
        return self._recompute((left, right)) if self.is_one(left, right) else set()

    def allow(self, left: int, right: int) -> set[int]:
        """Take `keep_apart` back; returns as `forget` does."""
        for node, other in ((left, right), (right, left)):
            self._apart.get(node, set()).discard(other)
        touched = self._recompute((left, right))
        self._tidy((left, right))
        return touched

    def weaken(self, node: int) -> set[int]:
        """Let a node (a key that many share) join nobody until `strengthen`; returns as `forget` does."""
        self._know(node)
        self._weak.add(node)
        return self._recompute([node])

    def strengthen(self, node: int) -> set[int]:
        """Let a weak node join again; returns as `forget` does."""
        self._weak.discard(node)
        touched = self._recompute([node])
        self._tidy([node])
        return touched

    # -- how ------------------------------------------------------------------------------------------------------

    def _know(self, node: int) -> None:
        if node not in self._label:
            self._alone(node)

    def _alone(self, node: int) -> None:
        self._label[node] = self._least[node] = node
        self._members[node] = [node]

    def _take(self, edge: Edge) -> None:
        """Join what an edge says is one, or keep it aside."""
        kept, gone = self._label[edge.left], self._label[edge.right]
        if edge.left in self._weak or edge.right in self._weak or (kept != gone and not self._may_join(kept, gone)):
            self._aside.add(edge)
            return
        self._aside.discard(edge)
        if kept == gone:
            return
        if len(self._members[kept]) < len(self._members[gone]):
            kept, gone = gone, kept
        for node in self._members[gone]:
            self._label[node] = kept
        self._members[kept] += self._members.pop(gone)
        self._least[kept] = min(self._least[kept], self._least.pop(gone))

    def _may_join(self, kept: int, gone: int) -> bool:
        small, large = sorted((self._members[kept], self._members[gone]), key=len)
        if len(small) + len(large) > self.most:
            return False
        label = self._label[large[0]]
        return not any(self._label.get(other) == label for node in small for other in self._apart.get(node, ()))

    def _drop(self, edges: Iterable[Edge]) -> set[int]:
        edges = list(edges)
        nodes = {node for edge in edges for node in edge[:2]}
        around = self._around(nodes)
        for edge in edges:
            del self._edges[edge]
            self._aside.discard(edge)
            for node in edge[:2]:
                self._at[node].discard(edge)
            said = self._said_by[edge.evidence]
            said.remove(edge)
            if not said:
                del self._said_by[edge.evidence]
        self._recompute(around)
        self._tidy(nodes)
        return around

    def _tidy(self, nodes: Iterable[int]) -> None:
        """Leave no trace of nodes of which nothing is known any more."""
        for node in nodes:
            if node in self._label and not (self._at.get(node) or self._apart.get(node) or node in self._weak):
                self._at.pop(node, None)
                self._apart.pop(node, None)
                label = self._label.pop(node)
                del self._members[label], self._least[label]

    def _around(self, nodes: Iterable[int]) -> set[int]:
        """Return all nodes that any evidence connects with these, what is kept aside as well."""
        found = {node for node in nodes if node in self._label}
        waiting = list(found)
        while waiting:
            for edge in self._at.get(waiting.pop(), ()):
                for other in edge[:2]:
                    if other not in found:
                        found.add(other)
                        waiting.append(other)
        return found

    def _recompute(self, nodes: Iterable[int]) -> set[int]:
        """Let the evidence around these nodes speak again, in its order."""
        around = self._around(nodes)
        for node in around:
            self._members.pop(self._label[node], None)
            self._least.pop(self._label[node], None)
        for node in around:
            self._alone(node)
        edges = {edge for node in around for edge in self._at.get(node, ())}
        for edge in sorted(edges, key=self._edges.__getitem__):
            self._take(edge)
        return around
