"""A closer look of the mirror: both indices of a part of the people, a campaign, a story, a single thing we said."""

from typing import Literal, get_args

import msgspec

from gehoor.core.errors import SettingError
from gehoor.core.mirror_figure import Index, Unknown
from gehoor.core.mirror_reader import day_number, iso_day
from gehoor.core.post import PostFilter

__all__ = ["CloserLook", "Look", "LookKind", "look_of"]

LookKind = Literal["channel", "language", "region", "segment", "campaign", "story", "utterance"]
"""The first four are groups of people, read on a day; the others happened, and had people of their own."""


class CloserLook(msgspec.Struct, frozen=True, kw_only=True):
    """What the mirror says of one of them, beside what is normal for all.

    Attributes
    ----------
    id : str
        The value of a group, the number of a moment, the id of a story, the offset (`seq`) of our post.
    name : str
        What it is called; of an utterance its words.
    first_day, last_day : str
        When it happened, ISO dates; of a group the 28 days up to the one that it is read on.
    read_on : str
        The day up to which binding was read: 28 days after its last, or the last there is.
    n_people : int
        In the group; or who reacted to it, spoke in it, or (of a moment in which we said nothing) spoke during it.
    n_known : int
        All people ever heard by then.
    n_ours, n_reactions : int
        What we said in it, and how often somebody replied to that, shared or liked it.
    views : float, optional
        How often that was seen; None where no channel says so.
    captivating, binding : Index
        50 is normal for all our people over the year: reach and momentum are of groups only. The change of a group is
        of the same people, from 28 days before.
    """

    kind: LookKind
    id: str
    name: str
    brand: str
    first_day: str
    last_day: str
    read_on: str
    n_people: int
    n_known: int
    n_ours: int = 0
    n_reactions: int = 0
    views: float | None = None
    captivating: Index
    binding: Index
    posts: PostFilter | None = None
    unknown: tuple[Unknown, ...] = ()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to look at; `day` (ISO): of a group the day up to which, by default yesterday."""

    kind: LookKind
    id: str
    brand: str = ""
    day: str | None = None


def look_of(text: str, brand: str = "", day: str | None = None) -> Look:
    """Return what `kind:id` names, such as `channel:mail`, `campaign:3`, `story:topic/12`, `utterance:4711`.

    Raises
    ------
    SettingError
        There is no such kind, or nothing behind it; or the day is none.
    """
    kind, _, id_ = text.partition(":")
    kinds = get_args(LookKind)
    if kind not in kinds or not id_:
        raise SettingError(f"Look at KIND:WHICH, where KIND is {', '.join(kinds)}; not {text[:60]!r}.")
    try:
        last = None if day is None else iso_day(day_number(day))
    except ValueError:
        raise SettingError(f"{day!r} is no day. Write it as 2026-11-22.") from None
    return msgspec.convert({"kind": kind, "id": id_, "brand": brand, "day": last}, Look)
