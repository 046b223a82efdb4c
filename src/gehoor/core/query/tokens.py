"""Cuts a query into tokens, each with its place; what means nothing in a query is refused here."""

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from gehoor.core.characters import EMOJI, FLAG, WORD, flags
from gehoor.core.languages import ISO_639_1
from gehoor.core.query.error import QueryError
from gehoor.core.query.tree import Channel, Handle, Language, Leaf, Tag, Term
from gehoor.core.settings_text import nearest

__all__ = ["MOST_NEAR", "OPERATORS", "Kind", "Token", "is_bare", "tokens_of"]

Kind = Literal["leaf", "open", "close", "not", "minus", "and", "or", "near", "end"]

MOST_NEAR = 50
"""NEAR reaches at most so many words."""

OPERATORS: dict[str, Kind] = {"AND": "and", "OR": "or", "NOT": "not"}

_LONGEST_TERM = 200
_QUOTES = '"“”„«»'  # a phone or a word processor makes these of a plain quote
_PIECES = re.compile(rf'\s+|(?P<open>\()|(?P<close>\))|[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)(?P<quote>[{_QUOTES}])?'
                     rf'|(?P<minus>-)|(?P<word>[^\s(){_QUOTES}]+)')  # fmt: skip
_NEAR = re.compile(r"NEAR(?:/(.*))?", re.DOTALL)
_FIELD = re.compile(r"([^\W\d_]+):(.*)", re.DOTALL)
_CHANNEL = re.compile(r"[\w.-]{1,64}")
_UNREADABLE = re.compile("[\ud800-\udfff]")
_MEANINGLESS = re.compile(r"[,;?!=<>\[\]{}|\\^~:*]")
_BEGINS = WORD | EMOJI | FLAG


class Token(NamedTuple):
    """A piece of a query.

    Attributes
    ----------
    at : int
        Index of its first character.
    text : str
        As typed.
    leaf : Leaf, optional
        What a `leaf` stands for.
    n : int
        How far a `near` reaches.
    """

    kind: Kind
    at: int
    text: str
    leaf: Leaf | None = None
    n: int = 0


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a query, an `end` last.

    Raises
    ------
    QueryError
        Where a piece can be no part of any query.
    """
    if unreadable := _UNREADABLE.search(text):
        raise QueryError("This character cannot be read: type it again.", text, unreadable.start())
    for piece in _PIECES.finditer(text):
        at = piece.start()
        match piece.lastgroup:
            case "open" | "close" | "minus" as kind:
                yield Token(kind, at, piece[0])
            case "phrase":
                raise QueryError("These quotes are never closed: add another at the end of the phrase.", text, at)
            case "quote":
                yield Token("leaf", at, piece[0], _Piece(text, at + 1, piece["phrase"]).phrase())
            case "word":
                yield _Piece(text, at, piece[0]).token()
    yield Token("end", len(text), "")


def is_bare(text: str) -> bool:
    """Tell whether a term may stand without quotes.

    Examples
    --------
    >>> is_bare("koffer"), is_bare("mijn koffer"), is_bare("OR"), is_bare("-5")
    (True, False, False, False)
    """
    if text in OPERATORS or _NEAR.fullmatch(text) or re.search(rf"[\s(){_QUOTES}]", text):
        return False
    return _begins_a_word(text) and not _MEANINGLESS.search(text)


def _begins_a_word(text: str) -> bool:
    return text != "" and bool(flags()[ord(text[0])] & _BEGINS)


class _Piece:
    """One word or phrase of a query, on its way to a token."""

    def __init__(self, text: str, at: int, piece: str) -> None:
        self._text, self._at, self._piece = text, at, piece

    def token(self) -> Token:
        """Return what a word without quotes stands for."""
        piece = self._piece
        if piece in OPERATORS:
            return Token(OPERATORS[piece], self._at, piece)
        if near := _NEAR.fullmatch(piece):
            return Token("near", self._at, piece, n=self._reach(near[1]))
        return Token("leaf", self._at, piece, self._leaf())

    def phrase(self) -> Term:
        """Return what stands between quotes as a term; a star may end it."""
        words, is_prefix = self._starless(self._piece.rstrip(), 0)
        words = " ".join(words.split())
        if not words:
            raise self._error("There is nothing between these quotes: leave them out.", -1)
        return Term(self._short(words), is_prefix)

    def _leaf(self) -> Leaf:
        if field := _FIELD.fullmatch(self._piece):
            return self._field(field[1].lower(), field[2], len(field[1]) + 1)
        signs: dict[str, Callable[[str, bool], Leaf]] = {"@": Handle, "#": Tag}
        kind = signs.get(self._piece[0], Term)
        skipped = int(kind is not Term)
        name, is_prefix = self._starless(self._piece[skipped:], skipped)
        if found := _MEANINGLESS.search(name):
            reason = f"{found[0]} means nothing here: write AND or OR, or put the words in quotes."
            raise self._error(reason, skipped + found.start())
        if is_prefix and not name:
            raise self._error("Before a * stand at least 3 letters, such as air*.", skipped)
        if skipped and not name:
            raise self._error(f"A name comes right behind the {self._piece[0]}, such as {self._piece[0]}acme.")
        if not _begins_a_word(name):
            raise self._error("A word begins with a letter, a digit or an emoji: put it in quotes.")
        return kind(self._short(name), is_prefix)

    def _field(self, name: str, value: str, at: int) -> Leaf:
        if name == "lang":
            if value.lower() not in ISO_639_1 | {"und"}:
                raise self._error("lang: takes a code of two letters, such as lang:nl, or lang:und for unsure.", at)
            return Language(value.lower())
        if name == "channel":
            if not _CHANNEL.fullmatch(value):
                raise self._error("channel: takes the name of one channel, such as channel:mastodon.", at)
            return Channel(value.lower())
        if name in {"http", "https"}:
            raise self._error("Links are not looked into: leave this out.")
        known = f"There is no {name}:.{nearest(name, ('lang', 'channel'))} Known: lang: and channel:."
        raise self._error(f"{known} Put it in quotes to look for the words.")

    def _reach(self, digits: str | None) -> int:
        if digits is None or not re.fullmatch(r"[0-9]{1,3}", digits) or not 1 <= int(digits) <= MOST_NEAR:
            raise self._error(f"NEAR takes a number of words from 1 to {MOST_NEAR}, such as NEAR/5.")
        return int(digits)

    def _starless(self, words: str, skipped: int) -> tuple[str, bool]:
        """Return words without the star at their end, and whether there was one; `skipped` characters stand before."""
        star = words.find("*")
        if star < 0:
            return words, False
        if star < len(words) - 1 or words[star - 1 : star].isspace():
            raise self._error("A * stands at the end of a word or phrase only, such as air*.", skipped + star)
        return words[:star], True

    def _short(self, words: str) -> str:
        if len(words) > _LONGEST_TERM:
            raise self._error(f"This is longer than {_LONGEST_TERM} characters: make it shorter.")
        return words

    def _error(self, reason: str, offset: int = 0) -> QueryError:
        return QueryError(reason, self._text, min(self._at + offset, len(self._text) - 1))
