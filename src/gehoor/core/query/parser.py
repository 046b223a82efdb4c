"""Reads a query: recursive descent over its tokens, with the place of everything that could be wrong.

any  = all { OR all }
all  = not { [AND] not }
not  = ( NOT | - ) not | near
near = atom [ NEAR/n atom ]
atom = ( any ) | word | "phrase" | word* | @handle | #tag | lang:nl | channel:mail
"""

from typing import NamedTuple, NoReturn

from gehoor.core.query.error import QueryError
from gehoor.core.query.terms import Placed, check_terms
from gehoor.core.query.tokens import Kind, Token, tokens_of
from gehoor.core.query.tree import And, Channel, Language, Near, Not, Or, Query, Term

__all__ = ["parse"]

_LONGEST = 20_000
_MOST_TERMS = 2_000
_DEEPEST = 20


class _Part(NamedTuple):
    """A part of a query, and the place of what lets it match posts in which none of its words occur, if anything."""

    query: Query
    loose: int | None


def parse(text: str) -> Query:
    """Read a query; `docs/query.md` is the grammar.

    Parameters
    ----------
    text : str
        At most 20,000 characters, 2,000 terms, and parentheses 20 deep.

    Raises
    ------
    QueryError
        It cannot be read, or would match (nearly) everything. The message points at the character.

    Examples
    --------
    >>> parse('koffer OR tas')
    Or(parts=(Term(text='koffer', is_prefix=False), Term(text='tas', is_prefix=False)))
    """
    if len(text) > _LONGEST:
        raise QueryError(f"A query has at most {_LONGEST:,} characters, this one {len(text):,}.", text, _LONGEST)
    return _Parser(text).query()


class _Parser:
    """One text on its way to a query."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokens_of(text))
        self._next = 0
        self._depth = 0
        self._placed: list[Placed] = []

    def query(self) -> Query:
        if self._is_at("end"):
            raise QueryError("The query is empty: write a word to look for, such as koffer.", self._text, 0)
        part = self._any()
        token = self._tokens[self._next]
        if token.kind != "end":
            raise self._error("This ) closes nothing: take it away, or open a ( before it.", token.at)
        if part.loose is not None:
            self._refuse_loose(part.loose)
        check_terms(self._text, self._placed)
        return part.query

    # -- the grammar ----------------------------------------------------------------------------------------------

    def _any(self) -> _Part:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        if len(parts) == 1:
            return parts[0]
        loose = next((part.loose for part in parts if part.loose is not None), None)
        return _Part(Or(tuple(part.query for part in parts)), loose)

    def _all(self) -> _Part:
        parts = [self._not()]
        while self._take("and") or not self._is_at("end", "close", "or"):
            parts.append(self._not())
        if len(parts) == 1:
            return parts[0]
        loose = None if any(part.loose is None for part in parts) else parts[0].loose
        return _Part(And(tuple(part.query for part in parts)), loose)

    def _not(self) -> _Part:
        token = self._tokens[self._next]
        if not (self._take("not") or self._take("minus")):
            return self._near()
        if token.kind == "minus" and self._tokens[self._next].at != token.at + 1:
            raise self._error("A - stands right before what is left out, such as -koffer.", token.at)
        self._go_deeper(token)
        part = self._not()
        self._depth -= 1
        return _Part(Not(part.query), token.at)

    def _near(self) -> _Part:
        left = self._atom()
        near = self._tokens[self._next]
        if not self._take("near"):
            return left
        right = self._atom()
        if not isinstance(left.query, Term) or not isinstance(right.query, Term):
            raise self._error("NEAR stands between two words or phrases: write a NEAR/5 b OR a NEAR/5 c.", near.at)
        if self._is_at("near"):
            at = self._tokens[self._next].at
            raise self._error("NEAR joins two words or phrases: write a NEAR/5 b AND b NEAR/5 c.", at)
        for side in (-1, -2):
            self._placed[side] = self._placed[side]._replace(is_near=True)
        return _Part(Near(left.query, right.query, near.n), None)

    def _atom(self) -> _Part:
        token = self._tokens[self._next]
        if self._take("open"):
            self._go_deeper(token)
            part = self._any()
            if not self._take("close"):
                raise self._error("This ( is never closed: add a ).", token.at)
            self._depth -= 1
            return part
        if token.leaf is None:
            self._refuse_nothing(token)
        self._next += 1
        if isinstance(token.leaf, (Language, Channel)):
            return _Part(token.leaf, token.at)
        self._placed.append(Placed(token.leaf, token.at))
        if len(self._placed) > _MOST_TERMS:
            raise self._error(f"A query has at most {_MOST_TERMS:,} terms: make two of it.", token.at)
        return _Part(token.leaf, None)

    # -- where it stands ------------------------------------------------------------------------------------------

    def _is_at(self, *kinds: Kind) -> bool:
        return self._tokens[self._next].kind in kinds

    def _take(self, kind: Kind) -> bool:
        found = self._is_at(kind)
        self._next += found
        return found

    def _go_deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"Parentheses and NOT go at most {_DEEPEST} deep.", token.at)

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _error(self, reason: str, at: int) -> QueryError:
        return QueryError(reason, self._text, at)

    def _refuse_nothing(self, token: Token) -> NoReturn:
        """Say that something to look for was expected where `token` stands."""
        before = self._tokens[self._next - 1] if self._next else None
        if before is not None and before.kind != "open":
            raise self._error(f"There is nothing to look for behind this {before.text}.", before.at)
        if token.kind in {"and", "or", "near"}:
            raise self._error(f"There is nothing to look for before this {token.text}.", token.at)
        if before is not None:
            reason = "There is nothing in these ( )." if token.kind == "close" else "This ( is never closed: add a )."
            raise self._error(reason, before.at)
        raise self._error("This ) closes nothing: take it away, or open a ( before it.", token.at)

    def _refuse_loose(self, at: int) -> NoReturn:
        """Refuse a query that posts without any of its words may match: one of everything is no query."""
        token = next(token for token in self._tokens if token.at == at)
        if token.leaf is None:
            raise self._error(f"{token.text} alone would match nearly every post: say also what you do want.", at)
        field = token.text.split(":")[0]
        raise self._error(f"{field}: alone would match all that is said there: add a word to look for.", at)
