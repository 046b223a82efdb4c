"""A segment while it is built: its rule, whom it holds, what could be added, and the file that leaves."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gehoor.core.audience.columns import COLUMNS, AskColumn
from gehoor.core.audience.people import FEWEST, People
from gehoor.core.audience.rule import Rule, parse_rule
from gehoor.core.clock import DAY_US
from gehoor.core.query.error import QueryError
from gehoor.web.site import Site

__all__ = ["READY", "SIGNS_OF", "Segment", "added", "segment_of", "to_csv", "without"]

SIGNS_OF = {
    "number": (">=", "<=", "=", "!="), "share": (">=", "<="), "days": (">", "<"), "day": (">=", "<="),
    "choice": ("=", "!="), "text": ("=", "!="),
}  # fmt: skip
"""The signs that are offered for each kind of column; what is typed knows them all."""

READY = {
    "best": "kind = champion",
    "cannot_lose": "kind = cannot_lose",
    "new": "kind = new",
    "asleep": "kind in (asleep, lost) and orders >= 3",
    "leaving": "loyalty = leaving",
    "hopper": "loyalty = hopper",
    "overlooked": "overlooked = yes",
    "unanswered": "contacts >= 2 and answers = 0",
}
"""Segments to begin with."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Segment(NamedTuple):
    """A rule, and what is known of it: how many people it holds (None: too few to tell), or what is wrong with it."""

    text: str
    rule: Rule | None
    n: int | None
    n_all: int | None
    error: QueryError | None

    @property
    def is_few(self) -> bool:
        """Whether it holds somebody, and fewer than may be counted."""
        return self.rule is not None and self.n is None

    @property
    def can_leave(self) -> bool:
        """Whether it may be exported."""
        return self.n is not None and self.n >= FEWEST


def segment_of(site: Site, text: str, now: int) -> Segment:
    """Read a rule and count whom it holds."""
    people = People(site.reader)
    everybody = people.n()
    if not text.strip():
        return Segment("", None, everybody, everybody, None)
    try:
        rule = parse_rule(text, now // DAY_US)
    except QueryError as error:
        return Segment(text, None, None, everybody, error)
    return Segment(text, rule, people.n(rule), everybody, None)


def added(text: str, column: str, sign: str, value: str) -> str:
    """Return a rule with one comparison more; words with blanks get their quotes.

    Examples
    --------
    >>> added("orders >= 3", "main_brand", "=", "Ons Merk")
    'orders >= 3 and main_brand = "Ons Merk"'
    """
    known = COLUMNS.get(column)
    value = " ".join(value.replace('"', " ").split())
    if known is None or not value:
        return text
    said = f'"{value}"' if known.kind == "text" else _with_unit(known, value)
    ask = f"{known.name} {sign} {said}"
    if not text.strip():
        return ask
    is_several = " or " in f" {text.lower()} "
    return f"({text.strip()}) and {ask}" if is_several else f"{text.strip()} and {ask}"


def _with_unit(column: AskColumn, value: str) -> str:
    return f"{value} days" if column.kind == "days" and value.isdecimal() else value


def without(rule: Rule, part: int) -> str:
    """Return the rule without one of the parts that must all hold."""
    return " and ".join(text for place, text in enumerate(rule.parts) if place != part)


def to_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV in which no cell is a formula: a spreadsheet would compute it.

    Examples
    --------
    >>> to_csv([("person", "name"), ("0f", "=1+1")])
    "person,name\\r\\n0f,'=1+1\\r\\n"
    """
    out = io.StringIO()
    csv.writer(out).writerows(["'" + cell if cell.startswith(_FORMULA) else cell for cell in row] for row in rows)
    return out.getvalue()
