"""A model of a disk that may lose its power: what was promised by an fsync stays, the rest may or may not.

Files: what was written or cut off since the last fsync may be there, wholly, up to some moment, or by sectors, each as
old or new as it likes; the size may be the old one. Folders: an entry that was made, renamed or removed since the
folder's last fsync may or may not be there; a rename is never half there. This is what POSIX allows, harsher than
ext4 in its default mode, in two ways: fsync of a new file does not keep its name, and changes of different names may
be kept in any order. It writes zeros where data never arrived, and believes fsync: a lying disk is not modelled.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.crash.recorder import Record

__all__ = ["Disk"]

_ROOT = 0
_SECTORS = (512, 4096)
_Slot = tuple[int, str]  # (folder, name)


@dataclass(frozen=True, slots=True)
class _Change:
    """Something done to a file: `data` written at `offset`, or cut to `offset` bytes where data is None."""

    at: int
    offset: int
    data: bytes | None


@dataclass(slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[_Change] = field(default_factory=list)

    def sync(self, before: int) -> None:
        """Keep for good what was done before that moment."""
        for change in self.pending:
            if change.at < before:
                _put(self.durable, change.offset, change.data)
        self.pending = [change for change in self.pending if change.at >= before]

    def everything(self) -> bytes:
        content = bytearray(self.durable)
        for change in self.pending:
            _put(content, change.offset, change.data)
        return bytes(content)

    def remains(self, rng: np.random.Generator) -> bytes:
        """Return what is left of it after the power went."""
        fate = str(rng.choice(["old", "new", "until", "until", "torn", "torn, old size"]))
        if not self.pending or fate == "old":
            return bytes(self.durable)
        if fate == "new":
            return self.everything()
        content = bytearray(self.durable)
        if fate == "until":
            for change in self.pending[: rng.integers(len(self.pending) + 1)]:
                _put(content, change.offset, change.data)
            return bytes(content)
        self._tear(content, rng)
        return bytes(content[: len(self.durable)] if fate == "torn, old size" else content)

    def _tear(self, content: bytearray, rng: np.random.Generator) -> None:
        size = int(rng.choice(_SECTORS))
        n, newest = len(self.pending), dict[int, int]()  # sector -> how many of the changes it saw
        for i, change in enumerate(self.pending):
            if change.data is None:
                if rng.random() < 0.5:
                    _put(content, change.offset, None)
                continue
            end = change.offset + len(change.data)
            for sector in range(change.offset // size, -(-end // size)):
                if sector not in newest:
                    newest[sector] = int(rng.choice([0, n, int(rng.integers(n + 1))]))
                if i < newest[sector]:
                    start, stop = max(change.offset, sector * size), min(end, (sector + 1) * size)
                    _put(content, start, change.data[start - change.offset : stop - change.offset])


def _put(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


@dataclass(frozen=True, slots=True)
class _Entries:
    """A change of folders that happens wholly or not at all: (folder, name) -> what stands there now."""

    at: int
    slots: dict[_Slot, int | None]


class Disk:
    """Follows a recording; can be asked at any moment what a machine finds after a power cut.

    Parameters
    ----------
    before : dict
        What lay in the folder before, as `recorder.snapshot` gives it; it counts as durable.
    """

    def __init__(self, before: dict[str, tuple[int, bytes] | None]) -> None:
        self._files: dict[int, _File] = {}
        self._by_ino: dict[int, int] = {}
        self._live: dict[_Slot, int] = {}
        self._durable: dict[_Slot, tuple[int, int | None]] = {}
        self._pending: list[_Entries] = []
        self._begun: dict[tuple[int, int], int] = {}
        self._now = 0
        self._n_objects = 0
        for path, found in before.items():
            slot = self._slot(path)
            self._live[slot] = self._new(None if found is None else found[0], b"" if found is None else found[1])
            self._durable[slot] = (0, self._live[slot])

    def apply(self, record: Record) -> None:
        """Take in the next record.

        Raises
        ------
        ValueError
            The recording cannot be replayed: a file mapped writable, or written by a way the recorder does not see.
        """
        self._now += 1
        if record.op in "WTfF":
            self._apply_to_file(record)
        elif record.op in "dD":
            self._apply_to_folder(record)
        elif record.op == "!":
            raise ValueError(f"{record.path}: {record.other}; nobody can say what a power cut leaves of it")
        elif record.op != "#":
            self._apply_to_names(record)

    def cut_power(self, rng: np.random.Generator, into: Path) -> None:
        """Build in an empty or absent folder what the machine may find when it comes up again."""
        names, contents = self._surviving_names(rng), rng.choice(["old", "mixed", "mixed", "mixed", "new"])
        for obj, path in _walk(names, into):
            if obj not in self._files:
                path.mkdir(parents=True, exist_ok=True)
            elif contents == "mixed":
                path.write_bytes(self._files[obj].remains(rng))
            else:
                file = self._files[obj]
                path.write_bytes(file.everything() if contents == "new" else file.durable)

    def everything(self) -> dict[str, bytes | None]:
        """Return what stands in the folder while the machine runs: relative path -> content, None for a folder."""
        found = _walk(self._live, Path())
        return {p.as_posix(): self._files[o].everything() if o in self._files else None for o, p in found if o != _ROOT}

    def _apply_to_file(self, record: Record) -> None:
        if record.ino not in self._by_ino:
            raise ValueError(f"inode {record.ino} is written, but was never seen to be opened")
        file = self._files[self._by_ino[record.ino]]
        if record.op == "W":
            file.pending.append(_Change(self._now, record.offset, record.data))
        elif record.op == "T":
            file.pending.append(_Change(self._now, record.offset, None))
        elif record.op == "f":
            self._begun[record.thread] = self._now
        else:
            file.sync(self._begun.pop(record.thread))

    def _apply_to_folder(self, record: Record) -> None:
        if record.op == "d":
            self._begun[record.thread] = self._now
            return
        before, folder, left = self._begun.pop(record.thread), self._folder(record.path), []
        for change in self._pending:
            if change.at < before and any(slot[0] == folder for slot in change.slots):
                _settle(self._durable, change)
            else:
                left.append(change)
        self._pending = left

    def _apply_to_names(self, record: Record) -> None:
        slot = self._slot(record.path)
        there = self._live.get(slot)
        if record.op == "O":
            self._opened(record, slot)
        elif record.op == "M":
            self._change({slot: self._new(None, b"")})
        elif there is None:
            raise ValueError(f"{record.path} is gone ({record.op}), but was never seen to be made")
        elif record.op == "U":
            self._change({slot: None})
        elif record.op == "L":
            self._change({self._slot(record.other): there})
        elif record.other != record.path:
            other = self._slot(record.other)
            self._change({slot: self._live.get(other) if record.op == "X" else None, other: there})

    def _opened(self, record: Record, slot: _Slot) -> None:
        if record.path.endswith(" (deleted)"):  # removed by another process while it was being opened
            if record.ino not in self._by_ino:
                self._new(record.ino, b"")
        elif slot not in self._live:
            self._change({slot: self._new(record.ino, b"")})

    def _change(self, slots: dict[_Slot, int | None]) -> None:
        self._pending.append(_Entries(self._now, slots))
        for slot, obj in slots.items():
            if obj is None:
                self._live.pop(slot, None)
            else:
                self._live[slot] = obj

    def _surviving_names(self, rng: np.random.Generator) -> dict[_Slot, int]:
        fate = rng.choice(["old", "new", "until", "any"])
        n = len(self._pending)
        keep = {
            "old": np.zeros(n, bool),
            "new": np.ones(n, bool),
            "until": np.arange(n) < rng.integers(n + 1),
            "any": rng.random(n) < 0.5,
        }[str(fate)]
        slots = dict(self._durable)
        for change, is_kept in zip(self._pending, keep, strict=True):
            if is_kept:
                _settle(slots, change)
        return {slot: obj for slot, (_, obj) in slots.items() if obj is not None}

    def _new(self, ino: int | None, content: bytes) -> int:
        self._n_objects += 1
        if ino is not None:
            self._by_ino[ino] = self._n_objects
            self._files[self._n_objects] = _File(bytearray(content))
        return self._n_objects

    def _slot(self, path: str) -> _Slot:
        folder, _, name = path.rpartition("/")
        return self._folder(folder), name

    def _folder(self, path: str) -> int:
        folder = _ROOT
        for name in filter(None, path.split("/")):
            if (folder, name) not in self._live:
                raise ValueError(f"folder {path} was never seen to be made")
            folder = self._live[folder, name]
        return folder


def _settle(slots: dict[_Slot, tuple[int, int | None]], change: _Entries) -> None:
    """Write a change of names down; a name that was already written later keeps what it has."""
    for slot, obj in change.slots.items():
        if slot not in slots or slots[slot][0] < change.at:
            slots[slot] = (change.at, obj)


def _walk(slots: dict[_Slot, int], top: Path) -> Iterable[tuple[int, Path]]:
    """Yield each thing that can be reached from the root, folders before what is in them."""
    children: dict[int, list[tuple[str, int]]] = {}
    for (folder, name), obj in sorted(slots.items()):
        children.setdefault(folder, []).append((name, obj))
    todo: list[tuple[int, Path]] = [(_ROOT, top)]
    while todo:
        obj, path = todo.pop()
        yield obj, path
        todo.extend((child, path / name) for name, child in children.get(obj, []))
