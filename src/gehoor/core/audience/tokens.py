"""Cuts a rule about people into tokens, each with its place."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from gehoor.core.query.error import QueryError

__all__ = ["SIGNS", "Kind", "Token", "tokens_of"]

Kind = Literal["open", "close", "comma", "sign", "text", "word", "end"]

SIGNS = ("=", "!=", "<", "<=", ">", ">=")

_QUOTES = '"“”„'
_PIECES = re.compile(
    rf"\s+|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<sign><=|>=|!=|≤|≥|≠|[=<>])"
    rf"|[{_QUOTES}](?P<text>[^{_QUOTES}]*)(?P<quote>[{_QUOTES}])?|(?P<word>[^\s(),<>=!≤≥≠{_QUOTES}]+)|(?P<odd>.)"
)
_TYPED = {"≤": "<=", "≥": ">=", "≠": "!="}


class Token(NamedTuple):
    """A piece of a rule: what it is, where it begins and ends, and what it says."""

    kind: Kind
    at: int
    end: int
    text: str


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a rule, an `end` last.

    Raises
    ------
    QueryError
        Where a piece can be no part of any rule.
    """
    for piece in _PIECES.finditer(text):
        at, end = piece.span()
        match piece.lastgroup:
            case "open" | "close" | "comma" | "word" as kind:
                yield Token(kind, at, end, piece[0])
            case "sign":
                yield Token("sign", at, end, _TYPED.get(piece[0], piece[0]))
            case "quote":
                yield Token("text", at, end, piece["text"])
            case "text":
                raise QueryError("These quotes are never closed: add another at the end.", text, at)
            case "odd":
                raise QueryError(f"{piece[0]} means nothing here.", text, at)
    yield Token("end", len(text), len(text), "")
