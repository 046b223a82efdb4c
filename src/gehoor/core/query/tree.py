"""What a query is once it is read: a tree of frozen structs."""

from typing import TypeAlias

import msgspec

__all__ = ["And", "Channel", "Handle", "Language", "Leaf", "Near", "Not", "Or", "Query", "Tag", "Term"]


class Term(msgspec.Struct, frozen=True):
    """A word or phrase, as somebody typed it; single blanks.

    Attributes
    ----------
    is_prefix : bool
        It ends with a star: its last word may go on.
    """

    text: str
    is_prefix: bool = False


class Handle(msgspec.Struct, frozen=True):
    """`@name`: named as a handle; `name` is without its sign."""

    name: str
    is_prefix: bool = False


class Tag(msgspec.Struct, frozen=True):
    """`#name`: named as a tag; `name` is without its sign."""

    name: str
    is_prefix: bool = False


class Language(msgspec.Struct, frozen=True):
    """`lang:nl`: in this language (ISO 639-1, or `und`)."""

    code: str


class Channel(msgspec.Struct, frozen=True):
    """`channel:mail`: heard on this channel, in lower case."""

    name: str


class Near(msgspec.Struct, frozen=True):
    """`left NEAR/n right`: both, in either order, the one beginning at most n words after the other ends."""

    left: Term
    right: Term
    n: int


class Not(msgspec.Struct, frozen=True):
    """Everything but this."""

    part: "Query"


class And(msgspec.Struct, frozen=True):
    """All of these; two or more."""

    parts: tuple["Query", ...]


class Or(msgspec.Struct, frozen=True):
    """Any of these; two or more."""

    parts: tuple["Query", ...]


Leaf: TypeAlias = Term | Handle | Tag | Language | Channel
Query: TypeAlias = Leaf | Near | Not | And | Or
