"""The people: who they are, how they talk, what they buy, and what will become of them."""

from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np

from gehoor.run.simulate.days import Days
from gehoor.run.simulate.scenario import Member, Names, Scenario, load_names, load_script

__all__ = ["People", "Person", "populate"]

_CHANNELS = (("mastodon", 0.36), ("bluesky", 0.42), ("mail", 0.13), ("reviews", 0.09))
_SPOKEN = (("nl", 0.655), ("en", 0.275), ("de", 0.04), ("fr", 0.015), ("es", 0.015))
# what becomes of a customer over the months, how many, orders in twelve weeks, since at least and at most
_FATES = (
    ("stays", 0.50, 0.7, 2014, 2025),
    ("once", 0.16, 0.25, 2025, 2026),
    ("new", 0.08, 0.9, 2026, 2026),
    ("loyal", 0.07, 4.6, 2015, 2019),
    ("overlooked", 0.03, 4.2, 2015, 2018),
    ("leaves", 0.05, 2.2, 2016, 2023),
    ("switches", 0.05, 2.4, 2017, 2024),
    ("hops", 0.06, 2.0, 2020, 2025),
)
_FREQUENT = frozenset(("loyal", "overlooked"))
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_SHOPPERS = 0.72
_TALKERS_TAIL = 0.55


@lru_cache(maxsize=8_192)
def _did(number: int) -> str:
    scattered = (number + 7) * 982_451_653_171 % 32**12
    return "did:plc:" + "".join(_LETTERS[scattered >> (5 * place) & 31] for place in range(12)) + "nv"


class Person(msgspec.Struct, gc=False):
    """Somebody: one human being (or script) with an account on one channel, and perhaps a customer number.

    Attributes
    ----------
    number : int
        Who it is in truth, whatever the channel.
    fate : str
        What becomes of them: stays, once, new, loyal, overlooked, leaves, switches, hops; or `none` for no customer.
    left_at : float
        From which hour of the story they buy elsewhere; infinity for never.
    talk, orders : float
        How much they say, as a weight; how often they buy in twelve weeks.
    rough : float
        How carelessly they type, 0 to 1.
    booking : str, optional
        The number of their last order with us.
    is_grounded : bool
        Whether a flight of theirs is cancelled under the ash.
    """

    number: int
    role: str
    language: str
    name: str
    handle: str
    channel: str
    followers: int | None
    city: int
    flight: str
    talk: float
    rough: float
    fate: str = "none"
    customer: str | None = None
    since: int | None = None
    flights: int = 0
    orders: float = 0.0
    left_at: float = float("inf")
    booking: str | None = None
    is_grounded: bool = False

    @property
    def email(self) -> str:
        """The address of their mail."""
        return f"{self.handle}@mail.example"

    def actor(self, channel: str) -> str:
        """Return the channel's stable id of this person."""
        match channel:
            case "mastodon":
                return f"https://fedi.example/users/{self.handle}"
            case "bluesky":
                return _did(self.number)
            case "mail":
                return self.email
            case "shop":
                return self.customer or f"visitor-{self.number}"
            case "feed":
                return f"https://{self.handle}.example/feed"
            case _:
                return f"{channel}-{self.number}"


class People(msgspec.Struct):
    """Everybody, by what they are needed for."""

    all: list[Person]
    locals: list[Person]
    comers: list[Person]
    rings: list[list[Person]]
    known: dict[str, Person]

    @property
    def customers(self) -> Iterator[Person]:
        """Those who have a customer number."""
        return (person for person in self.all if person.customer is not None)


