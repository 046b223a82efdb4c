"""What a status, a notification and a deletion of a Mastodon-like server say, as fields of `Activity`.

Mastodon, GoToSocial, Pleroma and Akkoma speak the same interface with accents: fields are absent or null, numbers come
as text, and each has its own kind of id. Only an id that cannot be read, or a moment that is none, costs the item.
"""

import re
from typing import Any

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.listen.as2_text import plain_text
from gehoor.listen.fields import json_text, name_of
from gehoor.listen.json_body import digest_id
from gehoor.listen.times import parse_time

__all__ = ["SAYING", "Server", "deletion", "listed", "notification", "says", "text_of"]

SAYING = frozenset({"mention", "status", "update", "quote", "quoted_update"})
"""Kinds of notifications that bring what somebody said."""

_LIKES = frozenset({"favourite", "reaction", "pleroma:emoji_reaction"})
_VISIBILITY = {"public": "public", "unlisted": "public", "local": "public", "direct": "direct"}
_MOST = 2**63
# Mastodon 4.5 writes the address of what is quoted above the words, for servers that know no quotes. Bounded, so that
# a text of nothing but such beginnings costs no more than another.
_QUOTE_LINE = re.compile(r'<p class="quote-inline">.{0,2000}?</p>', re.DOTALL)


class Server(msgspec.Struct, frozen=True):
    """Whose numbers they are: the host, and the actor that is ours, where a token says so."""

    host: str
    ours: str | None = None

    def name(self, value: Any, what: str = "statuses") -> str:
        """Return the name of one of the server's numbers: a deletion names nothing but its number.

        Raises
        ------
        RejectedRecord
            When it is no number and no text.
        """
        number = name_of(value, "id") if value is not None else None
        if number is None:
            raise RejectedRecord("it has no id")
        return f"{self.host}/{what}/{number[:200]}"


def says(server: Server, status: Any, *, received: int | None = None) -> dict[str, Any]:
    """Return the fields of a status: what somebody said, said anew, or passed on.

    Parameters
    ----------
    received : int, optional
        When we were told that it changed: the revision of an edit whose moment the server does not give.

    Raises
    ------
    RejectedRecord
        When it is no status, or its id or a moment cannot be read.
    """
    if not isinstance(status, dict):
        raise RejectedRecord("a status must be a JSON object")
    name = server.name(status.get("id"))
    fields = _somebody(server, status.get("account")) | {
        "published": _moment(status, "created_at"),
        "visibility": _VISIBILITY.get(text_of(status.get("visibility")) or "public", "followers"),
    }
    original = status.get("reblog")
    if isinstance(original, dict):  # the words are another person's
        passed_on = {"id": name, "type": "Announce", "object": server.name(original.get("id")), "url": _link(original)}
        return fields | passed_on
    return fields | _said(server, status) | _version(name, status, received)


def _version(name: str, status: dict[str, Any], received: int | None) -> dict[str, Any]:
    """Return which version it is: each has an id of its own, since one id must never stand for two texts."""
    edited = _moment(status, "edited_at")
    if edited is not None:
        return {"id": f"{name}#{edited}", "type": "Update", "object": name, "rev": edited}
    if received is not None:
        digest = digest_id([status.get("content"), status.get("spoiler_text")])
        return {"id": f"{name}#{digest[-16:]}", "type": "Update", "object": name, "rev": received}
    return {"id": name, "type": "Create", "object": None}


def _said(server: Server, status: dict[str, Any]) -> dict[str, Any]:
    markup, warning = text_of(status.get("content")), text_of(status.get("spoiler_text"))
    quote_of = _quoted(server, status)
    words = plain_text(_QUOTE_LINE.sub("", markup) if quote_of else markup) if markup else ""
    parent = status.get("in_reply_to_id")
    mentions = (_first(one, "uri", "url", "acct") for one in listed(status.get("mentions")))
    tags = (_first(one, "name") for one in listed(status.get("tags")))
    return {
        "text": "\n\n".join(part for part in (warning, words) if part) or None,
        "html": markup if markup != words else None,
        "url": _link(status),
        "media": tuple(file["url"] for file in _media(status) if "url" in file),
        "language": text_of(status.get("language")),
        "in_reply_to": server.name(parent) if parent is not None else None,
        "quote_of": quote_of,
        "mentions": tuple(mention for mention in mentions if mention),
        "tags": tuple(tag for tag in tags if tag),
        "replies": _count(status.get("replies_count")),
        "reposts": _count(status.get("reblogs_count")),
        "likes": _count(status.get("favourites_count")),
        "properties": _rest(status),
    }


