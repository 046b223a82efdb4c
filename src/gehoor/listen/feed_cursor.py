"""What is remembered of feeds between two visits: how to ask for news only, and what each entry said."""

import base64
import hashlib
from typing import Any, Literal

import msgspec

from gehoor.core.errors import SettingError
from gehoor.listen.feed_entry import Entry

__all__ = ["FeedCursor", "FeedPlace", "Heard", "key_of"]

_SIZE = 6  # bytes of a name's and of a text's digest, as `Entry` gives them
_MOST = 20_000


class FeedPlace(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Of one feed: its validators (for 304), and the entries it had, as text: 16 characters an entry."""

    etag: str | None = None
    modified: str | None = None
    heard: str = ""


class FeedCursor(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Of all feeds of a source, by `key_of` their address; and what was spent, if reading has a price."""

    feeds: dict[str, FeedPlace] = {}
    meter: dict[str, Any] = {}

    @classmethod
    def of(cls, cursor: bytes | None) -> "FeedCursor":
        """Read a committed cursor.

        Raises
        ------
        SettingError
            When it was written by another type of source.
        """
        try:
            return msgspec.json.decode(cursor, type=cls) if cursor else cls()
        except msgspec.DecodeError:
            raise SettingError("The cursor is not that of a feed: give this source a name of its own.") from None


def key_of(address: str) -> str:
    """Return a short name for an address: it may hold a secret, and a cursor must not."""
    return hashlib.blake2b(address.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Heard:
    """What the entries of a feed said when they were last heard; of the last 20,000.

    Parameters
    ----------
    text : str
        What `text` gave before.

    Examples
    --------
    >>> heard = Heard("")
    >>> entry = Entry(object="1", text="Hoi")
    >>> heard.fate(entry), heard.note(entry), heard.fate(entry), heard.fate(Entry(object="1", text="Hallo"))
    ('new', None, 'same', 'changed')
    """

    def __init__(self, text: str) -> None:
        data = base64.b64decode(text) if text else b""
        self._digests = {
            data[at : at + _SIZE]: data[at + _SIZE : at + 2 * _SIZE] for at in range(0, len(data), 2 * _SIZE)
        }

    @property
    def text(self) -> str:
        """All of it, as text for a cursor."""
        return base64.b64encode(b"".join(key + value for key, value in self._digests.items())).decode()

    def fate(self, entry: Entry) -> Literal["new", "changed", "same"]:
        """Tell whether an entry says something that was not heard before."""
        known = self._digests.get(entry.key)
        return "new" if known is None else "same" if known == entry.digest else "changed"

    def note(self, entry: Entry) -> None:
        """Remember what an entry says; what was longest out of the feed is forgotten first."""
        self._digests.pop(entry.key, None)
        self._digests[entry.key] = entry.digest
        if len(self._digests) > _MOST:
            del self._digests[next(iter(self._digests))]
