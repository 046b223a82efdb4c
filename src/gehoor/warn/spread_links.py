"""What ties the posts of a batch to others: whom they answer, repeat, quote, copy, and which link they share."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.record import digest
from gehoor.core.reference import reference_key

__all__ = ["LINK_BITS", "OFFSET_NAMES", "Tied", "link_name", "links_by_row", "links_in", "tied_posts"]

_SAID = pa.array(["Create", "Update", "Announce"])
_LINK = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
_TRACKED = re.compile(r"(?:^|&)(?:utm_[^=&]*|fbclid|gclid|mc_[ce]id|igshid|ref_src)=[^&]*")
_MOST_LINKS = 4
_OUR, _LINKS, _COPIES = "out", "link", "copy"
_FEED = "feed"
OFFSET_NAMES = range(-(1 << 62), -(1 << 62) + (1 << 44))
"""Names of rows by their offset: a copy names its original so. One digest in a million is among them by chance."""

LINK_BITS = 40
"""How much of a link's name is kept where it is counted: two of a million links share it once in a million times."""

_COLUMNS = ("seq", "type", "channel", "key", "object_key", "actor_key", "parent_key", "duplicate_of", "campaign",
            "quote_of")  # fmt: skip


class Tied(NamedTuple):
    """A post, and the names of what it hangs on.

    Names are digests: of posts within their channel, of links, of offsets.
    """

    seq: int
    at: int
    """Microseconds UTC."""
    actor_key: int | None
    channel: str
    name: int
    """Under which others refer to it."""
    parent: int | None
    """The name of what it hangs on most."""
    via: str
    """How: `reply`, `repost`, `quote`, `copy`, `link`; empty where it stands alone."""
    sure: tuple[int, ...]
    """Names that make it one with what has them, too."""
    likely: tuple[int, ...]
    """Names of what it joins where it stands alone: links, templates."""


def tied_posts(rows: pa.RecordBatch) -> Iterator[Tied]:
    """Yield the posts of others that are no spam, in their order. Cost: 4 us a row."""
    wanted = pc.and_(pc.is_in(rows.column("type"), _SAID), pc.is_null(rows.column("spam")))
    wanted = pc.and_(wanted, pc.not_equal(rows.column("direction"), _OUR))
    rows = rows.filter(wanted)
    at = rows.column("event_at").cast(pa.int64()).to_pylist()
    columns = [rows.column(name).to_pylist() for name in _COLUMNS]
    links = links_by_row(rows)
    hangs = _hangs(rows)
    for place, row in enumerate(zip(*columns, strict=True)):
        if hangs[place] or place in links:
            yield _tied(row, at[place], links.get(place, ()))
        else:  # as most are
            yield Tied._make((row[0], at[place], row[5], row[2], row[4], None, "", (row[4],), ()))


def _hangs(rows: pa.RecordBatch) -> list[bool]:
    """Tell which posts hang on others by more than a link."""
    hangs = pc.equal(rows.column("type"), "Announce")
    for name in ("parent_key", "duplicate_of", "campaign", "quote_of"):
        hangs = pc.or_(hangs, pc.is_valid(rows.column(name)))
    return hangs.to_pylist()  # type: ignore[no-any-return]  # pyarrow ships no types


def links_in(text: str) -> list[str]:
    """Return the links of a text as they stand there, at most four."""
    return _LINK.findall(text)[:_MOST_LINKS]


def links_by_row(rows: pa.RecordBatch) -> dict[int, tuple[int, ...]]:
    """Return the names of the links of each row that has any; the news stands at a link itself."""
    has_link = pc.fill_null(pc.match_substring(rows.column("text"), "://"), False)  # noqa: FBT003  # pyarrow's own
    is_feed = pc.and_(pc.equal(rows.column("channel"), _FEED), pc.is_valid(rows.column("url")))
    places = pc.indices_nonzero(pc.or_(has_link, is_feed))
    texts, channels, urls = (rows.column(name).take(places).to_pylist() for name in ("text", "channel", "url"))
    found: dict[int, tuple[int, ...]] = {}
    for place, text, channel, url in zip(places.to_pylist(), texts, channels, urls, strict=True):
        links = links_in(text or "")
        if channel == _FEED:
            links.append(url or "")
        found[place] = tuple([name for link in links if (name := link_name(link)) is not None])
    return found


def _tied(row: tuple[Any, ...], at: int, links: tuple[int, ...]) -> Tied:
    seq, type_, channel, key, object_key, actor_key, parent_key, original, campaign, quote = row
    hangs: list[tuple[int, str]] = []
    if type_ == "Announce":
        hangs.append((object_key, "repost"))
    if parent_key is not None:
        hangs.append((parent_key, "reply"))
    if quote is not None:
        hangs.append((reference_key(channel, quote), "quote"))
    if original is not None:
        hangs.append((OFFSET_NAMES[original], _COPIES))
    name = key if type_ == "Announce" else object_key
    sure = (name, *[parent for parent, _ in hangs]) if hangs else (name,)
    if campaign is not None:
        hangs.append((OFFSET_NAMES[campaign], _COPIES))
        links = (OFFSET_NAMES[campaign], *links)
    elif links:
        hangs.append((links[0], _LINKS))
    parent, via = hangs[0] if hangs else (None, "")
    return Tied(seq, at, actor_key, channel, name, parent, via, sure, links)


@lru_cache(maxsize=16_384)
def link_name(link: str) -> int | None:
    """Return the name of a link however it was shared; None for a site as a whole, which says nothing.

    Examples
    --------
    >>> link_name("https://www.news.example/a?utm_source=x#top") == link_name("http://news.example/a/")
    True
    >>> link_name("https://news.example/") is None
    True
    """
    rest = link.split("://", 1)[-1].split("#", 1)[0].rstrip(".,;:!?…")
    place, _, query = rest.partition("?")
    host, _, path = place.partition("/")
    query = _TRACKED.sub("", query).strip("&")
    if not path.strip("/") and not query:
        return None
    return digest("link", f"{host.lower().removeprefix('www.')}/{path.rstrip('/')}?{query}")
