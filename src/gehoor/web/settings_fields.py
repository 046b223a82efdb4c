"""One option that a page asks for: how it is asked, and its way between `gehoor.toml` and a form."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from gehoor.answer.hours import WEEKDAYS

__all__ = ["Field", "drop_name", "shown", "taken", "typed_text"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One option.

    Attributes
    ----------
    name : str
        Of the option in `gehoor.toml`; `mailbox.host` is one of a table in it.
    form : str
        How it is asked: a line, lines, a secret (never shown again), a number, a date, a yes or no, a choice; `ticks`:
        several of some; `steps`: several, in an order; `pairs`: one for each of some; `week`: hours, day by day.
    key : str, optional
        What the page calls it, where that is another name.
    also : str, optional
        Another option that says the same, for one: it is read, and not written.
    choices : tuple of str
        What one may choose.
    of : str, optional
        What one may choose of, where that depends on the workspace: its senders, its members.
    default : str
        What is shown where nothing is set.
    is_needed : bool
        It cannot be left empty.
    is_more : bool
        Few need it: it waits under "More".
    """

    name: str
    form: Literal[
        "line", "lines", "secret", "number", "date", "flag", "choice", "ticks", "steps", "pairs", "week"
    ] = "line"  # fmt: skip
    key: str = ""
    also: str | None = None
    choices: tuple[str, ...] = ()
    of: Literal["senders", "members", "sources", "teams", "channels", "needs", "checked", "owners"] | None = None
    default: str = ""
    is_needed: bool = False
    is_more: bool = False


def shown(field: Field, values: Mapping[str, Any]) -> str:
    """Return what a form shows of the options that stand in `gehoor.toml`; of a secret only where it is read from.

    What is more than one stands on lines of its own; a pair as `refund=team`.

    Examples
    --------
    >>> shown(Field(name="urls", form="lines", also="url"), {"url": "https://a.example", "urls": ["https://b.example"]})
    'https://a.example\\nhttps://b.example'
    >>> shown(Field(name="token", form="secret"), {"token": "hush"}), shown(Field(name="token"), {"token": "$TOKEN"})
    ('', '$TOKEN')
    """
    value = values.get(field.name)
    if value is None and field.default:
        return field.default
    if field.form in ("pairs", "week"):
        said = {key: one if isinstance(one, str) else ", ".join(one) for key, one in (value or {}).items()}
        return "\n".join(f"{key}={one}" for key, one in said.items())
    if field.form in ("lines", "ticks", "steps"):
        first = values.get(field.also) if field.also else None
        return "\n".join(str(line) for line in (*([first] if first else []), *(value or ())))
    is_hidden = field.form == "secret" and not str(value).startswith("$")
    if value is None or is_hidden or (field.form == "flag" and not value):
        return ""
    if field.form == "flag":
        return "yes"
    return f"{value:.12g}" if field.form == "number" and isinstance(value, float) else str(value)


def drop_name(field: Field) -> str:
    """Return the name of the tick that takes a secret away."""
    return f"{field.name}.gone"


def typed_text(field: Field, typed: Mapping[str, str]) -> str:
    """Return what somebody typed in all boxes of a field, as `shown` writes it.

    Examples
    --------
    >>> typed_text(Field(name="by", form="steps"), {"by.1": "mail", "by.2": "", "by.3": "phone"})
    'mail\\nphone'
    """
    key = field.key or field.name
    within = {name.removeprefix(f"{key}."): text.strip() for name, text in typed.items() if name.startswith(f"{key}.")}
    match field.form:
        case "ticks":
            return "\n".join(within)
        case "steps":
            return "\n".join(dict.fromkeys(text for text in within.values() if text))
        case "week":
            return "\n".join(f"{day}={within[day]}" for day in WEEKDAYS if within.get(day))
        case "pairs":
            rows = [name.removesuffix(".key") for name in within if name.endswith(".key")]
            both = [(within[f"{row}.key"], within.get(f"{row}.to", "")) for row in rows]
            return "\n".join(f"{one}={other}" for one, other in both if one and other)
    return typed.get(key, "")


def taken(field: Field, form: Mapping[str, str], known: Mapping[str, Any]) -> Any:
    """Return the option that a form asks for; None where it says nothing. A secret left empty stays what it is.

    Raises
    ------
    ValueError
        It is no number, or no date.

    Examples
    --------
    >>> taken(Field(name="token", form="secret"), {"token": " "}, {"token": "hush"})
    'hush'
    >>> taken(Field(name="every_s", form="number"), {"every_s": "0,5"}, {})
    0.5
    """
    text = typed_text(field, form).strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if field.form == "secret":
        return text or (None if form.get(drop_name(field)) else known.get(field.name))
    if field.form in ("lines", "ticks", "steps"):
        return lines or None
    if field.form in ("pairs", "week"):
        pairs = dict(line.split("=", 1) for line in lines)
        hours = {key: text.replace(",", " ").split() for key, text in pairs.items()}
        return (pairs if field.form == "pairs" else hours) or None
    return _one(field, text)


def _one(field: Field, text: str) -> Any:
    """Return the one thing that a text says."""
    if field.form == "flag":
        return True if text else None
    if field.form == "date" and text:
        return date.fromisoformat(text)
    if field.form == "choice" and text.isdecimal():
        return int(text)
    if field.form == "number" and text:
        number = float(text.replace(",", "."))
        return int(number) if number == int(number) else number
    return text or None
