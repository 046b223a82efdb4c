"""An answer of ours on its way to a channel."""

from typing import Literal

import msgspec

__all__ = ["Reply"]


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one person of the team answers to one message, as the outbox keeps it.

    Attributes
    ----------
    conversation : int
        The conversation that it belongs to.
    channel : str
        Where it goes: the channel of the message that it answers, never another.
    to : str
        Id of the message that it answers, as the channel knows it.
    to_actor, to_name : str, optional
        Stable id and name of who wrote that message.
    before : tuple of str
        Ids of what went before, the first message first; the last is `to`.
    title : str, optional
        The subject of a mail.
    text : str
        Plain text.
    language : str, optional
        ISO 639-1.
    visibility : str
        Never wider than that of the message that it answers.
    at : int
        When it was written, microseconds UTC.
    said_by : str
        Who of the team wrote it; never shown outside.
    """

    conversation: int
    channel: str
    to: str
    to_actor: str | None = None
    to_name: str | None = None
    before: tuple[str, ...] = ()
    title: str | None = None
    text: str
    language: str | None = None
    visibility: Literal["public", "followers", "direct"] = "public"
    at: int
    said_by: str
