"""*Loyalty* in words and drawings: who moves where, what size explains, who is how loyal, and what people say."""

from collections import Counter
from math import sqrt

import msgspec
from markupsafe import Markup

from gehoor.core.clock import DAY_US
from gehoor.core.loyalty import ELSEWHERE, NEW, SILENT, Market
from gehoor.core.post import PostFilter
from gehoor.know.duplication import NEWS_Z
from gehoor.web.filters import posts_path
from gehoor.web.jeopardy import Plot, plot_of
from gehoor.web.sankey import Sankey, sankey_of
from gehoor.web.site import Site
from gehoor.web.speech import Speech

__all__ = ["Loyal", "Said", "SaidRow", "State", "said_of"]

STATES = ("loyal", "repertoire", "hopper", "leaving", "unknown")
_SAID_DAYS = 90
_READ = 1_500
_PAIR = 2


class State(msgspec.Struct, frozen=True):
    """How many people are in one state, which part of those known, and where they are."""

    name: str
    n: int
    share: float
    href: str


class SaidRow(msgspec.Struct, frozen=True):
    """A reason to leave as people gave it, or a brand they named; how many posts, and where they are."""

    name: str
    n: int
    href: str


class Said(msgspec.Struct, frozen=True):
    """What people say of leaving: posts, by reason and by the other brand that they name."""

    n: int
    days: int
    href: str
    reasons: list[SaidRow]
    brands: list[SaidRow]


class Loyal:
    """What was counted, told.

    Parameters
    ----------
    market : Market
        As of the last night.
    """

    def __init__(self, market: Market, speech: Speech) -> None:
        self.market, self._speech = market, speech

    @property
    def has_others(self) -> bool:
        """Whether orders name more brands than ours."""
        return len(self.market.brands) > 1

    @property
    def states(self) -> list[State]:
        """How many are how loyal; the share is of those of whom it is known."""
        states = self.market.states
        known = sum(n for name, n in states.items() if name != "unknown") or 1
        return [
            State(name, states.get(name, 0), states.get(name, 0) / known, f"/segments?rule=loyalty+%3D+{name}")
            for name in STATES
        ]

    @property
    def n_known(self) -> int:
        """Of how many people a state is known."""
        return sum(state.n for state in self.states if state.name != "unknown")

    def name(self, brand: str) -> str:
        """Return what a brand is called here."""
        keys = {NEW: "loyalty.new", SILENT: "loyalty.silent", ELSEWHERE: "loyalty.other", "": "loyalty.ours"}
        return str(self._speech.say(keys[brand])) if brand in keys else brand

    # -- who moves where --------------------------------------------------------------------------------------------

    def _moved(self, start: str, end: str) -> int:
        return sum(n for a, b, n in self.market.moves if (a, b) == (start, end))

    @property
    def _others(self) -> list[str]:
        return [brand for brand in self.market.brands if brand != self.market.ours]

    @property
    def sentence(self) -> Markup:
        """The page's answer: how many of 1,000 went, where most of them, and how many came."""
        market, say = self.market, self._speech.say
        if not self.has_others:
            return say("loyalty.lead.alone", n=market.n_silent, of=market.n_regular)
        ours = sum(n for a, _, n in market.moves if a == market.ours) or 1
        gone = {brand: self._moved(market.ours, brand) for brand in self._others}
        came = sum(self._moved(brand, market.ours) for brand in self._others)
        most, went = max(gone, key=lambda brand: gone[brand]), sum(gone.values())
        if not went + came:
            return say("loyalty.lead.none", ours=self.name(market.ours))
        per = round(1000 * went / ours), round(1000 * came / ours)
        z = (went - came) / sqrt(went + came)
        key = "same" if abs(z) < NEWS_Z else "more" if z > 0 else "less"
        return say(f"loyalty.lead.{key}", ours=self.name(market.ours), went=per[0], came=per[1], most=self.name(most))

    @property
    def drawings(self) -> dict[str, Sankey]:
        """The flow picture, drawn wide and narrow."""
        moves = self.market.moves
        tall = 150 + 46 * max(len({a for a, *_ in moves}), len({b for _, b, _ in moves}))
        return {"wide": sankey_of(moves, 720, tall, 140), "narrow": sankey_of(moves, 340, tall, 104)}

    @property
    def n_moves(self) -> int:
        """How many people are in the flow picture."""
        return sum(n for *_, n in self.market.moves)

    # -- what size explains -------------------------------------------------------------------------------------------

    @property
    def plots(self) -> dict[str, Plot]:
        """The double-jeopardy plot, drawn wide and narrow."""
        return {"wide": plot_of(self.market, 520, 320), "narrow": plot_of(self.market, 320, 280)}

    @property
    def jeopardy_news(self) -> list[Markup]:
        """A sentence for each brand whose size does not explain it; none is no news."""
        return [
            self._speech.say(f"loyalty.size.{'more' if z > 0 else 'less'}", brand=self.name(brand))
            for brand, z in zip(self.market.brands, self.market.z, strict=True)
            if abs(z) >= NEWS_Z
        ]

    @property
    def shared_news(self) -> list[Markup]:
        """The two pairs of brands that share far more or fewer buyers than their sizes explain."""
        brands, table = self.market.brands, self.market.shared_z
        found = []
        for row in range(len(brands)):
            for column in range(row):
                z = max(table[row][column], table[column][row], key=abs)
                if abs(z) >= NEWS_Z:
                    found.append((abs(z), z > 0, brands[column], brands[row]))
        found.sort(reverse=True)
        return [
            self._speech.say(f"loyalty.shared.{'more' if is_more else 'less'}", a=self.name(a), b=self.name(b))
            for _, is_more, a, b in found[:_PAIR]
        ]

    def is_news(self, row: int, column: int) -> bool:
        """Tell whether a cell of the table says something that size does not explain."""
        return abs(self.market.shared_z[row][column]) >= NEWS_Z


def said_of(site: Site, now: int) -> Said:
    """Return what people say of leaving in the last 90 days; at most the newest 1,500 posts are read."""
    since = (now // DAY_US - _SAID_DAYS) * DAY_US
    wanted = PostFilter(kind="say", intent="leaving", since=since, until=(now // DAY_US + 1) * DAY_US)
    posts = site.reader.posts(wanted, limit=_READ + 1)
    if len(posts) > _READ:
        posts = posts[:_READ]
        wanted = msgspec.structs.replace(wanted, from_seq=posts[-1].seq)
    reasons = Counter(post.motive for post in posts if post.motive not in (None, "none"))
    named = Counter(brand for post in posts for brand in post.brands)
    return Said(
        len(posts), _SAID_DAYS, posts_path(wanted),
        [SaidRow(str(name), n, posts_path(msgspec.structs.replace(wanted, motive=name)))
         for name, n in reasons.most_common(6)],
        [SaidRow(name, n, posts_path(msgspec.structs.replace(wanted, brand=name))) for name, n in named.most_common(4)],
    )  # fmt: skip
