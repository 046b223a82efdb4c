"""The few options of each kind of source, receiver, sender and replier that a page asks for, as text and as TOML."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

__all__ = ["GROUPS", "KEEP", "KINDS", "Field", "drop_name", "shown", "taken", "words_of"]

Group = Literal["sources", "receivers", "senders", "repliers"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One option.

    Attributes
    ----------
    name : str
        Of the option in `gehoor.toml`.
    form : str
        How it is asked: a line, lines, a secret (never shown again), a number, a yes or no, a choice.
    also : str, optional
        Another option that says the same, for one: it is read, and not written.
    is_needed : bool
        It cannot be left empty.
    is_more : bool
        Few need it: it waits under "More".
    """

    name: str
    form: Literal["line", "lines", "secret", "number", "flag", "choice"] = "line"
    also: str | None = None
    choices: tuple[str, ...] = ()
    is_needed: bool = False
    is_more: bool = False


KEEP = Field(name="keep", form="choice", choices=("", "all", "brands"), is_more=True)
_CHANNEL = Field(name="channel", is_more=True)
_SOURCES = Field(name="sources", form="lines", is_more=True)
_PRIVATE = Field(name="allow_private", form="flag", is_more=True)

KINDS: dict[Group, dict[str, tuple[Field, ...]]] = {
    "sources": {
        "feed": (
            Field(name="urls", form="lines", also="url", is_needed=True),
            Field(name="comments", form="flag"),
            Field(name="every_s", form="number", is_more=True),
            Field(name="token", form="secret", is_more=True),
            _CHANNEL, KEEP, _PRIVATE,
        ),
        "mastodon": (
            Field(name="timelines", form="lines", is_needed=True),
            Field(name="server"),
            Field(name="token", form="secret"),
            Field(name="back_days", form="number", is_more=True),
            KEEP, _PRIVATE,
        ),
        "bluesky": (
            Field(name="search", form="lines"),
            Field(name="handle", is_more=True),
            Field(name="app_password", form="secret", is_more=True),
            KEEP, _PRIVATE,
        ),
        "mail": (
            Field(name="host", is_needed=True),
            Field(name="user", is_needed=True),
            Field(name="password", form="secret"),
            Field(name="folders", form="lines"),
            Field(name="ours", form="lines"),
            Field(name="back_days", form="number", is_more=True),
            KEEP,
        ),
        "file": (
            Field(name="path", is_needed=True),
            Field(name="follow", form="flag"),
            Field(name="format", form="choice", choices=("", "plain", "xapi", "csv", "twcs"), is_more=True),
            _CHANNEL, KEEP,
        ),
    },
    "receivers": {
        "segment": (Field(name="write_key", form="secret"), _CHANNEL, KEEP),
        "activitystreams": (Field(name="token", form="secret"), _CHANNEL, KEEP),
    },
    "senders": {
        "mail": (
            Field(name="to", form="lines", is_needed=True),
            Field(name="sender", is_needed=True),
            Field(name="host", is_needed=True),
            Field(name="user"),
            Field(name="password", form="secret"),
            Field(name="security", form="choice", choices=("", "starttls", "tls", "none"), is_more=True),
            Field(name="port", form="number", is_more=True),
        ),
        "webhook": (
            Field(name="url", is_needed=True),
            Field(name="secret", form="secret", is_needed=True),
            _PRIVATE,
        ),
    },
    "repliers": {
        "mail-reply": (
            Field(name="sender", is_needed=True),
            Field(name="host", is_needed=True),
            Field(name="user"),
            Field(name="password", form="secret"),
            Field(name="security", form="choice", choices=("", "starttls", "tls", "none"), is_more=True),
            Field(name="port", form="number", is_more=True),
            _SOURCES,
        ),
        "mastodon-reply": (
            Field(name="server", is_needed=True),
            Field(name="token", form="secret", is_needed=True),
            Field(name="most", form="number", is_more=True),
            _SOURCES, _PRIVATE,
        ),
        "bluesky-reply": (
            Field(name="handle", is_needed=True),
            Field(name="app_password", form="secret", is_needed=True),
            Field(name="pds", is_more=True),
            _SOURCES, _PRIVATE,
        ),
    },
}  # fmt: skip
"""By group and type; what somebody else's part takes is set in `gehoor.toml`."""

GROUPS: tuple[Group, ...] = ("sources", "receivers", "senders", "repliers")


def words_of(group: str, kind: str) -> str:
    """Return under which name a type has its sentences: `mail` is a mailbox where we listen, and who is told elsewhere.

    Examples
    --------
    >>> words_of("sources", "mail"), words_of("senders", "mail")
    ('mailbox', 'mail')
    """
    return "mailbox" if (group, kind) == ("sources", "mail") else kind


def shown(field: Field, values: Mapping[str, Any]) -> str:
    """Return what a form shows of the options that stand in `gehoor.toml`; of a secret only where it is read from.

    Examples
    --------
    >>> shown(Field(name="urls", form="lines", also="url"), {"url": "https://a.example", "urls": ["https://b.example"]})
    'https://a.example\\nhttps://b.example'
    >>> shown(Field(name="token", form="secret"), {"token": "hush"}), shown(Field(name="token"), {"token": "$TOKEN"})
    ('', '$TOKEN')
    """
    value = values.get(field.name)
    if field.form == "lines":
        first = values.get(field.also) if field.also else None
        return "\n".join(str(line) for line in (*([first] if first else []), *(value or ())))
    if value is None or (field.form == "secret" and not str(value).startswith("$")):
        return ""
    if field.form == "flag":
        return "yes" if value else ""
    if field.form == "number":
        return f"{value:g}" if isinstance(value, (int, float)) else str(value)
    return str(value)


def drop_name(field: Field) -> str:
    """Return the name of the tick that takes a secret away."""
    return f"{field.name}.gone"


def taken(field: Field, form: Mapping[str, str], known: Mapping[str, Any]) -> Any:
    """Return the option that a form asks for; None where it says nothing. A secret left empty stays what it is.

    Raises
    ------
    ValueError
        It is no number.

    Examples
    --------
    >>> taken(Field(name="token", form="secret"), {"token": " "}, {"token": "hush"})
    'hush'
    >>> taken(Field(name="every_s", form="number"), {"every_s": "0,5"}, {})
    0.5
    """
    text = form.get(field.name, "").strip()
    if field.form == "secret":
        return text or (None if form.get(drop_name(field)) else known.get(field.name))
    if field.form == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()] or None
    if field.form == "flag":
        return True if text else None
    if field.form == "number" and text:
        number = float(text.replace(",", "."))
        return int(number) if number == int(number) else number
    return text or None
