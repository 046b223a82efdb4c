"""`[webhooks.<name>]`: which programs are told of what happens at the desk."""

from typing import Annotated, Literal, get_args

import msgspec

__all__ = ["EVENTS", "Event", "Webhook"]

Event = Literal[
    "conversation.opened", "conversation.assigned", "conversation.replied", "conversation.resolved",
    "message.received", "satisfaction.given",
]  # fmt: skip
EVENTS: tuple[Event, ...] = get_args(Event)


class Webhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[webhooks.<name>]`: a program that is told, signed as Standard Webhooks has it, in CloudEvents 1.0.

    Attributes
    ----------
    url : str
        Where it is posted.
    secret : str
        What both sides know: `whsec_` and base64 of 24 to 64 bytes; as `$NAME` it is read from the environment.
    events : list of str
        Of what it is told: `conversation.opened`, `conversation.assigned`, `conversation.replied`,
        `conversation.resolved`, `message.received`, `satisfaction.given`.
    allow_private : bool
        Allow an address of one's own network.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://")]
    secret: Annotated[str, msgspec.Meta(min_length=1)]
    events: Annotated[tuple[Event, ...], msgspec.Meta(min_length=1)]
    allow_private: bool = False
