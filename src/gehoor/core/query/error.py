"""The error of a query: points at the character and says what was expected."""

import unicodedata

from gehoor.core.errors import SettingError

__all__ = ["QueryError"]

_WIDTH = 72


class QueryError(SettingError):
    """A query cannot be read: change it at the character that the message points at.

    Parameters
    ----------
    reason : str
        What is wrong and what to write instead, in plain words.
    text : str
        The whole query.
    position : int
        Index of the character in `text`; 0 where there is no text.

    Examples
    --------
    >>> print(QueryError("This ( is never closed: add a ).", "koffer (weg OR kwijt", 7))
    This ( is never closed: add a ).
      koffer (weg OR kwijt
             ^
    """

    def __init__(self, reason: str, text: str, position: int) -> None:
        super().__init__(reason, text, position)
        self.reason = reason
        self.position = position
        self._text = text

    def __str__(self) -> str:
        """Return the reason, the line, and a caret below the character."""
        return f"{self.reason}\n  {self.picture().replace(chr(10), chr(10) + '  ')}" if self._text else self.reason

    def picture(self) -> str:
        """Return the line, cut where it is long, and below it the caret."""
        start = self._text.rfind("\n", 0, self.position) + 1
        end = self._text.find("\n", self.position)
        line = self._text[start : end if end >= 0 else None]
        at = self.position - start
        first = max(0, at - _WIDTH // 2)
        before = ("…" if first else "") + _plain(line[first:at])
        after = _plain(line[at : first + _WIDTH]) + ("…" if len(line) > first + _WIDTH else "")
        return f"{before}{after}\n{' ' * sum(map(_columns, before))}^"


def _plain(text: str) -> str:
    """Return text that cannot steer a terminal, as many characters long."""
    return "".join(char if char.isprintable() else " " for char in text)


def _columns(char: str) -> int:
    """Return how many columns a terminal gives a character."""
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
