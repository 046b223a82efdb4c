"""An answer of ours on its way to a channel."""

from typing import Literal

import msgspec

__all__ = ["Able", "Reply", "replier_of", "reply_channel"]

_BEFORE = "reply:"


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


class Able(msgspec.Struct, frozen=True, kw_only=True):
    """What a replier may do, as its channel told when it was asked; nothing was posted.

    Attributes
    ----------
    account : str
        As whom it answers, as people see it: `@acme@mastodon.example`, `care@acme.example`.
    most : int, optional
        How many characters the channel takes there, where it says so.
    """

    account: str
    most: int | None = None


def reply_channel(replier: str) -> str:
    """Return what the outbox calls a replier: no sender can have that name.

    Examples
    --------
    >>> reply_channel("acme"), replier_of("reply:acme"), replier_of("acme")
    ('reply:acme', 'acme', None)
    """
    return f"{_BEFORE}{replier}"


def replier_of(channel: str) -> str | None:
    """Return which replier an entry of the outbox is for; None: it is a message for a sender."""
    return channel.removeprefix(_BEFORE) if channel.startswith(_BEFORE) else None
