"""An answer of ours on its way to a channel."""

import re
from typing import Literal

import msgspec

__all__ = ["Able", "Reply", "asked_address", "replier_of", "reply_channel"]

_ADDRESS = re.compile(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]{1,255}")

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
    address : str, optional
        Of a mail: where it goes instead, as somebody of the team chose. Only what that very message asked for.
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
    address: str | None = None
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


def asked_address(properties: str | None, actor: str | None) -> str | None:
    """Return the one address at which a mail asks to be answered (Reply-To), where that is not who wrote it.

    Nobody checked that it is theirs: it is shown, and a person chooses it or does not.

    Examples
    --------
    >>> asked_address('{"reply_to": ["an@thuis.example"]}', "an@werk.example")
    'an@thuis.example'
    >>> asked_address('{"reply_to": ["an@werk.example"]}', "an@werk.example"), asked_address(None, None)
    (None, None)
    """
    said = msgspec.json.decode(properties) if properties else {}
    asked = said.get("reply_to") if isinstance(said, dict) else None
    if not isinstance(asked, list) or len(asked) != 1 or not _ADDRESS.fullmatch(str(asked[0])):
        return None
    return None if asked[0] == actor else str(asked[0])


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
