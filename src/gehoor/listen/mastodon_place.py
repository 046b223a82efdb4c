"""Where a Mastodon source reads on: the newest number of each timeline, and the last statuses that may still change."""

from collections.abc import Iterable
from typing import Any

import msgspec

from gehoor.listen.mastodon_status import SAYING, text_of

__all__ = ["Place", "is_later", "newest", "number_of", "oldest"]

_MOST_KEPT = 200


class Place(msgspec.Struct):
    """The cursor, as JSON.

    Attributes
    ----------
    server : str
        Whose numbers these are; those of another server mean nothing.
    after : dict of str to str
        Timeline -> the newest number that was read.
    recent : dict of str to str or None
        The last 200 statuses that were heard, oldest first: number -> when it was edited, as the server wrote it.
        They are asked for again, since a deletion or an edit that nobody heard is never told a second time.
    """

    server: str
    after: dict[str, str] = {}
    recent: dict[str, str | None] = {}

    @classmethod
    def of(cls, cursor: bytes | None, server: str, timelines: Iterable[str]) -> "Place":
        """Return the place of a cursor; a new one for another server, and without timelines that are read no more."""
        try:
            place = msgspec.json.decode(cursor, type=cls) if cursor else cls(server)
        except msgspec.DecodeError:
            place = cls(server)
        if place.server != server:
            return cls(server)
        wanted = set(timelines)
        place.after = {name: number for name, number in place.after.items() if name in wanted}
        return place

    def cursor(self) -> bytes:
        """Return it as bytes."""
        return msgspec.json.encode(self)

    def note(self, event: str, payload: Any) -> None:
        """Take note of a status that was heard, or of its deletion."""
        if event == "delete":
            self.recent.pop(text_of(payload) or "", None)
            return
        status = payload
        if event == "notification":
            is_said = isinstance(payload, dict) and payload.get("type") in SAYING
            status = payload.get("status") if is_said else None
        number = number_of(status)
        if number is None:
            return
        self.recent.pop(number, None)
        self.recent[number] = text_of(status.get("edited_at"))
        while len(self.recent) > _MOST_KEPT:
            del self.recent[next(iter(self.recent))]


def number_of(item: Any) -> str | None:
    """Return the number of a status or notification; None when it has none."""
    return text_of(item.get("id")) if isinstance(item, dict) else None


def _rank(number: str) -> tuple[int, str]:
    # numbers of Mastodon grow in length; those of Pleroma and GoToSocial are texts of one length, in order of time
    return len(number), number


def newest(items: Iterable[Any]) -> str | None:
    """Return the highest number of a page.

    Examples
    --------
    >>> newest([{"id": "99"}, {"id": "100"}, {}])
    '100'
    """
    return max((number for item in items if (number := number_of(item))), key=_rank, default=None)


def oldest(items: Iterable[Any]) -> str | None:
    """Return the lowest number of a page."""
    return min((number for item in items if (number := number_of(item))), key=_rank, default=None)


def is_later(number: str | None, than: str | None) -> bool:
    """Tell whether a number is higher than another; a server that repeats itself does not get us anywhere."""
    return number is not None and (than is None or _rank(number) > _rank(than))
