"""Posts for the bench: as many as you like, the same for the same seed, shaped like a real stream.

Of all posts 12 % repeat an earlier text to the letter and 10 % with one word changed; 35 % answer another post; 60,000
people write, some of them much. The texts are made (`bench_posts`) or spliced from real ones (`splice_posts`); never a
few sentences with a number behind them, which every cache and index finds easy.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import numpy as np

from gehoor.core.clock import SECOND_US
from gehoor.run.phrases import Language, Text, sentences, vocabulary
from gehoor.run.splice import read_texts, splices

__all__ = ["BENCH_START", "bench_posts", "splice_posts"]

BENCH_START = 1_776_168_000 * SECOND_US
"""2026-04-14T12:00:00Z: where a bench's posts start when nobody says otherwise."""

COPIES, EDITED, REPLIES = 0.12, 0.10, 0.35
_N_ACTORS = 60_000
_N_REMEMBERED = 32_768  # what may be copied or answered: a storm repeats what is recent
_CHUNK = 2_048
_N_DRAWS = 12
_BRANDS = ("Noordvlucht", "Zuiderlucht", "Noorderbank", "Polderstroom", "@noordvlucht", "#noordvlucht", "@polderstroom")
_EMOJI = ("😀", "😡", "🙏", "❤️", "👍🏽", "😭", "🤦‍♀️", "🎉", "✈️", "🇳🇱", "☕", "🙄")
_CHANNELS = (
    ("bluesky", 0.45, "did:plc:{0:x}wq7zkg4yd2hm", "at://{actor}/app.bsky.feed.post/3m{n:011x}"),
    ("mastodon", 0.80, "https://mastodon.example/users/u{0:x}", "{actor}/statuses/1164{n:014d}"),
    ("reviews", 0.90, "customer-{0:07d}", "https://reviews.example/{actor}/{n:x}"),
    ("mail", 1.00, "u{0:x}@mail.example", "<{n:x}.{actor}>"),
)

_Make = Callable[[np.random.Generator, int], list[Text]]
_T = TypeVar("_T")


class _Line(msgspec.Struct, omit_defaults=True):
    """One line of the plain form."""

    id: str
    published: str
    channel: str
    actor: str
    actor_name: str
    actor_followers: int
    text: str
    url: str
    in_reply_to: str | None = None
    conversation: str | None = None
    mentions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    likes: int = 0
    reposts: int = 0


class _Ring(Generic[_T]):
    """The last `_N_REMEMBERED` things; the newest are picked most."""

    def __init__(self) -> None:
        self._items: list[_T] = []
        self._n = 0

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: _T) -> None:
        if self._n < _N_REMEMBERED:
            self._items.append(item)
        else:
            self._items[self._n % _N_REMEMBERED] = item
        self._n += 1

    def pick(self, chance: float) -> _T:
        back = 1 + int(chance**3 * len(self._items))
        return self._items[(self._n - back) % len(self._items)]


