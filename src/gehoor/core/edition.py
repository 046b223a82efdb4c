"""The edition: the whole of what the mirror says of a period, as pages, mails, JSON and notebooks show it.

Figures and names, no sentences: those who show it put them in words. What cannot be known is in it as such: a figure
without a value, and a line in `unknown` that says why and how long it takes.
"""

from typing import Literal

import msgspec

from gehoor.core.alert import Quote, Role
from gehoor.core.mirror_change import Advice, Driver, Explained, Followed, Lift, Renewed, Shifted
from gehoor.core.mirror_figure import Curve, Figure, Index, Slice, Truth, Unknown
from gehoor.core.post import PostFilter

__all__ = ["DAYS", "Channel", "Competitor", "Edition", "Listening", "Opens", "Period", "Relation", "Society", "Theme"]

Period = Literal["day", "week", "month", "year"]

DAYS: dict[Period, int] = {"day": 1, "week": 7, "month": 28, "year": 364}
"""A month is 28 days, so that all months have as many Mondays; a year 364."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that fills or empties.

    Attributes
    ----------
    n_people, n_people_before, n_posts, n_posts_before : int
        Active people and what they said in the 28 days, and in the 28 before.
    ours, theirs : float
        What we said there a person, and what they replied to us.
    forecast : Figure
        People in the next 28 days.
    way : str
        `filling`, `emptying` where the interval of the forecast leaves out the people of today; else `steady`;
        `unknown` under eight weeks.
    went_to : tuple of (str, int)
        Where people are who were here before and are not now, most first; "" is nowhere that we hear. None under ten.
    """

    name: str
    n_people: int
    n_people_before: int
    n_posts: int
    n_posts_before: int
    ours: float
    theirs: float
    forecast: Figure
    way: Literal["filling", "emptying", "steady", "unknown"]
    went_to: tuple[tuple[str, int], ...] = ()


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """What holds between us and people of one role: how many, how much they say, and how they speak (-1 to 1)."""

    role: Role
    n_people: int
    n_posts: int
    n_posts_before: int
    tone: Figure
    tone_before: Figure


class Competitor(msgspec.Struct, frozen=True, kw_only=True):
    """A brand among all that are followed: its share of what is said, praised and said in leaving, and why."""

    brand: str
    is_ours: bool
    n_posts: int
    voice: Figure
    voice_before: Figure
    praise: Figure
    leaving: Figure
    motives: tuple[tuple[str, int], ...] = ()


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """Who spoke and was answered; how much we talk against how much we listen.

    Attributes
    ----------
    n_spoke, n_asked, n_answered : int
        People of the 28 days who said anything; who asked us something; who got an answer within a day.
    answered : Figure
        Share of those who asked; by people, not posts.
    thanked : Figure
        Of the people who were answered, the share whose next words were positive: helped, as far as words tell.
    n_ours, n_answers : int
        What we said, and how much of that was an answer: the rest is talk.
    n_theirs : int
        What they said.
    society_posts : int
        What people said about our part in society (motives trust, society, energy).
    society : Figure
        Which share of that is negative.
    """

    n_spoke: int = 0
    n_asked: int = 0
    n_answered: int = 0
    answered: Figure
    thanked: Figure
    n_ours: int = 0
    n_answers: int = 0
    n_theirs: int = 0
    society_posts: int = 0
    society: Figure


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """What people say of our part in society that is about one motive: so many posts in 28 days, and in the 28 before.

    `negative` is the share of them whose tone is; `posts` opens them all.
    """

    motive: str
    n: int
    n_before: int
    negative: Figure
    posts: PostFilter


class Society(msgspec.Struct, frozen=True, kw_only=True):
    """What people say of our part in society: themes, most said first, and at most three telling posts."""

    themes: tuple[Theme, ...] = ()
    quotes: tuple[Quote, ...] = ()


class Opens(msgspec.Struct, frozen=True, kw_only=True):
    """How many posts stand behind a figure of a period, and the filter that opens them."""

    name: str
    n: int
    posts: PostFilter


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """What the mirror says of a period that ends on a day.

    Attributes
    ----------
    brand : str
        "" is everything together.
    first_day, last_day : str
        ISO dates in the workspace's zone, both included.
    made_at : int
        Microseconds UTC.
    n_people, n_posts : int
        Who did anything in the period, and what they said.
    n_left_out : int
        Accounts that talk as no person does: not counted.
    n_objecting : int
        Accounts of people who object to being known: what they say is counted as posts, and of no person.
    n_known : int
        All people ever heard.
    """

    workspace: str
    brand: str
    period: Period
    first_day: str
    last_day: str
    made_at: int
    is_over: bool
    n_people: int = 0
    n_posts: int = 0
    n_left_out: int = 0
    n_objecting: int = 0
    n_known: int = 0
    captivating: Index
    binding: Index
    truth: Truth
    curve: Curve = Curve()
    slices: tuple[Slice, ...] = ()
    drivers: tuple[Driver, ...] = ()
    explained: tuple[Explained, ...] = ()
    shifts: tuple[Shifted, ...] = ()
    moments: tuple[Lift, ...] = ()
    advice: tuple[Advice, ...] = ()
    followed: tuple[Followed, ...] = ()
    renewals: tuple[Renewed, ...] = ()
    channels: tuple[Channel, ...] = ()
    relations: tuple[Relation, ...] = ()
    competitors: tuple[Competitor, ...] = ()
    listening: Listening
    society: Society = Society()
    opens: tuple[Opens, ...] = ()
    unknown: tuple[Unknown, ...] = ()
