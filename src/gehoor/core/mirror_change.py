"""What changed, why, what to do about it, and what came of what was done before."""

from typing import Literal

import msgspec

from gehoor.core.alert import Quote
from gehoor.core.mirror_figure import Dimension, Figure
from gehoor.core.post import PostFilter

__all__ = ["Act", "Advice", "Driver", "Explained", "Followed", "Lift", "Renewal", "Renewed", "Said", "Shifted"]

Act = Literal["win_back", "answer_sooner", "mend", "keep_up", "bring_back", "follow"]

Said = Literal["given", "task", "done", "declined"]
"""What people said of an advice; nothing yet: `given`."""

Renewal = Literal["offer", "brand", "market", "relation"]
"""In what somebody renewed."""


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changed beyond chance, where, and posts that tell of it.

    Attributes
    ----------
    id : str
        Stable over days: measure, dimension and value.
    measure : str
        `retention`, `answered` (a share of people), or `posts`, `negative`, `praise`, `complaint`, `help`, `leaving`
        (counts).
    dimension, value : str
        Where: `channel` `mastodon`; both empty where it is everybody.
    before, now : float
        The share, or the count a period of this length.
    change : Figure
        Now less before, for shares; now as times of before, for counts.
    adds : float
        To the change of everybody's share, or the part of the change of the count that it makes.
    n_people : int
        People it is about, now; 0 where only posts are counted.
    p : float
        How probable such a change is by chance, for this one alone.
    quotes : tuple of Quote
        At most three telling posts.
    posts : PostFilter, optional
        All posts behind it; None where it is about people who fell silent and left none.
    """

    id: str
    measure: str
    dimension: Dimension | Literal[""] = ""
    value: str = ""
    before: float
    now: float
    change: Figure
    adds: float
    n_people: int = 0
    p: float
    quotes: tuple[Quote, ...] = ()
    posts: PostFilter | None = None


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """How a change is made up: of a share by rate and mix (they add up exactly), of a count by dimension (Adtributor).

    Attributes
    ----------
    measure : str
        As in `Driver`.
    change : float
        Of the share, or of the count, since the period before.
    rate, mix : float, optional
        Because people of the same kind did otherwise, and because there were others; for shares, by `dimension`.
    dimension : str
        The one that explains it best.
    values : tuple of str
        Of that dimension, the most surprising first.
    explains : float, optional
        Which part of the change these values make; for counts.
    """

    measure: str
    change: float
    rate: float | None = None
    mix: float | None = None
    dimension: Dimension
    values: tuple[str, ...] = ()
    explains: float | None = None


class Shifted(msgspec.Struct, frozen=True, kw_only=True):
    """From `day` (ISO) on the level of a measure was `after`; weekdays are taken out."""

    measure: str
    day: str
    before: float
    after: float


class Lift(msgspec.Struct, frozen=True, kw_only=True):
    """A moment beside the curve: how many times as much there was as the weeks before let expect.

    `is_real`: beyond chance, of all moments together at most one in ten falsely so. `is_live`: it goes on now.
    """

    moment: int
    name: str
    kind: str
    since: int
    until: int
    lift: Figure
    is_real: bool
    is_live: bool = False


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do.

    Attributes
    ----------
    id : str
        Day, brand, and the id of its driver.
    act : str
        `win_back` (people who fell silent), `answer_sooner`, `mend` (what is complained of), `keep_up` (what is
        praised), `bring_back` (what was praised, and is less), `follow` (people who went to another channel).
    because : Driver
        Why.
    n_people : int
        Whom it is about, as of that day.
    gain : Figure
        Points of the index if this driver returned to normal.
    index : str
        Of which index.
    effort : str
        How much work: `small` (a reply, a post), `middle` (a campaign), `large` (a change in what we offer).
    state : str
        `given`, `task`, `done`, `declined`.
    """

    id: str
    act: Act
    because: Driver
    n_people: int
    gain: Figure
    index: Literal["captivating", "binding"]
    effort: Literal["small", "middle", "large"]
    state: Said = "given"


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of earlier advice. `then` and `now`: the driver's share or count; `helped` None: too early."""

    advice: str
    day: str
    act: Act
    dimension: str
    value: str
    measure: str
    state: Said
    before: float
    then: float
    now: float | None = None
    helped: bool | None = None


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the innovation log, and what came of it: lift of the 28 days since, None where it is too new."""

    id: int
    day: str
    kind: Renewal
    name: str
    note: str = ""
    lift: Figure | None = None