class _Stream:
    """Turns fresh texts into posts: copies, edits, replies, people, times."""

    def __init__(self, make: _Make, seed: int, start: int, rate: float) -> None:
        self._make = make
        self._rng = np.random.default_rng(seed)
        self._at = float(start)
        self._gap = SECOND_US / rate
        self._n = 0
        self._originals: _Ring[Text] = _Ring()
        self._posts: dict[str, _Ring[tuple[str, str]]] = {name: _Ring() for name, *_ in _CHANNELS}

    def chunk(self, n: int) -> Iterator[bytes]:
        """Yield the next n lines."""
        rng = self._rng
        chances = rng.random((n, _N_DRAWS)).tolist()
        moments = (self._at + np.cumsum(rng.exponential(self._gap, n))).tolist()
        fresh = self._make(rng, n)
        encode = msgspec.json.Encoder().encode
        for text, draws, at in zip(fresh, chances, moments, strict=True):
            yield encode(self._post(self._text(text, draws), draws, int(at))) + b"\n"
        self._at = moments[-1]

    def _text(self, fresh: Text, draws: list[float]) -> str:
        """Return the text as it is, a copy of an earlier one, or one with a word changed."""
        kind = draws[0]
        if kind < COPIES + EDITED and len(self._originals):
            text, language = self._originals.pick(draws[1])
            return text if kind < COPIES else _edited(text, language, draws)
        dressed = _dressed(fresh[0], draws)
        self._originals.add((dressed, fresh[1]))
        return dressed

    def _post(self, text: str, draws: list[float], at: int) -> _Line:
        self._n += 1
        channel, _, actor_form, id_form = next(row for row in _CHANNELS if draws[2] < row[1])
        # Squared: the busiest hundredth of the people writes a tenth of the posts.
        person = int(draws[3] ** 2 * _N_ACTORS)
        actor = actor_form.format(person * 48_271 + 11)
        id_ = id_form.format(actor=actor, n=self._n * 7_919 + at % 7_919)
        known = self._posts[channel]
        parent, root = known.pick(draws[5]) if draws[4] < REPLIES and len(known) else (None, None)
        known.add((id_, root or id_))
        return _Line(
            id=id_, published=_iso(at), channel=channel, actor=actor, actor_name=f"Reiziger {person:x}", text=text,
            actor_followers=int(60 / (draws[6] + 1e-4)), url=f"https://{channel}.example/@u{person:x}/{self._n:x}",
            in_reply_to=parent, conversation=root or id_, mentions=_marked(text, "@"), tags=_marked(text, "#"),
            likes=int(1 / (draws[7] + 1e-3)), reposts=int(0.3 / (draws[8] + 1e-3)),
        )  # fmt: skip


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND_US, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _marked(text: str, sign: str) -> tuple[str, ...]:
    if sign not in text:
        return ()
    return tuple(word[1:] for word in text.split() if word.startswith(sign))


def _dressed(text: str, draws: list[float]) -> str:
    """Add what posts wear: a brand, a handle, a tag, a link, an emoji."""
    chance, other = draws[9], draws[10]
    if chance < 0.30:
        text = f"{text} {_BRANDS[int(other * len(_BRANDS))]}"
    elif chance < 0.45:
        text = f"@u{int(other * _N_ACTORS):x} {text}"
    elif chance < 0.60:
        text = f"{text} https://link.example/{int(other * 1e9):x}"
    elif chance < 0.68:
        text = f"{text} #{text.split(' ', 3)[1].strip('.,')}"
    if draws[11] < 0.12:
        text = f"{text} {_EMOJI[int(draws[11] * 100) % len(_EMOJI)]}"
    return text


def _edited(text: str, language: Language, draws: list[float]) -> str:
    """Return the text with one of its words replaced by another."""
    words = text.split(" ")
    known = vocabulary(language)
    words[int(draws[9] * len(words))] = known[int(draws[10] * len(known))]
    return " ".join(words)


def _stream(make: _Make, n: int, seed: int, start: int, rate: float) -> Iterator[bytes]:
    stream = _Stream(make, seed, start, rate)
    for first in range(0, n, _CHUNK):
        yield from stream.chunk(min(_CHUNK, n - first))


def bench_posts(n: int, seed: int, *, start: int = BENCH_START, rate: float = 4_600.0) -> Iterator[bytes]:
    """Yield n made posts as JSON lines in the plain form, about 630 bytes each.

    Parameters
    ----------
    n : int
        How many.
    seed : int
        The same seed gives the same bytes, and the first posts do not depend on n (to the chunk of 2,048).
    start : int
        When the first is published, microseconds UTC.
    rate : float
        Posts a second of their own time; `published` rises at this pace.

    Notes
    -----
    160,000 word types (Zipf), Dutch and English. Cost: about 14 µs a line on one core, and a second at the start:
    write them to a file before you measure anything else.

    Examples
    --------
    >>> sum(1 for line in bench_posts(10, seed=1))
    10
    """
    return _stream(sentences, n, seed, start, rate)


def splice_posts(path: Path, n: int, seed: int, *, start: int = BENCH_START, rate: float = 4_600.0) -> Iterator[bytes]:
    """Yield n posts whose texts are made of two halves of real ones; otherwise like `bench_posts`.

    Parameters
    ----------
    path : Path
        JSON lines or CSV, also gzipped, with a column text, content, body or message.

    Raises
    ------
    SettingError
        If the file cannot be read or holds fewer than two texts.
    """
    return _stream(splices(read_texts(path)), n, seed, start, rate)
