"""Makes what a bench reads, in a process of its own, and hands it out: flat out, or at a steady pace."""

import asyncio
import itertools
import multiprocessing as mp
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage
from gehoor.listen.file import FileOptions, FileSource
from gehoor.run.texts import bench_posts, splice_posts

__all__ = ["PacedSource", "Posts", "Written", "write_posts"]

_SEED = 20_261_122
_LOOKED_AT = 1_000_000
_PAGE_S = 0.1


class Posts(msgspec.Struct, frozen=True, kw_only=True):
    """Which posts to make: how many, with whose texts, from which moment on, at which pace of their own time."""

    n: int
    file: Path | None
    start: int
    rate: float
    seed: int = _SEED


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What was made: the share of distinct texts and the number of different words, of the first million posts."""

    distinct_texts_share: float
    word_types: int
    trouble: str | None = None


def _lines(posts: Posts) -> Iterator[bytes]:
    if posts.file is None:
        return bench_posts(posts.n, posts.seed, start=posts.start, rate=posts.rate)
    return splice_posts(posts.file, posts.n, posts.seed, start=posts.start, rate=posts.rate)


class _Text(msgspec.Struct):
    text: str


def _write(posts: Posts, paths: list[Path], told: Path) -> None:
    """Write the posts, in equal parts; runs in a process of its own, whose memory goes with it."""
    texts: set[int] = set()
    words: set[str] = set()
    n_looked = 0
    try:
        lines = _lines(posts)
        for path in paths:
            with path.open("wb") as file:
                for line in itertools.islice(lines, -(-posts.n // len(paths))):
                    file.write(line)
                    if n_looked < _LOOKED_AT:
                        text = msgspec.json.decode(line, type=_Text).text
                        texts.add(hash(text))
                        words.update(text.casefold().split())
                        n_looked += 1
    except SettingError as error:
        written = Written(distinct_texts_share=0.0, word_types=0, trouble=str(error))
    else:
        written = Written(distinct_texts_share=len(texts) / max(1, n_looked), word_types=len(words))
    told.write_bytes(msgspec.json.encode(written))


def write_posts(posts: Posts, paths: list[Path]) -> Written:
    """Write posts as JSON lines, in order, in equal parts.

    Raises
    ------
    SettingError
        The file with real texts cannot be used, or the disk is full.
    """
    told = paths[0].with_suffix(".written")
    process = mp.get_context("spawn").Process(target=_write, args=(posts, paths, told), name="gehoor-bench-posts")
    process.start()
    process.join()
    if process.exitcode or not told.exists():
        raise SettingError(f"The posts could not be written to {paths[0].parent}: is the disk full?")
    written = msgspec.json.decode(told.read_bytes(), type=Written)
    told.unlink()
    if written.trouble is not None:
        raise SettingError(written.trouble)
    return written


class PacedSource:
    """A file source that waits for its start, and then gives all it has, or so many posts a second.

    Parameters
    ----------
    rate : float, optional
        Posts a second, in pages of a tenth of a second, as a live stream gives them. None: flat out, as a file does.
    """

    def __init__(self, name: str, path: Path, clock: Clock, rate: float | None) -> None:
        self.name = name
        self.n_given = 0
        self.may_start = asyncio.Event()
        self._file = FileSource(name, FileOptions(path=path), clock)
        self._clock, self._rate = clock, rate

    async def head(self) -> RawPage:
        """Return the first page, to warm up with."""
        return await anext(aiter(self._file.read(None)))

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield the file's pages once `may_start` is set."""
        await self.may_start.wait()
        due = time.monotonic()
        async for page in self._file.read(cursor):
            for part in [page] if self._rate is None else _parts(page, max(1, round(self._rate * _PAGE_S))):
                n = part.payload.count(b"\n")
                due += n / self._rate if self._rate is not None else 0.0
                if self._rate is not None and (wait_s := due - time.monotonic()) > 0:
                    await asyncio.sleep(wait_s)
                self.n_given += n
                yield msgspec.structs.replace(part, received=self._clock.now())


def _parts(page: RawPage, n_lines: int) -> Iterator[RawPage]:
    """Cut a page; the last part moves the cursor."""
    lines = page.payload.splitlines(keepends=True)
    for first in range(0, len(lines), n_lines):
        fields: dict[str, Any] = {"payload": b"".join(lines[first : first + n_lines])}
        if first + n_lines < len(lines):
            fields["cursor"] = b""
        yield msgspec.structs.replace(page, position=page.position + first, **fields)
