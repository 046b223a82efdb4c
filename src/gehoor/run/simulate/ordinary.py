"""The ordinary days: what people say when nothing is the matter, and what spoils it a little."""

from collections.abc import Sequence

import numpy as np

from gehoor.run.simulate.days import scatter
from gehoor.run.simulate.people import Person
from gehoor.run.simulate.scenario import Scenario
from gehoor.run.simulate.tale import Post, Tale

__all__ = ["Pool", "tell_ordinary"]

# what people talk about on an ordinary day, and how much of it
_THEMES = {
    "chat": 17, "crew": 12, "delay": 11, "luggage": 11, "checkin": 10, "service": 6, "price": 6, "refund": 7,
    "rebooking": 6, "seat": 5, "food": 4, "pets": 3, "access": 3, "wifi": 2, "idea": 4, "green": 3, "loyal": 4,
    "rival": 3, "review-good": 4, "review-bad": 3,
}  # fmt: skip
_GRUDGES = ("delay", "service", "luggage", "refund", "price", "rebooking")
_CHAT = frozenset(("chat", "food", "pets", "rival", "green"))


class Pool:
    """People to draw from, those who talk much more often."""

    def __init__(self, rng: np.random.Generator, people: Sequence[Person]) -> None:
        self._rng = rng
        self._people = people
        self._edges = np.cumsum([person.talk for person in people])

    def draw(self) -> Person:
        """Return somebody."""
        return self._people[int(np.searchsorted(self._edges, self._rng.random() * self._edges[-1]))]

    @classmethod
    def by_channel(cls, rng: np.random.Generator, people: Sequence[Person]) -> dict[str, "Pool"]:
        """Return a pool for each channel that has people."""
        channels = sorted({person.channel for person in people})
        return {name: cls(rng, [person for person in people if person.channel == name]) for name in channels}


def tell_ordinary(tale: Tale, scenario: Scenario) -> None:
    """Tell all days as they would have been, the four after the ash cloud with them."""
    _tell_talk(tale, scenario.posts_a_day)
    _tell_leavers(tale)
    _tell_advertisements(tale)


def _tell_talk(tale: Tale, posts_a_day: float) -> None:
    people = tale.people.locals
    everybody = Pool(tale.rng, people)
    social = Pool(tale.rng, [person for person in people if person.channel in {"mastodon", "bluesky"}])
    reviewers = Pool(tale.rng, [person for person in people if person.channel == "reviews"])
    loyal = Pool(tale.rng, [person for person in people if person.fate in {"loyal", "overlooked"}])
    themes, edges = list(_THEMES), np.cumsum(list(_THEMES.values()))
    for at in scatter(tale.rng, tale.days.talk(), posts_a_day):
        theme = themes[int(np.searchsorted(edges, tale.rng.random() * edges[-1]))]
        pool = everybody
        if theme.startswith("review"):
            pool = reviewers
        elif theme == "loyal":
            pool = loyal
        elif theme in _CHAT:
            pool = social
        tale.speak(at, pool.draw(), theme, "ordinary")


def _tell_leavers(tale: Tale) -> None:
    """Let those who will buy elsewhere say why: a grudge or two, and then the goodbye."""
    rng = tale.rng
    for person in tale.people.locals:
        if person.left_at == float("inf"):
            continue
        for _ in range(int(rng.integers(1, 4))):
            at = person.left_at - float(rng.uniform(24, 480))
            if at > 0:
                tale.speak(at, person, _GRUDGES[int(rng.random() * len(_GRUDGES))], "ordinary")
        if rng.random() < 0.6:
            theme = "leaving" if rng.random() < 0.3 else "leaving-why"
            tale.speak(person.left_at, person, theme, "ordinary")


def _tell_advertisements(tale: Tale) -> None:
    """Add what the airline, its rival and the papers say in an ordinary week."""
    known, rng = tale.people.known, tale.rng
    for day in range(tale.days.n_days):
        weekday, _ = tale.days.clock(24.0 * day)
        for who, theme, on in (("us", "broadcast", {1, 4}), ("rival", "rival-ad", {0, 3}), ("paper", "news", {2, 5})):
            if weekday in on and rng.random() < 0.7:
                person = known[who]
                at = 24.0 * day + float(rng.uniform(8, 17))
                tale.say(Post("", "", at, person.channel, person, tale.pen.line(person, theme), "ordinary"))
