"""Evaluates many queries over a batch of texts at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial, reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gehoor.core.query.terms import written
from gehoor.core.query.tree import And, Channel, Handle, Language, Leaf, Near, Not, Or, Query, Tag, Term
from gehoor.core.text import TextBatch
from gehoor.understand.found import Found, Lists
from gehoor.understand.phrases import Phrases, normalised

__all__ = ["Queries"]

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Check = Callable[[Found], Bools]
Word = Term | Handle | Tag


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a query, compiled.

    Attributes
    ----------
    check : callable
        Tells which posts match.
    anchors : frozenset of int, optional
        Groups: where none of them stands, nothing matches. None: posts without any words of it may match.
    group : int, optional
        It is nothing but this group.
    """

    check: Check
    anchors: frozenset[int] | None
    group: int | None = None


class Queries:
    """Many queries, compiled once.

    One automaton finds the terms of all of them; sets of terms of which any will do become one fact each; operators are
    worked out on whole batches, and only for queries of which a term was found. Words count as in `Phrases`.

    Parameters
    ----------
    named : mapping of str to Query
        The queries by their names.

    Attributes
    ----------
    names : tuple of str
        The names, sorted: what the numbers of `match` stand for.

    Notes
    -----
    Cost: 4-5 µs a post at 200 queries of 10,000 terms (`bench/query.json`). Blind to: misspellings, accents left out,
    words that are written apart or together.

    Examples
    --------
    >>> from gehoor.core.query import parse
    >>> queries = Queries({"lost": parse("koffer* NEAR/3 kwijt -lang:de")})
    >>> texts = TextBatch.of(pa.array(["Mijn koffers zijn kwijt!", "Kwijt, denk ik, is nu ook mijn koffer"]))
    >>> queries.match(texts, {})[0].tolist()
    [0]
    """

    def __init__(self, named: Mapping[str, Query]) -> None:
        self.names = tuple(sorted(named))
        words = {word for name in self.names for word in _words(named[name])}
        self._phrases, phrase_of = _phrases_of(words)
        compiler = _Compiler(phrase_of)
        self._nodes = [compiler.node(named[name]) for name in self.names]
        self._groups, self._n_groups = compiler.groups_of_phrases(len(self._phrases.phrases))
        plain: list[list[int]] = [[] for _ in range(self._n_groups)]
        anchored: list[list[int]] = [[] for _ in range(self._n_groups)]
        self._always: list[int] = []
        for number, node in enumerate(self._nodes):
            if node.group is not None:
                plain[node.group].append(number)
            elif node.anchors is None:
                self._always.append(number)
            for anchor in node.anchors or () if node.group is None else ():
                anchored[anchor].append(number)
        self._plain, self._anchored = Lists(plain), Lists(anchored)
        self._said = [
            np.array(sorted({phrase_of[word] for word in _words(named[name], is_said=True)} - {-1}), np.int64)
            for name in self.names
        ]

    def match(self, texts: TextBatch, known: Mapping[str, pa.Array]) -> tuple[I64, I64]:
        """Return which posts match which queries.

        Parameters
        ----------
        texts : TextBatch
            n posts.
        known : mapping of str to pyarrow.Array
            Their columns; a query that asks for `language` or `channel` needs it.

        Returns
        -------
        post, query : int64, shape (k,)
            Pairs, by post and then by query, each once.
        """
        found = Found(texts, known, self._phrases.find(texts), self._groups, self._n_groups)
        index, query = self._plain.of(found.group)
        posts, queries = [found.post[index]], [query]
        _, candidates = self._anchored.of(np.unique(found.group))
        for number in [*np.unique(candidates).tolist(), *self._always]:
            if len(matching := np.flatnonzero(self._nodes[number].check(found))):
                posts.append(matching)
                queries.append(np.full(len(matching), number))
        n = max(1, len(self.names))
        post, query = np.divmod(np.sort(np.concatenate(posts) * n + np.concatenate(queries)), n)
        return post, query

    def explain(self, texts: TextBatch, known: Mapping[str, pa.Array]) -> list[list[str]]:
        """Return for each post the terms for which it matches, as they stand in it; for a few posts."""
        found = self._phrases.find(texts)
        said: list[dict[str, None]] = [{} for _ in range(len(texts))]
        for post, query in zip(*self.match(texts, known), strict=True):
            mine = found.where((found.post == post) & np.isin(found.phrase, self._said[query]))
            for start, end in zip(mine.start, mine.end, strict=True):
                said[post][texts.data[start:end].tobytes().decode()] = None
        return [list(terms) for terms in said]


