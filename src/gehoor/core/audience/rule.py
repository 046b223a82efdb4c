"""Reads a rule about people, and makes it SQL: recursive descent; nothing in it is ever evaluated.

any  = all { or all }
all  = not { and not }
not  = not not | ( any ) | ask
ask  = column ( = | != | < | <= | > | >= ) value | column in ( value { , value } )
"""

from typing import Any, NoReturn

import msgspec
import sqlalchemy as sa

from gehoor.core.audience.columns import COLUMNS, AskColumn
from gehoor.core.audience.tokens import Kind, Token, tokens_of
from gehoor.core.audience.values import is_unit, value_of
from gehoor.core.query.error import QueryError
from gehoor.core.settings_text import nearest

__all__ = ["Rule", "parse_rule"]

_LONGEST = 4_000
_DEEPEST = 20
_MOST = 200
_ORDERED = ("number", "share", "days", "day")

Where = sa.ColumnElement[bool]


class Rule(msgspec.Struct, frozen=True):
    """A rule that can be asked.

    Attributes
    ----------
    text : str
        As typed.
    where : sqlalchemy expression
        Over the tables `person`, `person_loyalty` and `person_value`; every value is a bound parameter.
    parts : tuple of str
        What must hold all together, each as typed: taking one away leaves the others.
    """

    text: str
    where: Any
    parts: tuple[str, ...]


def parse_rule(text: str, today: int) -> Rule:
    """Read a rule; `docs/how-to/segments.md` is the grammar.

    Parameters
    ----------
    text : str
        At most 4,000 characters, 200 comparisons, 20 deep.
    today : int
        Days since 1970: what `since_order > 90 days` counts from.

    Raises
    ------
    QueryError
        It cannot be read; the message points at the character.

    Examples
    --------
    >>> rule = parse_rule("orders >= 3 and not (since_order > 90 days)", 20_000)
    >>> rule.parts
    ('orders >= 3', 'not (since_order > 90 days)')
    """
    if len(text) > _LONGEST:
        raise QueryError(f"A rule has at most {_LONGEST:,} characters.", text, _LONGEST)
    return _Parser(text, today).rule()


class _Parser:
    """One text on its way to a rule."""

    def __init__(self, text: str, today: int) -> None:
        self._text, self._today = text, today
        self._tokens = list(tokens_of(text))
        self._next = self._depth = self._n = 0
        self._parts: list[str] = []

    def rule(self) -> Rule:
        if self._is_at("end"):
            raise self._error("The rule is empty: say who you mean, such as orders >= 3.", self._here)
        where = self._any()
        if self._is_at("close"):
            raise self._error("This ) closes nothing: take it away, or open a ( before it.", self._here)
        if not self._is_at("end"):
            raise self._error("Write and or or between two comparisons.", self._here)
        return Rule(self._text, where, tuple(self._parts) or (self._text.strip(),))

    # -- the grammar --------------------------------------------------------------------------------------------------

    def _any(self) -> Where:
        found = [self._all()]
        while self._takes("or"):
            found.append(self._all())
        if len(found) > 1 and not self._depth:
            self._parts = []  # the whole is one part
        return sa.or_(*found) if len(found) > 1 else found[0]

    def _all(self) -> Where:
        found = []
        while True:
            at = self._here.at
            found.append(self._not())
            if not self._depth:
                self._parts.append(self._text[at : self._tokens[self._next - 1].end])
            if not self._takes("and"):
                return sa.and_(*found) if len(found) > 1 else found[0]

    def _not(self) -> Where:
        token = self._here
        if self._takes("not"):
            self._deeper(token)
            inner = self._not()
            self._depth -= 1
            return sa.not_(inner)
        if token.kind != "open":
            return self._ask()
        self._next += 1
        self._deeper(token)
        inner = self._any()
        if not self._is_at("close"):
            raise self._error("This ( is never closed: add a ).", token)
        self._next += 1
        self._depth -= 1
        return inner.self_group()

    def _ask(self) -> Where:
        """Return one comparison; what is not known of somebody does not hold, so that `not` turns it around."""
        column = self._column()
        value = column.value(self._today)
        self._n += 1
        sign = self._here
        if self._n > _MOST:
            raise self._error(f"A rule has at most {_MOST} comparisons.", sign)
        if self._takes("in"):
            return self._known(value.in_(self._several(column)))
        if sign.kind != "sign":
            raise self._error(f"Behind {column.name} comes = != < <= > >= or in ( ).", sign)
        self._next += 1
        if column.kind not in _ORDERED and sign.text not in ("=", "!="):
            raise self._error(f"{column.name} is a word: compare it with = or !=, or with in ( ).", sign)
        operator = {"=": "==", "!=": "!="}.get(sign.text, sign.text)
        return self._known(value.op(operator, is_comparison=True)(sa.literal(self._value(column))))

    @staticmethod
    def _known(where: Any) -> Where:
        return sa.func.coalesce(where, sa.false()) == sa.true()

    def _several(self, column: AskColumn) -> list[float | str]:
        opened = self._here
        if opened.kind != "open":
            raise self._error(f"Behind in comes a list, such as {column.name} in (a, b).", opened)
        self._next += 1
        values = [self._value(column)]
        while self._is_at("comma"):
            self._next += 1
            values.append(self._value(column))
        if not self._is_at("close"):
            raise self._error("This list is never closed: add a ).", opened)
        self._next += 1
        return values

    def _column(self) -> AskColumn:
        token = self._here
        if token.kind != "word" or token.text.lower() in ("and", "or", "in"):
            self._refuse_nothing(token)
        column = COLUMNS.get(token.text.lower())
        if column is None:
            hint = nearest(token.text.lower(), tuple(COLUMNS)) or f" Known: {', '.join(COLUMNS)}."
            raise self._error(f"Nothing is known as {token.text}.{hint}", token)
        self._next += 1
        return column

    def _value(self, column: AskColumn) -> float | str:
        token = self._here
        if token.kind != "end":
            self._next += 1
        unit = self._here if column.kind == "days" and is_unit(self._here) else None
        self._next += unit is not None
        return value_of(column, token, unit, self._text)

    # -- where it stands ----------------------------------------------------------------------------------------------

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _is_at(self, kind: Kind) -> bool:
        return self._here.kind == kind

    def _takes(self, word: str) -> bool:
        found = self._here.kind == "word" and self._here.text.lower() == word
        self._next += found
        return found

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"Parentheses and not go at most {_DEEPEST} deep.", token)

    def _error(self, reason: str, token: Token) -> QueryError:
        return QueryError(reason, self._text, min(token.at, max(0, len(self._text) - 1)))

    def _refuse_nothing(self, token: Token) -> NoReturn:
        before = self._tokens[self._next - 1] if self._next else None
        if before is not None and token.kind in ("end", "close"):
            raise self._error(f"Something to compare comes behind this {before.text}, such as orders >= 3.", before)
        raise self._error("A comparison begins with a column, such as orders >= 3.", token)
