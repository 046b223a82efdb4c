"""What leaves gehoor through a sender, and what became of it."""

from typing import Any, Literal

import msgspec

__all__ = ["Delivery", "Message"]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell somebody.

    Attributes
    ----------
    type : str
        What it is, in the manner of CloudEvents: `alert.began`, `alert.ended`, `test`.
    at : int
        When it happened, microseconds UTC.
    title, text : str
        In the workspace's language; plain text.
    html : str, optional
        The same, laid out; made by us, with every quoted word escaped.
    data : dict
        For programs: the alert as JSON-like values.
    story : str, optional
        What it belongs to: messages of one story stand together where the other side can do that.
    level : int
        1 to 3: how loud it may be.
    """

    type: str
    at: int
    title: str
    text: str
    html: str | None = None
    data: dict[str, Any] = {}
    story: str | None = None
    level: Literal[1, 2, 3] = 1


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender says: `sent`, or `unknown` when the line broke before the answer; with what the other side said.

    `id` is what the channel calls a reply from now on, and `url` where it can be read; None where it does not tell.
    """

    state: Literal["sent", "unknown"] = "sent"
    receipt: str = ""
    id: str | None = None
    url: str | None = None
