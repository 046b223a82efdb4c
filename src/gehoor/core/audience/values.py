"""Reads the value at the right of a comparison: a number, a share, a date, a time, or words."""

from datetime import date

from gehoor.core.audience.columns import AskColumn
from gehoor.core.audience.tokens import Token
from gehoor.core.query.error import QueryError
from gehoor.core.settings_text import nearest

__all__ = ["UNITS", "is_unit", "value_of"]

UNITS = {
    "day": 1, "days": 1, "dag": 1, "dagen": 1, "week": 7, "weeks": 7, "weken": 7, "month": 30, "months": 30,
    "maand": 30, "maanden": 30, "year": 365, "years": 365, "jaar": 365,
}  # fmt: skip
"""Days in each: a month is 30, a year 365."""

_EPOCH = date(1970, 1, 1).toordinal()
_LARGEST = 1e12
_LONGEST = 200


def is_unit(token: Token) -> bool:
    """Tell whether a word is a unit of time."""
    return token.kind == "word" and token.text.lower() in UNITS


def value_of(column: AskColumn, token: Token, unit: Token | None, text: str) -> float | str:
    """Return what a column is compared with.

    Raises
    ------
    QueryError
        The column cannot be compared with that.
    """
    if token.kind not in ("word", "text"):
        raise QueryError(f"Behind {column.name} comes {_expected(column)}.", text, token.at)
    match column.kind:
        case "number":
            return _number(column, token, token.text, text)
        case "share":
            is_percent = token.text.endswith("%")
            found = _number(column, token, token.text.removesuffix("%"), text) / (100 if is_percent else 1)
            return found if found <= 1 else _refuse(column, token, text)
        case "days":
            if unit is None:
                raise QueryError(f"Say of what: {token.text} days, weeks, months or years.", text, token.end - 1)
            return _number(column, token, token.text, text) * UNITS[unit.text.lower()]
        case "day":
            return _day(column, token, text)
        case _:
            return _words(column, token, text)


def _number(column: AskColumn, token: Token, said: str, text: str) -> float:
    try:
        found = float(said)
    except ValueError:
        found = -1.0
    return found if 0 <= found <= _LARGEST else float(_refuse(column, token, text))


def _day(column: AskColumn, token: Token, text: str) -> float:
    try:
        return date.fromisoformat(token.text).toordinal() - _EPOCH
    except ValueError:
        return float(_refuse(column, token, text))


def _words(column: AskColumn, token: Token, text: str) -> str:
    if column.choices and token.text.lower() not in column.choices:
        hint = nearest(token.text.lower(), column.choices)
        raise QueryError(f"{column.name} is {_expected(column)}.{hint}", text, token.at)
    if not token.text or len(token.text) > _LONGEST:
        return str(_refuse(column, token, text))
    return token.text.lower() if column.choices else token.text


def _refuse(column: AskColumn, token: Token, text: str) -> float:
    raise QueryError(f"{column.name} is compared with {_expected(column)}.", text, token.at)


def _expected(column: AskColumn) -> str:
    return {
        "number": "a number, such as 3", "share": "a part, such as 50% or 0.5", "days": "a time, such as 90 days",
        "day": "a date, such as 2026-04-14", "text": 'words, such as "Acme"', "choice": " or ".join(column.choices),
    }[column.kind]  # fmt: skip
