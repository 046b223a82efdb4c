"""What a feed holds, whatever its dialect: RSS, Atom and JSON Feed come down to this."""

import hashlib
from collections import Counter
from urllib.parse import urlsplit

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.listen.times import parse_time

__all__ = ["Entry", "Feed", "identified", "moment_or_none", "shown", "web_address"]


class Entry(msgspec.Struct, kw_only=True):
    """One entry of a feed.

    Attributes
    ----------
    guid : str, optional
        As the feed gave it.
    object : str
        What it is known by, in its channel: set by `identified`.
    url, actor : str, optional
        Web addresses only; the actor's may also be a `mailto:`.
    text : str
        Title and words, plain.
    html : str, optional
        The words as markup, where they came so. Never cleaned: it is data, not for showing.
    published, updated : int, optional
        Microseconds UTC.
    in_reply_to : str, optional
        What it answers, where the feed says so (RFC 4685).
    comments_url : str, optional
        Where the feed of its comments is (wfw:commentRss).
    n_comments : int, optional
        How many there are (slash:comments).
    """

    guid: str | None = None
    object: str = ""
    url: str | None = None
    title: str | None = None
    text: str = ""
    html: str | None = None
    published: int | None = None
    updated: int | None = None
    actor: str | None = None
    actor_name: str | None = None
    language: str | None = None
    media: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    in_reply_to: str | None = None
    comments_url: str | None = None
    n_comments: int | None = None

    @property
    def digest(self) -> bytes:
        """What its words come down to: 6 bytes. Markup and dates change when nobody wrote anything, words do not."""
        return _digest(self.text)

    @property
    def key(self) -> bytes:
        """What it is known by, in 6 bytes."""
        return _digest(self.object)


class Feed(msgspec.Struct, kw_only=True):
    """A feed and its entries, in the order of the document.

    Attributes
    ----------
    hub, topic : str, optional
        Its WebSub hub, and the address under which the hub knows it.
    pause_s : float
        How long it asks readers to wait between visits (ttl, sy:updatePeriod); 0: it does not say.
    """

    title: str | None = None
    hub: str | None = None
    topic: str | None = None
    pause_s: float = 0.0
    entries: list[Entry] = []


def identified(entries: list[Entry], address: str) -> list[Entry]:
    """Give each entry the name by which it is known, and return them, each once.

    That is its guid; where several entries of the document share it (some feeds give all the same) or it has none, its
    link; else the digest of its words and date. A name that is no URI, or the address of somebody else's page, holds
    within its own feed only: otherwise one feed could change what another one said.

    Parameters
    ----------
    address : str
        The feed's, as `shown` gives it.
    """
    scope = address.partition("://")[2]
    n_guid = Counter(entry.guid for entry in entries)
    n_url = Counter(entry.url for entry in entries)
    for entry in entries:
        if entry.guid and n_guid[entry.guid] == 1:
            entry.object = _named(entry.guid, scope)
        elif entry.url and n_url[entry.url] == 1:
            entry.object = _named(entry.url, scope)
        else:
            words = f"{entry.text} {entry.url} {entry.published}"
            entry.object = f"{scope}#{_digest(words).hex()}"
    return list({entry.object: entry for entry in reversed(entries)}.values())[::-1]


def _named(name: str, scope: str) -> str:
    scheme, _, rest = name.partition(":")
    is_ours = bool(rest) if scheme.lower() not in {"http", "https"} else _is_kin(rest, scope)
    return name if is_ours or name.startswith(f"{scope}#") else f"{scope}#{name}"


def _is_kin(rest: str, scope: str) -> bool:
    """Tell whether an address and a feed are of one site: the same host, or one under the other."""
    hosts = [text.lstrip("/").split("/")[0].split(":")[0].lower().removeprefix("www.") for text in (rest, scope)]
    return any(f".{one}".endswith(f".{other}") for one, other in (hosts, hosts[::-1]) if other)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()


def shown(address: str) -> str:
    """Return a feed's address without what may be secret in it, so that it can stand in a page, a reject or a name.

    Examples
    --------
    >>> shown("https://user:word@example.org/feed?token=x")
    'https://example.org/feed?e1cbdc91'
    """
    parts = urlsplit(address)
    query = f"?{_digest(parts.query).hex()[:8]}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{query}"


def web_address(address: object) -> str | None:
    """Return an address if it is one of the web: whatever else could do harm when somebody follows it.

    Examples
    --------
    >>> web_address("javascript:alert(1)"), web_address(" https://example.org/1 ")
    (None, 'https://example.org/1')
    """
    if not isinstance(address, str):
        return None
    plain = address.strip()
    return plain if plain.lower().startswith(("https://", "http://")) and len(plain) < 2_000 else None


def moment_or_none(value: object) -> int | None:
    """Return a moment in microseconds UTC, or None when nobody can tell which it is."""
    try:
        return parse_time(value)
    except RejectedRecord:
        return None
