"""`[desk]`: what comes to the desk to be answered."""

from typing import Annotated, Literal

import msgspec

__all__ = ["Desk"]


class Desk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[desk]`: which posts become conversations.

    Attributes
    ----------
    takes : str
        `answerable`: what is said to us, and public posts about a brand of ours that wait for an answer. `direct`:
        only what is said to us: mail, direct messages, mentions of our accounts, replies to what we said.
    accounts : tuple of str
        Our own accounts as others mention them: `@acme@mastodon.example`, an address, an id.
    most_per_10_s : int
        How many public posts become conversations in ten seconds; those above it are in stories only.
    approves : bool
        Every answer needs a second pair of eyes.
    """

    takes: Literal["answerable", "direct"] = "answerable"
    accounts: tuple[str, ...] = ()
    most_per_10_s: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 500
    approves: bool = False
