"""What of many queries stands in one batch of texts, and where: the facts that their operators are worked out on."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.query.tokens import MOST_NEAR
from gehoor.core.text import TextBatch
from gehoor.understand.phrases import Matches

__all__ = ["Found", "Lists"]

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Lists:
    """A list of numbers each for 0 to n - 1, flat.

    Examples
    --------
    >>> index, values = Lists([[7], [], [8, 9]]).of(np.array([2, 1, 0]))
    >>> index.tolist(), values.tolist()
    ([0, 0, 2], [8, 9, 7])
    """

    def __init__(self, lists: Sequence[Sequence[int]]) -> None:
        self._first = np.cumsum([0, *map(len, lists)])
        self._values = np.array([value for values in lists for value in values], np.int64)

    def __len__(self) -> int:
        return len(self._first) - 1

    def of(self, which: I64) -> tuple[I64, I64]:
        """Return all numbers of the lists `which`, in order, and the index into `which` that each comes from."""
        counts = np.diff(self._first)[which]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(np.arange(len(which)), counts), self._values[np.repeat(self._first[which], counts) + within]


class Found:
    """Tells for all posts of a batch at once what stands in them.

    Parameters
    ----------
    texts : TextBatch
        n posts.
    known : mapping of str to pyarrow.Array
        Their columns; `language` and `channel` are asked for.
    matches : Matches
        Where the phrases of all queries stand.
    groups : Lists
        In which groups each phrase is. A group is a set of phrases of which any will do.
    n_groups : int
        How many groups there are.

    Attributes
    ----------
    group, post : int64, shape (k,)
        Which groups stand in which posts; by group, each pair once.
    """

    def __init__(
        self, texts: TextBatch, known: Mapping[str, pa.Array], matches: Matches, groups: Lists, n_groups: int
    ) -> None:
        self._texts, self._known, self._matches = texts, known, matches
        self._n, self._n_phrases = len(texts), len(groups)
        self._is_in: dict[tuple[str, str], Bools] = {}
        index, group = groups.of(matches.phrase)
        pairs = np.unique(group * max(1, self._n) + matches.post[index])
        self.group, self.post = np.divmod(pairs, max(1, self._n))
        self._edges = np.searchsorted(self.group, np.arange(n_groups + 1))

    def has_group(self, group: int) -> Bools:
        """Tell in which posts any phrase of a group stands."""
        has = np.zeros(self._n, np.bool_)
        has[self.post[self._edges[group] : self._edges[group + 1]]] = True
        return has

    def is_near(self, left: int, right: int, n: int) -> Bools:
        """Tell in which posts two phrases stand, one beginning at most n words after the other ends."""
        has = np.zeros(self._n, np.bool_)
        (first, last, post), (other_first, other_last, other_post) = self._places(left), self._places(right)
        if len(first) and len(other_first):
            has[post[_follows(last, other_first, n)]] = True
            has[other_post[_follows(other_last, first, n)]] = True
        return has

    def is_in(self, column: str, value: str) -> Bools:
        """Tell in which posts a column holds a value, whatever its case; nowhere if it is not known."""
        if (column, value) not in self._is_in:
            self._is_in[column, value] = self._compared(column, value)
        return self._is_in[column, value]

    def _compared(self, column: str, value: str) -> Bools:
        if column not in self._known:
            return np.zeros(self._n, np.bool_)
        equal = pc.equal(pc.utf8_lower(self._known[column]), value)
        return np.asarray(pc.fill_null(equal, pa.scalar(value=False)).to_numpy(zero_copy_only=False))

    def _places(self, phrase: int) -> tuple[I64, I64, I64]:
        """Return the first and last word of each place where a phrase stands, and the post, in order."""
        first, last, post = self._placed
        part = slice(self._ends[phrase - 1], self._ends[phrase]) if phrase >= 0 else slice(0, 0)
        return first[part], last[part], post[part]

    @cached_property
    def _ends(self) -> list[int]:
        """Return where the places of each phrase end, by number; the last one is 0, where the first begins."""
        return [*np.cumsum(np.bincount(self._matches.phrase, minlength=self._n_phrases)).tolist(), 0]

    @cached_property
    def _placed(self) -> tuple[I64, I64, I64]:
        """Return first word, last word and post of all matches, by phrase; posts lie far apart."""
        texts, found = self._texts, self._matches
        order = np.argsort(found.phrase, kind="stable")
        post = found.post[order]
        is_again = np.zeros(len(texts.words), np.bool_)  # the word of a tag stands inside the tag
        is_again[1:] = texts.word_starts[1:] < texts.word_ends[:-1]
        place = np.append(np.cumsum(~is_again) + texts.word_post * MOST_NEAR, 0)
        first = np.searchsorted(texts.word_ends, found.start[order], side="right")
        last = np.searchsorted(texts.word_starts, found.end[order], side="left") - 1
        return place[first], place[last], post


def _follows(last: I64, first: I64, n: int) -> Bools:
    """Tell after which places another begins, at most n words further on; `first` is sorted."""
    at = np.searchsorted(first, last, side="right")
    gap = first[np.minimum(at, len(first) - 1)] - last
    return np.asarray((gap > 0) & (gap <= n))