def _phrases_of(words: set[Word]) -> tuple[Phrases, dict[Word, int]]:
    """Return all words in one automaton, and the number of each in it; -1 for what nothing is left of."""
    whole, stems = (sorted({word for word in words if word.is_prefix is kind}, key=written) for kind in (False, True))
    phrases = Phrases(map(written, whole), map(written, stems))
    known = {(phrase, n >= phrases.n_whole): n for n, phrase in enumerate(phrases.phrases)}
    pairs = [*zip(whole, normalised(map(written, whole)), strict=True)]
    pairs += zip(stems, normalised(map(written, stems)), strict=True)
    return phrases, {word: known.get((plain, word.is_prefix), -1) for word, plain in pairs}


def _words(query: Query, *, is_said: bool | None = None) -> Iterator[Word]:
    """Yield the words of a query; with `is_said` only those that speak for it, or only those that speak against it."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _words(part, is_said=is_said)
        case Not(part):
            yield from _words(part, is_said=None if is_said is None else not is_said)
        case Near(left, right):
            yield from () if is_said is False else (left, right)
        case Language() | Channel():
            return
        case _:
            yield from () if is_said is False else (query,)


@dataclass(slots=True)
class _Compiler:
    """Turns queries into nodes, and gives equal sets of phrases one group."""

    phrase_of: Mapping[Word, int]
    groups: dict[frozenset[int], int] = field(default_factory=dict)

    def groups_of_phrases(self, n_phrases: int) -> tuple[Lists, int]:
        """Return in which groups each phrase is, and how many groups there are."""
        of: list[list[int]] = [[] for _ in range(n_phrases)]
        for phrases, group in self.groups.items():
            for phrase in phrases:
                of[phrase].append(group)
        return Lists(of), len(self.groups)

    def node(self, query: Query) -> _Node:
        match query:
            case Or(parts):
                return self._any(parts)
            case And(parts):
                return _all([self.node(part) for part in parts])
            case Not(part):
                return _Node(partial(_not, self.node(part).check), None)
            case Near(left, right, n):
                return self._near(self.phrase_of[left], self.phrase_of[right], n)
        return self._leaf(query)

    def _leaf(self, leaf: Leaf) -> _Node:
        if isinstance(leaf, Language):
            return _Node(partial(Found.is_in, column="language", value=leaf.code), None)
        if isinstance(leaf, Channel):
            return _Node(partial(Found.is_in, column="channel", value=leaf.name), None)
        return self._group({self.phrase_of[leaf]})

    def _group(self, phrases: set[int]) -> _Node:
        group = self.groups.setdefault(frozenset(phrases - {-1}), len(self.groups))
        return _Node(partial(Found.has_group, group=group), frozenset({group}), group)

    def _near(self, left: int, right: int, n: int) -> _Node:
        anchors = self._group({left}).anchors
        return _Node(partial(Found.is_near, left=left, right=right, n=n), anchors)

    def _any(self, parts: tuple[Query, ...]) -> _Node:
        """Compile alternatives: all words among them are one group."""
        flat = list(_flat(parts))
        words = {self.phrase_of[part] for part in flat if isinstance(part, Word)}
        nodes = [self._group(words)] if words or not flat else []
        nodes += [self.node(part) for part in flat if not isinstance(part, Word)]
        if len(nodes) == 1:
            return nodes[0]
        anchors = [node.anchors for node in nodes]
        every = None if None in anchors else frozenset().union(*filter(None, anchors))
        return _Node(partial(_reduce, np.logical_or, [node.check for node in nodes]), every)


def _flat(parts: tuple[Query, ...]) -> Iterator[Query]:
    for part in parts:
        if isinstance(part, Or):
            yield from _flat(part.parts)
        else:
            yield part


def _all(nodes: list[_Node]) -> _Node:
    """Compile what must all be: the part with the fewest groups says when to look."""
    anchors = min((node.anchors for node in nodes if node.anchors is not None), key=len, default=None)
    return _Node(partial(_reduce, np.logical_and, [node.check for node in nodes]), anchors)


def _not(check: Check, found: Found) -> Bools:
    return ~check(found)


def _reduce(how: np.ufunc, checks: list[Check], found: Found) -> Bools:
    return reduce(how, (check(found) for check in checks))
