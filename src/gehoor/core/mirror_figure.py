"""What the mirror measures: figures with how sure they are, the indices, and what cannot be known."""

from typing import Literal

import msgspec

__all__ = ["Curve", "Dimension", "Figure", "Index", "Now", "Part", "Pulse", "Slice", "Truth", "Unknown", "WhyUnknown"]

Dimension = Literal["brand", "channel", "language", "region", "need", "motive", "intent", "sentiment", "segment"]

WhyUnknown = Literal[
    "nothing", "first_days", "few_people", "no_orders", "one_brand_ordered", "no_own_posts", "no_views", "no_questions",
    "one_channel", "gap", "mass_deletion", "day_not_over", "no_worth", "short_past", "all_new", "none_loyal",
    "not_back_yet", "nothing_said",
]  # fmt: skip


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A value and between which values it lies in 90 of 100 cases; all None when nothing can be measured.

    Attributes
    ----------
    unit : str
        `points` (of an index, 0 to 100), `points a year`, `share` (0 to 1), `times`, `people`, `posts`, `tone` (-1 to
        1), `nats`.
    good : str
        Which way is good for the organisation.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str
    good: Literal["up", "down", "neither"] = "neither"


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be known (yet).

    Attributes
    ----------
    why : str
        `nothing` (nothing was heard in the 28 days), `not_back_yet` (who comes back is known 28 days after it),
        `nothing_said` (we said nothing in it), `first_days` (there is no year to compare with: normal is partly
        a guess), `few_people` (under ten), `no_orders`, `one_brand_ordered` (no other brand to compare with),
        `no_own_posts`, `no_views` (nobody says how often our posts are seen), `no_questions` (nobody asked us
        anything), `one_channel`, `gap` (days on which nothing was heard), `mass_deletion` (people vanished: deleted or
        forgotten), `day_not_over`, `no_worth` (who is still a customer is not counted for this day), `short_past`
        (too few weeks for what is asked), `all_new` (so short a past that everybody is new), `none_loyal` (shorter than
        the half year after which a customer is loyal).
    parts : tuple of str
        Which components or sections miss it.
    days : int, optional
        How many more days it takes; None where days do not help.
    n : int, optional
        How many there are: people, days of a gap, people who vanished.
    """

    why: WhyUnknown
    parts: tuple[str, ...] = ()
    days: int | None = None
    n: int | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A component of an index: `share` 0 to 1, `z` how unusual for this organisation, `weight` its part of the index.

    A missing one has weight 0, and the others weigh more for it.
    """

    name: str
    share: Figure
    z: float | None
    weight: float

    @property
    def is_missing(self) -> bool:
        """Whether the period did not tell."""
        return self.weight == 0


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """How captivating, or how binding.

    Attributes
    ----------
    relative : Figure
        50 is normal for this organisation over its year, 84 a standard deviation above.
    level : Figure
        Geometric mean of the shares, 0 to 100: compares organisations that measure the same.
    before : Figure
        `relative` of the period before.
    change : Figure
        From the period before, points; its interval is of the same people in both, hence narrow.
    slope : Figure
        How the level went over the year, points a year.
    parts : tuple of Part
    changed : tuple of str
        Components that changed beyond chance since the period before, false discoveries at most 10 %.
    n_days : int
        Days of its own past that it is compared with; under 90 a prior counts for the rest.
    """

    name: Literal["captivating", "binding"]
    relative: Figure
    level: Figure
    before: Figure
    change: Figure
    slope: Figure
    parts: tuple[Part, ...]
    changed: tuple[str, ...] = ()
    n_days: int = 0


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """The levels of both indices for a part of the people: those of a brand, channel, language, segment."""

    dimension: Dimension
    name: str
    n_people: int
    captivating: Figure
    binding: Figure


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A year a day, oldest first: ISO dates, and a number a date; None where nothing was measured.

    `captivating` and `binding` are relative, as `Index.relative` is: 50 is normal over this year.
    """

    days: tuple[str, ...] = ()
    captivating: tuple[float | None, ...] = ()
    binding: tuple[float | None, ...] = ()
    people: tuple[int, ...] = ()
    posts: tuple[int, ...] = ()


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """Whether binding predicts the next 28 days' retention better than retention alone, on this workspace's own days.

    Attributes
    ----------
    verdict : str
        `better`, `worse`: the interval of the gain excludes nought; `alike`: it does not; `too early`.
    gain : Figure
        Log loss of retention alone less that of retention and binding, nats a person; above 0 binding helps.
    n_foretold : int
        Weeks that were foretold from what was known before them.
    n_needed : int
        So many it takes.
    """

    verdict: Literal["better", "alike", "worse", "too early"]
    gain: Figure
    n_foretold: int
    n_needed: int


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """Now: what was said in the last hour, beside the same hour of the weeks before. `at` is microseconds UTC."""

    at: int
    n: int
    usual: Figure


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """Both indices of today so far, as they stood at a moment (microseconds UTC)."""

    at: int
    captivating: Figure
    binding: Figure
