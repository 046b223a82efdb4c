"""`[desk]`: what comes to the desk to be answered, and how soon we promise to."""

from typing import Annotated, Literal

import msgspec

__all__ = ["PUBLIC_DAYS", "Desk", "SlaPolicy"]

PUBLIC_DAYS = 7
"""By default, what was said in public and nobody took up in so many days lapses."""

_Minutes = Annotated[int, msgspec.Meta(ge=1, le=525_600)]
_Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_Stretch = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class SlaPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[desk.policies]]`: how soon people hear from us, in minutes of working time. The first that holds decides.

    Attributes
    ----------
    first_reply, next_reply, resolution : int, optional
        Until the first answer, each later one, and until the matter is resolved; none: nothing is promised.
    channels, urgencies : tuple of str
        Of which channels, of what urgency (low, normal, high, critical); none named: for all.
    """

    name: str = ""
    first_reply: _Minutes | None = None
    next_reply: _Minutes | None = None
    resolution: _Minutes | None = None
    channels: tuple[str, ...] = ()
    urgencies: tuple[Literal["low", "normal", "high", "critical"], ...] = ()


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
    public_days : int
        What was said in public and nobody took up in so many days lapses; what was said to us directly never does.
    assigns : bool
        Who is on duty gets what comes in, each what they answer best.
    owners : dict
        By need (`booking`, `refund` ...) the member or the team that answers it when they have room.
    approves : bool
        Every answer needs a second pair of eyes.
    four_eyes : tuple of str
        Channels, or needs, of which every answer needs a second pair of eyes: `mastodon`, `fairness`.
    surveys : tuple of str
        Channels on which people are asked whether they were helped, once it is resolved; none: nobody is asked. Only
        what was said to us directly is asked about, and `[web] public_url` must be set: `mail`.
    hours : dict
        When we work, by day: `mon = ["09:00-17:30"]`; `[alerts] holidays` are closed. None: always.
    policies : tuple of SlaPolicy
        What we promise; none: no clock runs.
    minutes_per_answer : float
        How long one conversation takes somebody, for how many people tomorrow takes and what answers cost.
    cost_per_minute : float, optional
        What a minute of somebody costs, in `currency`; none: the manager's page tells no cost.
    """

    takes: Literal["answerable", "direct"] = "answerable"
    accounts: tuple[str, ...] = ()
    most_per_10_s: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 500
    approves: bool = False
    four_eyes: tuple[str, ...] = ()
    surveys: tuple[str, ...] = ()
    hours: dict[_Day, tuple[_Stretch, ...]] = {}
    policies: tuple[SlaPolicy, ...] = ()
    minutes_per_answer: Annotated[float, msgspec.Meta(gt=0, le=600)] = 6.0
    cost_per_minute: Annotated[float, msgspec.Meta(ge=0, le=1_000)] | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "EUR"
    public_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] = PUBLIC_DAYS
    assigns: bool = False
    owners: dict[str, str] = {}

    def is_checked(self, channel: str, need: str | None) -> bool:
        """Tell whether somebody else looks at an answer before it leaves."""
        return self.approves or channel in self.four_eyes or (need is not None and need in self.four_eyes)
