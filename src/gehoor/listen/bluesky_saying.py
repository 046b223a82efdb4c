"""What an answer says on Bluesky: its record, and the name that makes it one and the same however often it is sent."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gehoor.core.clock import SECOND_US
from gehoor.core.reply import Reply
from gehoor.listen.bluesky_record import POST
from gehoor.listen.reply_words import clean, link_spans, n_graphemes

__all__ = ["MOST", "handles_in", "length_of", "record_of", "rkey_of"]

MOST = 300
"""Characters of a post."""

_BYTES_EACH = 10  # 3,000 bytes are the other limit of a post: signs piled upon each other count by it
_SIGNS = "234567abcdefghijklmnopqrstuvwxyz"
_HANDLE = re.compile(r"(?<![\w@./-])@([a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+)", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def length_of(text: str) -> int:
    """Return how many characters a text takes, of 300.

    Examples
    --------
    >>> length_of("Zoë 👩‍👩‍👧"), length_of("a" + "\u0301" * 2_000)
    (5, 401)
    """
    text = clean(text)
    return max(n_graphemes(text), -(-len(text.encode()) // _BYTES_EACH))


def rkey_of(reply: Reply, key: str) -> str:
    """Return the name of an answer's record (a TID): the same for the same key of the outbox, so that it stands once.

    Names sort by when the answer was written, to the second.

    Examples
    --------
    >>> reply = Reply(conversation=7, channel="bluesky", to="at://x", text="Dag", at=17 * 10**14, said_by="an")
    >>> rkey_of(reply, "reply/7")
    '3ke6kg4mskdfo'
    """
    known = f"{key} {reply.to}".encode()  # another workspace that answers by the account has keys like ours
    drawn = int.from_bytes(hashlib.blake2b(known, digest_size=8).digest())
    moment = reply.at // SECOND_US * SECOND_US + drawn % SECOND_US
    number = moment << 10 | drawn >> 54
    return "".join(_SIGNS[number >> 5 * place & 31] for place in reversed(range(13)))


def handles_in(text: str) -> list[str]:
    """Return who is mentioned, each once, as written behind the `@`.

    Examples
    --------
    >>> handles_in("@an.example.org en @jan.bsky.social, niet an@post.example")
    ['an.example.org', 'jan.bsky.social']
    """
    return list(dict.fromkeys(found[1] for found in _HANDLE.finditer(clean(text))))


def record_of(reply: Reply, parent: Mapping[str, Any], dids: Mapping[str, str]) -> dict[str, Any]:
    """Return the record of an answer: the same whenever it is made.

    Parameters
    ----------
    parent : mapping
        The post that it answers, as the network shows it: `uri`, `cid`, `record`.
    dids : mapping
        Whom each handle in the text stands for; a handle that is not there stays plain text.
    """
    text = clean(reply.text)
    answered = {"uri": parent["uri"], "cid": parent["cid"]}
    moment = (_EPOCH + timedelta(microseconds=reply.at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record: dict[str, Any] = {
        "$type": POST,
        "text": text,
        "createdAt": moment,
        "reply": {"root": _root(parent.get("record")) or answered, "parent": answered},
    }
    if reply.language:
        record["langs"] = [reply.language]
    if facets := _facets(text, dids):
        record["facets"] = facets
    return record


def _root(record: Any) -> dict[str, str] | None:
    """Return the first post of the thread; None where the one that is answered is it."""
    for name in ("reply", "root"):
        record = record.get(name) if isinstance(record, dict) else None
    if not isinstance(record, dict):
        return None
    uri, cid = record.get("uri"), record.get("cid")
    return {"uri": uri, "cid": cid} if isinstance(uri, str) and isinstance(cid, str) else None


def _facets(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return which bytes of a text are links and mentions: the network shows none by itself."""
    links = link_spans(text)
    found = [(span, {"$type": "app.bsky.richtext.facet#link", "uri": text[slice(*span)]}) for span in links]
    for mention in _HANDLE.finditer(text):
        did = dids.get(mention[1])
        if did is not None and not any(start <= mention.start() < end for start, end in links):
            found.append((mention.span(), {"$type": "app.bsky.richtext.facet#mention", "did": did}))
    return [
        {"index": {"byteStart": _n_bytes(text[:start]), "byteEnd": _n_bytes(text[:end])}, "features": [feature]}
        for (start, end), feature in sorted(found, key=lambda one: one[0])
    ]


def _n_bytes(text: str) -> int:
    return len(text.encode())
