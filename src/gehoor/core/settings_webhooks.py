"""`[webhooks.<name>]`: which programs are told of what happens at the desk; and what every webhook needs."""

import base64
import secrets
from typing import Annotated, Literal, get_args

import msgspec

__all__ = ["EVENTS", "Event", "SignedPost", "Webhook", "new_secret"]

Event = Literal[
    "conversation.opened", "conversation.assigned", "conversation.replied", "conversation.resolved",
    "message.received", "satisfaction.given",
]  # fmt: skip
EVENTS: tuple[Event, ...] = get_args(Event)


class SignedPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a webhook is posted, signed as Standard Webhooks has it.

    Attributes
    ----------
    url : str
        Where it is posted.
    secret : str
        What both sides know: `whsec_` and base64 of 24 to 64 bytes; as `$NAME` it is read from the environment.
    allow_private : bool
        Allow an address of one's own network.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://")]
    secret: Annotated[str, msgspec.Meta(min_length=1)]
    allow_private: bool = False


class Webhook(SignedPost, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[webhooks.<name>]`: a program that is told, in CloudEvents 1.0; signed as `SignedPost` says.

    Attributes
    ----------
    events : list of str
        Of what it is told: `conversation.opened`, `conversation.assigned`, `conversation.replied`,
        `conversation.resolved`, `message.received`, `satisfaction.given`.
    """

    events: Annotated[tuple[Event, ...], msgspec.Meta(min_length=1)]


def new_secret() -> str:
    """Return a secret for a webhook that nobody guesses: 192 bits."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
