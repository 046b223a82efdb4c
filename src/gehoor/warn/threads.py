"""Which posts hang together: names seen before, and the first of those that share one. Bounded, whatever comes in."""

from collections.abc import Container, Iterable
from itertools import islice
from typing import TypeVar

import msgspec

from gehoor.warn.spread_links import OFFSET_NAMES, Tied

__all__ = ["Threads"]

_MOST_NAMES, _MOST_POSTS, _MOST_ALONE = 131_072, 131_072, 65_536
_SPARE = 1 / 16

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class _Saved(msgspec.Struct):
    names: dict[int, int]
    firsts: dict[int, int]
    alone: list[Tied]


class Threads:
    """Puts posts together that share a name, in whatever order they come: a parent may be late.

    A thread is known by the `seq` of the first of those that it began with, or of the earlier one where two become one.
    What is oldest is forgotten first: then a later post begins
    a thread of its own.
    """

    def __init__(self) -> None:
        self._names: dict[int, int] = {}
        self._firsts: dict[int, int] = {}
        self._alone: dict[int, Tied] = {}

    def first_of(self, seq: int) -> int:
        """Return the first of the thread of a post; itself where it is in none that is remembered."""
        if seq not in self._firsts:
            return seq
        path = []
        while (up := self._firsts.get(seq, seq)) != seq:
            path.append(seq)
            seq = up
        for one in path[:-1]:
            self._firsts[one] = seq
        return seq

    def take(self, post: Tied, threads: Container[int]) -> tuple[list[Tied], list[int]]:
        """Take in a post.

        Parameters
        ----------
        threads : container of int
            The firsts of the threads that still live.

        Returns
        -------
        joined : list of Tied
            Posts that are in a thread from now on: this one, and those that stood alone; none when it stands alone.
        merged : list of int
            Firsts of threads that are one from now on, with this one's.
        """
        if self._is_new(post, threads):  # as most are
            self._names.update(dict.fromkeys((*post.sure, *post.likely), post.seq))
            self._alone[post.seq] = post
            return [], []
        joined: list[Tied] = []
        mine = self.first_of(post.seq)
        merged = [mine] if mine in threads else []  # it comes back where it was
        self._alone[post.seq] = post
        for name in post.sure:
            self._tie(name, post.seq, threads, joined, merged)
        for name in post.likely:
            if merged:
                self._names.setdefault(name, post.seq)
            else:
                self._tie(name, post.seq, threads, joined, merged)
        if joined or merged:
            self._alone.pop(post.seq, None)
            joined.append(post)
        return joined, merged

    def _is_new(self, post: Tied, threads: Container[int]) -> bool:
        """Tell whether nobody has any of its names, and it was in no thread: no row of it is looked at."""
        known = self._names
        if len(post.sure) == 1 and not post.likely:
            return post.sure[0] not in known
        if post.seq in self._firsts or post.seq in threads:
            return False
        names = (*post.sure, *post.likely)
        return known.keys().isdisjoint(names) and not any(map(OFFSET_NAMES.__contains__, names))

    def _tie(self, name: int, seq: int, threads: Container[int], joined: list[Tied], merged: list[int]) -> None:
        """Tie a post to what has a name of its; take the name for it where nobody has."""
        first, mine = self._first_with(name, seq), self.first_of(seq)
        if first == mine:
            self._names.setdefault(name, seq)
            return
        if first in self._alone:
            joined.append(self._alone.pop(first))
        elif first in threads:
            merged.append(first)
        else:
            self._names[name] = seq
            return
        kept = _kept(first, mine, [one for one in (first, mine) if one in merged])
        self._firsts[first + mine - kept] = kept

    def _first_with(self, name: int, otherwise: int) -> int:
        seq = self._names.get(name)
        if seq is None:
            seq = name - OFFSET_NAMES.start if name in OFFSET_NAMES else otherwise
        return self.first_of(seq)

    def drop(self, seq: int) -> bool:
        """Forget a post that stood alone; return whether it did."""
        return self._alone.pop(seq, None) is not None

    def bound(self) -> None:
        """Forget what is oldest where there is too much: after each batch."""
        _bound(self._names, _MOST_NAMES)
        _bound(self._firsts, _MOST_POSTS)
        _bound(self._alone, _MOST_ALONE)

    def state(self) -> bytes:
        """Return all of it."""
        return msgspec.msgpack.encode(_Saved(self._names, self._firsts, list(self._alone.values())))

    @classmethod
    def of(cls, data: bytes) -> "Threads":
        """Return what `state` gave."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        threads = cls()
        threads._names, threads._firsts = saved.names, saved.firsts
        threads._alone = {post.seq: post for post in saved.alone}
        return threads


def _kept(first: int, mine: int, threads: list[int]) -> int:
    """Return which name stays: that of the thread there was, so that it is stable; else the lower one."""
    return threads[0] if len(threads) == 1 else min(first, mine)


def _bound(kept: dict[_Key, _Value], most: int) -> None:
    if len(kept) <= most:
        return
    n_over = len(kept) - most + int(most * _SPARE)
    oldest: Iterable[_Key] = list(islice(kept, n_over))
    for key in oldest:
        del kept[key]
