"""Pages of every registered decoder that say one text, and texts that hurt; rows as they leave the row stages."""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from gehoor.core.page import RawPage, Staged
from gehoor.core.record import Activity
from gehoor.core.settings import Brand, Part, Settings
from gehoor.run.stages import RowStages
from tests.cast import NOON
from tests.component.jetstream import post

__all__ = ["HOSTILE", "SAYING", "columns_in_another_process", "page_saying", "plain_page", "rows_of", "stages"]

AS2 = "https://www.w3.org/ns/activitystreams"
_AT = "2026-04-14T11:00:00Z"
_DID = "did:plc:an"
_MEGABYTE = 1_000_000

HOSTILE: dict[str, str] = {
    "empty": "",
    "blanks": " \t\r\n\u00a0\u3000",
    "one letter": "a",
    "digits only": "0123456789 " * 40,
    "emoji only": "😡🤬👍🏽👩‍👩‍👧‍👦🇳🇱❤️‍🔥" * 20,
    "right to left": "מזוודה שלי אבדה בשדה התעופה! أين حقيبتي؟ \u202e\u202dklm\u202c",
    "zero width": "k\u200bl\u200cm\u200d \ufeffwaar\u2060 \u00adblijft mijn kof\u200bfer",
    "control characters": "".join(map(chr, range(32))) + "klm\x7f\x80\x9f waar blijft mijn koffer\x00?",
    "combining marks": "Z" + "\u0351\u0489\u0334" * 4_000 + "algo",
    "line separators": "een\u2028twee\u2029drie\x0bvier\x85vijf\rzes",
    "outside the first plane": "𝕶𝖔𝖋𝖋𝖊𝖗 𒀀𒀁 \U0010ffff \ufffe\uffff",
    "entities": "&amp;&#0;&#x110000;&#xD800;&lt;script&gt;" * 50,
    "signs only": "!?!?…—«»()[]{}<>|\\/" * 100,
    "one word without end": "o" * _MEGABYTE,
    "a megabyte of words": "waar blijft mijn koffer klm? " * (_MEGABYTE // 29),
    "a megabyte of emoji": "😡" * (_MEGABYTE // 4),
    "a megabyte of links": "https://t.co/abc " * (_MEGABYTE // 17),
    "a megabyte of tags": "#klm" * (_MEGABYTE // 4),
    "half a pair": "waar blijft \ud83d mijn koffer \udc00?",
    "nothing but half pairs": "\udfff\ud800" * 50,
}
"""Texts that nobody wrote with us in mind, by what is wrong with them."""


def _jsonl(*rows: Any) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


def _mastodon(text: str) -> bytes:
    account = {"id": "7", "username": "an", "acct": "an", "url": "https://elders.example/@an"}
    status = {"id": "109", "uri": "https://elders.example/9", "created_at": _AT, "account": account, "content": text}
    return _jsonl({"event": "update", "payload": status | {"visibility": "public"}})


def _bluesky(text: str) -> bytes:
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _AT}
    uri = f"at://{_DID}/app.bsky.feed.post/one"
    return _jsonl({"posts": [{"uri": uri, "author": {"did": _DID, "handle": "an"}, "record": record}]})


SAYING: dict[str, tuple[Callable[[str], bytes], dict[str, Any]]] = {
    "plain": (lambda text: _jsonl({"id": "1", "published": _AT, "actor": "an", "text": text}), {"channel": "file"}),
    "kept": (lambda text: _jsonl({"id": "1", "received": 1, "channel": "mail", "actor": "an", "text": text}), {}),
    "xapi": (lambda text: _jsonl({"data": [{"id": "1", "text": text, "author_id": "5", "created_at": _AT}]}), {}),
    "table": (
        lambda text: ('1,"' + text.replace('"', '""') + '"\n').encode("utf-8", "surrogatepass"),
        {"header": ["id", "text"], "columns": {"id": "id", "text": "text"}, "delimiter": ",", "channel": "file"},
    ),
    "feed": (
        lambda text: _jsonl(
            {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1", "content_text": text}]}
        ),
        {"url": "https://fedi.example/feed", "content_type": "application/feed+json"},
    ),
    "bluesky": (_bluesky, {}),
    "jetstream": (lambda text: _jsonl(post(_DID, NOON - 1_000_000, "one", text)), {}),
    "mastodon": (_mastodon, {"server": "fedi.example", "ours": None}),
    "activitystreams": (
        lambda text: _jsonl({"@context": AS2, "id": "https://fedi.example/1", "type": "Note", "content": text}),
        {"channel": "activitystreams"},
    ),
    "mail": (
        lambda text: (
            b"Message-ID: <1@an.example>\r\nFrom: an@an.example\r\nDate: Tue, 14 Apr 2026 13:00:00 +0200\r\n"
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode("utf-8", "surrogatepass")
        ),
        {},
    ),
    "segment": (
        lambda text: _jsonl({"type": "track", "event": text, "userId": "7", "properties": {"a": text}}),
        {"channel": "shop"},
    ),
}  # fmt: skip
"""How each decoder is told a text, and the options that its pages have."""


def page_saying(decoder: str, text: str | bytes) -> RawPage:
    """Return a page that says a text; bytes stand in the place of a text as they are."""
    make, options = SAYING[decoder]
    marker = "MARKER"
    payload = make(text) if isinstance(text, str) else make(marker).replace(marker.encode(), text)
    return RawPage(source="all", decoder=decoder, payload=payload, received=NOON, options=options)


def plain_page(activities: Sequence[Activity]) -> RawPage:
    """Return a page of these, as they are."""
    payload = b"\n".join(
        json.dumps({name: getattr(one, name) for name in one.__struct_fields__}).encode() for one in activities
    )
    return RawPage(source="all", decoder="kept", payload=payload, received=NOON)


def stages() -> RowStages:
    """Return row stages of a workspace with brands, of which one source keeps only what is about them."""
    brands = {"klm": Brand(terms=("klm",)), "koffer": Brand(query="koffer NEAR/5 waar OR reis* -klm")}
    return RowStages(Settings(brands=brands, sources={"all": Part(type="file", options=None, keep="brands")}))


def rows_of(staged: Staged) -> list[dict[str, Any]]:
    """Return the rows of a batch in their order, every column of them."""
    rows: list[dict[str, Any]] = staged.batch.to_pylist()
    return rows


def columns_in_another_process(pages: list[RawPage], cuts: list[int]) -> bytes:
    """Return what row stages that were built here make of these pages, cut into batches: for a process of its own."""
    made, edges = stages(), [0, *cuts, len(pages)]
    parts = [rows_of(made.run(pages[low:high])) for low, high in pairwise(edges) if low < high]
    return repr([row for part in parts for row in part]).encode("utf-8", "surrogatepass")
