"""`[desk]`: what comes to the desk to be answered, and how soon we promise to."""

from collections.abc import Collection
from typing import Annotated, Literal

import msgspec

__all__ = ["PUBLIC_DAYS", "Desk", "SlaPolicy", "check_desk"]

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
    groups : tuple of str
        For people in any of these segments, by the names that they are kept under: `gold`; none named: for all.
    """

    name: str = ""
    first_reply: _Minutes | None = None
    next_reply: _Minutes | None = None
    resolution: _Minutes | None = None
    channels: tuple[str, ...] = ()
    urgencies: tuple[Literal["low", "normal", "high", "critical"], ...] = ()
    groups: tuple[str, ...] = ()


class DraftEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[desk.drafter]`: a language model that drafts answers, behind an OpenAI-compatible address; none: none does.

    Attributes
    ----------
    address, model, key : str, optional
        Where it is, as https://host/v1, and which model. A key as `$NAME` is read from the environment.
    allow_private : bool
        Allow one on one's own machine or network.
    links : tuple of str
        Hosts that its drafts may link to: `acme.example`. All other links are taken out.
    """

    address: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")] | None = None
    model: str | None = None
    key: str | None = None
    allow_private: bool = False
    links: tuple[str, ...] = ()


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
    hands_over : bool
        When somebody's shift ends and others work, what still waits with them goes back, to whoever is there.
    nearly_to, late_to : tuple of str
        Which `[senders.<name>]` are told when a fifth is left of what was promised, and when it is late: of the lead.
    late_wakes : bool
        When it is late, who is on duty or on call is told too, each of `[alerts.people]` that is a member of the team.
    approves : bool
        Every answer needs a second pair of eyes.
    four_eyes : tuple of str
        Channels, or needs, of which every answer needs a second pair of eyes: `mastodon`, `fairness`.
    surveys : tuple of str
        Channels on which people are asked whether they were helped, once it is resolved; none: nobody is asked. Only
        what was said to us directly is asked about, and `[web] public_url` must be set: `mail`.
    case_per_minute : int
        How many answers to one case leave in a minute, by each replier.
    drafter : DraftEndpoint
        A language model that drafts answers; none by default.
    hours : dict
        When we work, by day: `mon = ["09:00-17:30"]`; `[alerts] holidays` are closed. None: always.
    policies : tuple of SlaPolicy
        What we promise; none: no clock runs.
    minutes_per_answer : float
        How long one conversation takes somebody, for how many people tomorrow takes and what answers cost.
    cost_per_minute : float, optional
        What a minute of somebody costs, in `currency`; none: the manager's page tells no cost.
    currency : str
        ISO 4217, such as EUR.
    """

    takes: Literal["answerable", "direct"] = "answerable"
    accounts: tuple[str, ...] = ()
    most_per_10_s: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 500
    public_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] = PUBLIC_DAYS
    assigns: bool = False
    owners: dict[str, str] = {}
    hands_over: bool = False
    nearly_to: tuple[str, ...] = ()
    late_to: tuple[str, ...] = ()
    late_wakes: bool = False
    approves: bool = False
    four_eyes: tuple[str, ...] = ()
    surveys: tuple[str, ...] = ()
    drafter: DraftEndpoint = DraftEndpoint()
    case_per_minute: Annotated[int, msgspec.Meta(ge=1, le=6_000)] = 30
    hours: dict[_Day, tuple[_Stretch, ...]] = {}
    policies: tuple[SlaPolicy, ...] = ()
    minutes_per_answer: Annotated[float, msgspec.Meta(gt=0, le=600)] = 6.0
    cost_per_minute: Annotated[float, msgspec.Meta(ge=0, le=1_000)] | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "EUR"

    def is_checked(self, channel: str, need: str | None) -> bool:
        """Tell whether somebody else looks at an answer before it leaves."""
        return self.approves or channel in self.four_eyes or (need is not None and need in self.four_eyes)


def check_desk(desk: Desk, senders: Collection[str]) -> tuple[tuple[str, ...], str, str] | None:
    """Return what is wrong with who is told of what is late: a sender that is not there; None when all is well."""
    named = [("nearly_to", name) for name in desk.nearly_to] + [("late_to", name) for name in desk.late_to]
    for key, name in named:
        if name not in senders:
            known = ", ".join(senders) or "none yet: write [senders.<name>]"
            return ("desk",), key, f"{key}: there is no sender named {name!r}. Known: {known}."
    return None