class _Registry:
    """Hands out numbers and handles, each once."""

    def __init__(self, rng: np.random.Generator, names: Names) -> None:
        self.rng, self.names = rng, names
        self.all: list[Person] = []
        self._handles: set[str] = set()

    def pick(self, pairs: tuple[tuple[str, float], ...]) -> str:
        values = [value for value, _ in pairs]
        shares = np.array([share for _, share in pairs])
        return values[int(np.searchsorted(np.cumsum(shares) / shares.sum(), self.rng.random()))]

    def one_of(self, values: tuple[str, ...]) -> str:
        return values[int(self.rng.random() * len(values))]

    def handle(self) -> str:
        handle = self.one_of(self.names.handle) + self.one_of(self.names.tail)
        while handle in self._handles:
            handle = f"{handle}{int(self.rng.random() * 90) + 2}"
        self._handles.add(handle)
        return handle

    def person(self, role: str, channel: str | None = None) -> Person:
        rng = self.rng
        channel = channel or self.pick(_CHANNELS)
        is_social = channel in {"mastodon", "bluesky"}
        person = Person(
            number=len(self.all) + 1,
            role=role,
            language=self.pick(_SPOKEN),
            name=f"{self.one_of(self.names.given)} {'ABCDEGHJKLMNPRSTVWZ'[int(rng.random() * 19)]}.",
            handle=self.handle(),
            channel=channel,
            # followers have a Pareto tail: most have a hundred, some have a hundred thousand
            followers=int(min(4e5, 30 * (rng.pareto(0.95) + 0.3))) if is_social else None,
            city=int(rng.random() ** 1.4 * len(self.names.cities)),
            flight=f"NV{int(rng.random() * 799) + 101}",
            talk=float((rng.random() + 1e-4) ** -_TALKERS_TAIL),
            rough=float(rng.beta(1.2, 3.0)),
        )
        self.all.append(person)
        return person

    def member(self, member: Member) -> Person:
        self._handles.add(member.handle)
        person = self.person(member.role, member.channel)
        person.handle, person.name = member.handle, member.name or member.handle
        person.language, person.rough, person.talk = "nl", 0.0, 0.0
        person.followers, person.since, person.flights = member.followers, member.since, member.flights
        if member.since is not None:
            person.customer, person.fate = f"customer-{4_470 + person.number}", "stays"
            person.orders = member.flights / 40
        return person


def _become_customer(person: Person, rng: np.random.Generator, days: Days) -> None:
    """Give somebody a number, a past and a future."""
    shares = np.cumsum([share for _, share, *_ in _FATES])
    fate, _, orders, first, last = _FATES[int(np.searchsorted(shares / shares[-1], rng.random()))]
    person.customer = f"customer-{10_000 + 17 * person.number}"
    person.fate, person.role = fate, "frequent" if fate in _FREQUENT else person.role
    person.since = first + int(rng.random() * (last - first + 1))
    person.orders = orders * float(rng.gamma(3.0, 1 / 3))
    years = days.start.year - person.since
    person.flights = int(rng.poisson(max(0.0, person.orders * 1.1 * years)))
    if fate in {"leaves", "switches"}:
        person.left_at = float(rng.uniform(0.15, 0.98)) * days.storm


def populate(rng: np.random.Generator, scenario: Scenario, days: Days) -> People:
    """Make everybody: those who live there, those who come with the ash, those known by name, and the bot rings.

    Cost: about 20 us a person.
    """
    registry = _Registry(rng, load_names())
    known = {member.key: registry.member(member) for member in load_script().cast}
    known["us"] = registry.person("brand", "mastodon")
    ours = known["us"]
    ours.handle, ours.name, ours.language = "noordvlucht", "Noordvlucht", "nl"
    ours.followers, ours.talk, ours.rough = 88_000, 0.0, 0.0
    locals_ = [registry.person("traveller") for _ in range(scenario.n_people)]
    for person in locals_:
        if rng.random() < _SHOPPERS:
            _become_customer(person, rng, days)
    comers = [registry.person("traveller") for _ in range(scenario.n_people // 2)]
    for person in comers:
        person.role = registry.pick((("traveller", 0.7), ("family", 0.22), ("staff", 0.04), ("helper", 0.04)))
    rings = [[registry.person("ring", channel) for _ in range(n)] for channel, n in _RINGS]
    for person in (person for ring in rings for person in ring):
        person.followers, person.rough, person.talk = int(rng.random() * 6), 0.0, 0.0
        person.handle = f"{person.handle}{int(rng.random() * 9e6) + 1_000_000}"
    return People(all=registry.all, locals=locals_, comers=comers, rings=rings, known=known)


_RINGS = (("mastodon", 12), ("bluesky", 10), ("bluesky", 24))
"""Channel and size: coins, false help desks, and accounts that copy one call."""
