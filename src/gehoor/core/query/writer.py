"""Writes a query as text again: `parse(text_of(query)) == query`."""

from gehoor.core.query.terms import written
from gehoor.core.query.tokens import is_bare
from gehoor.core.query.tree import And, Channel, Language, Leaf, Near, Not, Or, Query, Term

__all__ = ["text_of"]


def text_of(query: Query) -> str:
    """Return a query as somebody would type it.

    Examples
    --------
    >>> from gehoor.core.query.parser import parse
    >>> text_of(parse('( koffer   OR "mijn  tas" )  NOT lang:DE'))
    '(koffer OR "mijn tas") -lang:de'
    """
    match query:
        case Or(parts):
            return " OR ".join(_inside(part, Or) for part in parts)
        case And(parts):
            return " ".join(_inside(part, And, Or) for part in parts)
        case Not(part):
            return f"-{_inside(part, And, Or)}"
        case Near(left, right, n):
            return f"{text_of(left)} NEAR/{n} {text_of(right)}"
    return _leaf(query)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, Language):
        return f"lang:{leaf.code}"
    if isinstance(leaf, Channel):
        return f"channel:{leaf.name}"
    words = written(leaf) + "*" * leaf.is_prefix
    return words if not isinstance(leaf, Term) or is_bare(leaf.text) else f'"{words}"'


def _inside(query: Query, *looser: type) -> str:
    """Return a part of a query, in parentheses where it would fall apart."""
    return f"({text_of(query)})" if isinstance(query, looser) else text_of(query)
