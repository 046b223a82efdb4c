"""Answers nowhere: says that an answer was sent, and sends nothing. For the demo, and to practise."""

from typing import Annotated

import msgspec

from gehoor.core.clock import Clock
from gehoor.core.message import Delivery
from gehoor.core.reply import Able, Reply

__all__ = ["PretendReplier", "PretendReplyOptions"]


class PretendReplyOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[repliers.<name>]` with `type = "pretend-reply"`.

    Attributes
    ----------
    channel : str
        Which channel it makes as if it answered on.
    most : int, optional
        How many characters fit; none: any number.
    """

    channel: Annotated[str, msgspec.Meta(min_length=1)]
    most: Annotated[int, msgspec.Meta(ge=1)] | None = None


class PretendReplier:
    """Takes every answer, and lets none leave.

    Parameters
    ----------
    name : str
        As in `gehoor.toml`.
    options : PretendReplyOptions
        Checked already.
    clock : Clock
        Not asked: nobody is called.
    """

    Options = PretendReplyOptions
    channel = ""
    takes_key = True

    def __init__(self, name: str, options: PretendReplyOptions, clock: Clock) -> None:
        self.name, self.channel, self.most = name, options.channel, options.most

    def length(self, text: str) -> int:
        """Return how many characters a text takes: each one."""
        return len(text)

    async def reply(self, reply: Reply, key: str) -> Delivery:
        """Say that it was sent."""
        return Delivery(receipt="pretended: nothing left", id=f"pretended/{key}")

    async def find(self, reply: Reply, key: str) -> Delivery | None:
        """Return what was said of it before."""
        return await self.reply(reply, key)

    async def check(self) -> Able:
        """Say that it answers as nobody."""
        return Able(account="nobody: answers are pretended, and none leaves", most=self.most)
