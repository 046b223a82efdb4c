"""Reads the posts of a file for a file instrument."""

from typing import Any, NamedTuple

from gehoor.listen.fields import FIELDS, name_of
from gehoor.run.rows_file import RowsFile

__all__ = ["PostRow", "PostsFile"]

_NUMBERS = ("actor_followers", "views", "reposts", "likes")


class PostRow(NamedTuple):
    """One post of a file; `id` and `actor` as they stand there, `published` in microseconds UTC."""

    id: str
    published: int
    actor: str | None
    text: str | None
    language: str | None


class PostsFile(RowsFile[PostRow]):
    """The posts of a JSON lines or CSV file (also .gz), in its order: iterate over it, once."""

    needed = ("id", "published", "actor", "text")
    called = "posts"
    example = '{"id": "1", "published": ..., "actor": ..., "text": ...}'

    def _made(self, row: dict[str, Any]) -> PostRow:
        id_, actor = (self._value(row, name, name_of) for name in ("id", "actor"))
        if not id_:
            raise self._error("id", "is empty", "Give every post an id of its own.")
        published = self._value(row, "published", FIELDS["published"])
        if published is None:
            raise self._error("published", "is empty", "Use ISO 8601 such as 2026-11-22T10:00:00Z.")
        for name in _NUMBERS:
            self._value(row, name, FIELDS[name])
        text, language = (self._value(row, name, FIELDS[name]) for name in ("text", "language"))
        return PostRow(_as_written(row["id"], id_), published, _as_written(row["actor"], actor) or None, text, language)


def _as_written(value: Any, name: str | None) -> str:
    """Return a name letter for letter where it is text: whoever joins the result by it needs just that."""
    return value if isinstance(value, str) else name or ""