def _quoted(server: Server, status: dict[str, Any]) -> str | None:
    """Return what it quotes: Mastodon wraps it, Akkoma and Pleroma have their own places for it."""
    quote = _dict(status.get("quote"))
    inner = _dict(quote.get("quoted_status"))
    pleroma = _dict(status.get("pleroma"))
    candidates = (
        inner.get("id"), quote.get("quoted_status_id"), quote.get("id"), status.get("quote_id"), pleroma.get("quote_id")
    )  # fmt: skip
    number = next((candidate for candidate in candidates if text_of(candidate)), None)
    return server.name(number) if number is not None else None


def _rest(status: dict[str, Any]) -> str | None:
    """Keep what may matter later, and no more: not who is logged in, nor the profile of who wrote it."""
    account, card = _dict(status.get("account")), _dict(status.get("card"))
    options = [_first(option, "title") for option in listed(_dict(status.get("poll")).get("options"))]
    kept = {
        "uri": text_of(status.get("uri")),
        "acct": text_of(account.get("acct")),
        "is_bot": account.get("bot") is True,
        "is_sensitive": status.get("sensitive") is True,
        "is_unlisted": status.get("visibility") == "unlisted",
        "warning": text_of(status.get("spoiler_text")),
        "media": _media(status),
        "poll": [option for option in options if option],
        "card": {name: text for name in ("url", "title") if (text := text_of(card.get(name)))},
        "application": _first(_dict(status.get("application")), "name"),
    }
    found = {name: value for name, value in kept.items() if value}
    return json_text(found) if found else None


def notification(server: Server, told: Any) -> dict[str, Any] | None:
    """Return the fields of a notification; None when it tells of nothing that somebody said or did.

    Raises
    ------
    RejectedRecord
        As of `says`.
    """
    if not isinstance(told, dict):
        raise RejectedRecord("a notification must be a JSON object")
    kind = told.get("type")
    if kind in SAYING:
        return says(server, told.get("status"))
    type_ = "Like" if kind in _LIKES else {"reblog": "Announce", "follow": "Follow"}.get(text_of(kind) or "")
    if type_ is None:
        return None
    about = _dict(told.get("status"))
    target = server.name(about.get("id")) if type_ != "Follow" else server.ours or f"{server.host}/ours"
    emoji = text_of(told.get("emoji"))
    return _somebody(server, told.get("account")) | {
        "id": server.name(told.get("id"), "notifications"),
        "type": type_,
        "object": target,
        "published": _moment(told, "created_at"),
        "url": _link(about),
        "properties": json_text({"emoji": emoji}) if emoji else None,
    }


def deletion(server: Server, number: Any) -> dict[str, Any]:
    """Return the fields of a deletion; all that a server says of it is the number.

    Raises
    ------
    RejectedRecord
        When the number cannot be read.
    """
    name = server.name(number)
    return {"id": f"{name}#deleted", "type": "Delete", "object": name}


def _somebody(server: Server, account: Any) -> dict[str, Any]:
    account = _dict(account)
    actor = _first(account, "uri", "url", "acct")
    return {
        "actor": actor,
        "actor_name": _first(account, "display_name", "acct", "username"),
        "actor_followers": _count(account.get("followers_count")),
        "direction": "out" if actor is not None and actor == server.ours else "in",
    }


def _media(status: dict[str, Any]) -> list[dict[str, str]]:
    """Return addresses, kinds and alternative texts of what is attached."""
    return [
        {
            name: text
            for name, text in (
                ("url", _first(file, "url", "remote_url", "preview_url")),
                ("type", _first(file, "type")),
                ("alt", _first(file, "description")),
            )
            if text
        }
        for file in listed(status.get("media_attachments"))
    ]


def _link(status: dict[str, Any]) -> str | None:
    return next((link for link in (status.get("url"), status.get("uri")) if _is_link(link)), None)


def _is_link(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _moment(values: dict[str, Any], name: str) -> int | None:
    value = values.get(name)
    return parse_time(value, name) if value not in (None, "") else None


def _count(value: Any) -> int | None:
    """Return a count; where a server hides one, or writes it as it likes, there is none."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 19:
        return int(value)
    return value if type(value) is int and 0 <= value < _MOST else None


def text_of(value: Any) -> str | None:
    """Return a text that is not empty, or a number as text; None for anything else."""
    if type(value) is int and abs(value) < _MOST:
        return str(value)
    return value or None if isinstance(value, str) else None


def _first(values: Any, *names: str) -> str | None:
    return next((text for name in names if (text := text_of(_dict(values).get(name)))), None)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """Return a list as it is, and anything else as an empty one."""
    return value if isinstance(value, list) else []
