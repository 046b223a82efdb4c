"""Server-sent events, read as they come; bounded, since a stream has no end and a stranger is at the other one."""

import re
from collections.abc import Iterator

import msgspec

from gehoor.core.errors import TransientError

__all__ = ["Event", "EventReader"]

_LINE_END = re.compile(rb"\r\n|\n|\r(?=.)", re.DOTALL)  # a bare \r at the end may be half of \r\n
_BOM = b"\xef\xbb\xbf"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One server-sent event.

    Attributes
    ----------
    event : str
        Its type; `message` when the server names none.
    data : str
        What it says.
    id : str
        The last id that the server gave: what to read on from, where a server can.
    """

    event: str = "message"
    data: str
    id: str = ""


class EventReader:
    """Cuts a stream of bytes into events, as the HTML standard says.

    Parameters
    ----------
    max_bytes : int
        The largest event; a longer one, or a line that does not end, is an error and costs no memory.

    Examples
    --------
    >>> reader = EventReader(1_000)
    >>> [event.data for event in reader.feed(b"event: update\\ndata: one\\n\\nda")]
    ['one']
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest = b""
        self._n_held = 0
        self._is_first = True
        self._event, self._id = "", ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that `chunk` completes.

        Raises
        ------
        TransientError
            When an event is larger than allowed.
        """
        lines = _LINE_END.split(self._rest + chunk)
        self._rest = lines.pop()
        for line in lines:
            whole = line.removeprefix(_BOM) if self._is_first else line
            self._is_first = False
            event = self._take(whole)
            if event is not None:
                yield event
        if len(self._rest) + self._n_held > self._max_bytes:
            raise TransientError(f"The stream sends an event of more than {self._max_bytes // 1_000_000} MB.", 300.0)

    def _take(self, line: bytes) -> Event | None:
        if not line:
            return self._ended()
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"data":
            self._n_held += len(line)
            self._data.append(text)
        elif name == b"event":
            self._event = text
        elif name == b"id" and "\0" not in text:
            self._id = text
        return None

    def _ended(self) -> Event | None:
        event = Event(event=self._event or "message", data="\n".join(self._data), id=self._id) if self._data else None
        self._event, self._data, self._n_held = "", [], 0
        return event
