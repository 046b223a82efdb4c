"""Which conversations have some words: in their messages, in the notes beside them, or as the name of their person."""

import re
from collections.abc import Iterator

import sqlalchemy as sa

from gehoor.core.reader import Reader
from gehoor.core.tables.conversation import conversation, conversation_post
from gehoor.core.tables.desk import desk_note

__all__ = ["found_by_words", "words_of"]

_PIECES = re.compile(r'"([^"]*)"|([^\s"]+)')
_MOST_PIECES = 16
_AT_ONCE, _ROUNDS = 400, 8


def words_of(text: str) -> list[str]:
    """Return the words and phrases of what somebody typed.

    Examples
    --------
    >>> words_of('koffer "in Oslo"')
    ['koffer', 'in Oslo']
    """
    return [(phrase or plain).strip('-"') for phrase, plain in _PIECES.findall(text)][:_MOST_PIECES]


def found_by_words(reader: Reader, text: str, limit: int) -> dict[int, int]:
    """Return about `limit` conversations in which all words stand, newest first, and which post says so (0: none).

    Where the messages fill that, notes and names are not looked through. Cost: 0.3 ms a word that is rare; at most the
    3,200 newest posts with them are looked at.
    """
    words = [word for word in words_of(text) if word]
    if not words:
        return {}
    found: dict[int, int] = {}
    for rounds, seqs in enumerate(_said(reader, words), start=1):
        among = ", ".join(map(str, seqs))  # as numbers: to bind four hundred costs 2 ms more
        sql = f"SELECT conversation, seq FROM conversation_post WHERE seq IN ({among}) AND was = '' ORDER BY seq DESC"
        for row in reader.stored(sa.text(sql)):
            if not found.get(row.conversation):
                found[row.conversation] = row.seq
        if len(found) >= limit or rounds >= _ROUNDS:
            break
    if len(found) < limit:  # both look through all there is: 30 ms at 200,000 conversations
        beside = [*_noted(reader, words, limit), *_named(reader, text.strip(), limit)]
        found |= {id_: found.get(id_, 0) for id_ in beside}
    return found


def _said(reader: Reader, words: list[str]) -> Iterator[list[int]]:
    query = " AND ".join(f'text : "{word.replace(chr(34), " ").replace(chr(0), " ")}"' for word in words)
    sql = "SELECT rowid FROM search WHERE search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
    for segment in reversed(reader.segments()):
        before = 1 << 62
        while seqs := [row[0] for row in segment.query(sql, (query, before, _AT_ONCE))]:
            yield seqs
            before = seqs[-1]
            if len(seqs) < _AT_ONCE:
                break


def _noted(reader: Reader, words: list[str], limit: int) -> list[int]:
    table = desk_note
    where = [table.c.text.contains(word, autoescape=True) for word in words]
    newest = sa.select(table.c.conversation).where(*where).order_by(table.c.id.desc()).limit(limit)
    home = conversation_post
    rows = reader.stored(sa.select(home.c.conversation).where(home.c.seq.in_(newest.scalar_subquery())))
    return [row.conversation for row in rows]


def _named(reader: Reader, name: str, limit: int) -> list[int]:
    table = conversation
    called = table.c.name.contains(name.strip('"'), autoescape=True)
    newest = sa.text("+id DESC")  # the plus lets it look through the index of names, not through the rows
    return [row.id for row in reader.stored(sa.select(table.c.id).where(called).order_by(newest).limit(limit))]
