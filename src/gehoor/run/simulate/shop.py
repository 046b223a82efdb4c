"""What customers do: look, book, check in, buy elsewhere; and what an ash cloud does to their bookings."""

from typing import Any

import msgspec
import numpy as np

from gehoor.core.record import Activity
from gehoor.run.simulate.days import Floats, scatter
from gehoor.run.simulate.people import Person
from gehoor.run.simulate.scenario import Scenario, load_names
from gehoor.run.simulate.tale import Tale

__all__ = ["Trip", "tell_shop"]

OURS, RIVAL = "Noordvlucht", "Zuiderwind"
_ELSEWHERE = (RIVAL, RIVAL, RIVAL, "Kustlijn", "Trein")
_PROMOTION = "VOORJAAR"
_VISITS_A_DAY = 26.0
_CLOSED = (6.6, 39.5)
_APP_DOWN = (17.0, 21.3)
_WEEKS_US = 84 * 24.0
_json = msgspec.json.Encoder().encode


class Trip(msgspec.Struct, frozen=True):
    """A booked flight: who, which order, when it was booked, when it leaves (hours of the story)."""

    person: Person
    order: str
    at: float
    leaves: float
    value: float


def tell_shop(tale: Tale, scenario: Scenario) -> None:
    """Tell who looks, books and checks in, who buys elsewhere, and what becomes of flights under the ash."""
    edges = np.cumsum(_open_hours(tale))
    trips: list[Trip] = []
    for person in tale.people.customers:
        trips += _tell_customer(tale, person, edges)
    _tell_visits(tale, scenario)
    for trip in trips:
        _tell_trip(tale, trip)


def _open_hours(tale: Tale) -> Floats:
    """Return how much is sold in each hour: hardly anything while the app is down or nothing flies."""
    weights = tale.days.trade()
    storm = int(tale.days.storm)
    weights[storm + 7 : storm + 40] *= 0.25
    app = storm - 28 * 24
    if app >= 0:
        weights[app + int(_APP_DOWN[0]) : app + int(_APP_DOWN[1])] *= 0.1
    return weights


def _tell_customer(tale: Tale, person: Person, edges: Floats) -> list[Trip]:
    """Tell what one customer orders over the whole story; return the flights with us."""
    rng, total = tale.rng, tale.days.n_hours
    n = int(rng.poisson(person.orders * total / _WEEKS_US))
    if person.fate == "new":
        n = max(n, 1)
    # by the hour of the story; a new customer begins somewhere in it
    first = float(rng.random() * 0.8) if person.fate == "new" else 0.0
    shares = np.sort(first + (1 - first) * rng.random(n))
    hours = (np.searchsorted(edges, shares * edges[-1]) + rng.random(n)).tolist()
    trips: list[Trip] = []
    for at in sorted(hours):
        brand = _brand(rng, person, at)
        if not trips and brand == OURS:
            tale.track(max(0.001, at - 0.01), person, _identify(person))
        trip = _tell_order(tale, person, at, brand)
        if brand == OURS:
            trips.append(trip)
            person.booking = trip.order
    return trips


def _brand(rng: np.random.Generator, person: Person, at: float) -> str:
    if at > person.left_at:
        stays = 0.15 if person.fate == "switches" else 0.05
        return OURS if rng.random() < stays else _ELSEWHERE[person.number % len(_ELSEWHERE)]
    if person.fate == "hops":
        return OURS if rng.random() < 0.5 else _ELSEWHERE[int(rng.random() * len(_ELSEWHERE))]
    return OURS if rng.random() < 0.97 else RIVAL


def _identify(person: Person) -> Activity:
    traits: dict[str, Any] = {
        "name": person.name,
        "email": person.email,
        "customer_since": person.since,
        "flights": person.flights,
        "tier": "blue" if person.flights > 30 else "none",
    }
    if person.channel in {"mastodon", "bluesky"} and person.number % 4 == 0:
        traits["accounts"] = {person.channel: person.actor(person.channel)}
    return Activity(id="", type="Identify", received=0, channel="", properties=_json(traits).decode())


def _tell_order(tale: Tale, person: Person, at: float, brand: str) -> Trip:
    rng = tale.rng
    city, _, km = load_names().cities[person.city if rng.random() < 0.55 else int(rng.random() * 18)]
    quantity = 1 + int(rng.random() ** 2.2 * 4)
    is_cheap = person.fate == "hops" or rng.random() < 0.14
    fare = (24 + 0.075 * km) * float(rng.lognormal(0.0, 0.35)) * (0.75 if is_cheap else 1.0)
    number = f"NVB{100_000 + len(tale.activities)}"
    route = f"Amsterdam-{city}"
    if rng.random() < 0.7:
        view = Activity(id="", type="Track", received=0, channel="", event="Product Viewed", product=route, brand=brand)
        tale.track(max(0.002, at - 0.005 - float(rng.exponential(0.3))), person, view)
    order = Activity(
        id="",
        type="Track",
        received=0,
        channel="",
        event="Order Completed",
        object=number,
        product=route,
        brand=brand,
        quantity=float(quantity),
        value=round(quantity * fare, 2),
        currency="EUR",
        promotion=_PROMOTION if is_cheap else None,
    )
    tale.track(at, person, order)
    leaves = 24.0 * (at // 24 + 1 + int(rng.exponential(19.0))) + float(rng.uniform(6, 22))
    return Trip(person, number, at, leaves, order.value or 0.0)


def _tell_visits(tale: Tale, scenario: Scenario) -> None:
    """Add those who look and do not buy."""
    rng, people = tale.rng, tale.people.locals
    names = load_names().cities
    for at in scatter(rng, tale.days.trade(), _VISITS_A_DAY * scenario.posts_a_day / 100):
        person = people[int(rng.random() * len(people))]
        city = names[person.city][0]
        path = ("/vluchten/" + city.lower(), "/mijn-reis", "/bagage", "/aanbiedingen")[int(rng.random() ** 2 * 4)]
        page = Activity(id="", type="Page", received=0, channel="", event=path.rsplit("/", 1)[-1],
                        url=f"https://noordvlucht.example{path}")  # fmt: skip
        tale.track(at, person, page)


def _tell_trip(tale: Tale, trip: Trip) -> None:
    """Tell the check-in, or what the ash makes of it."""
    storm, last = tale.days.storm, float(tale.days.n_hours)
    if storm + _CLOSED[0] <= trip.leaves < storm + _CLOSED[1] and trip.at < storm + 6:
        _tell_cancelled(tale, trip)
        return
    at = trip.leaves - float(tale.rng.uniform(2, 30))
    if trip.at < at < last:
        _event(tale, at, trip, "Checked In")


def _tell_cancelled(tale: Tale, trip: Trip) -> None:
    """Tell a flight that did not go: cancelled, tried to move, moved or paid back."""
    rng, storm = tale.rng, tale.days.storm
    trip.person.booking, trip.person.is_grounded = trip.order, True
    at = storm + (7.2 if trip.leaves < storm + 24 else 12.4) + float(rng.exponential(0.6))
    _event(tale, at, trip, "Flight Cancelled")
    for _ in range(int(rng.poisson(1.1))):
        at += float(rng.exponential(0.7)) + 0.02
        _event(tale, at, trip, "Rebooking Failed")
    at += float(rng.exponential(14.0)) + 0.2
    if at < tale.days.n_hours:
        _event(tale, at, trip, "Order Updated" if rng.random() < 0.68 else "Order Refunded")


def _event(tale: Tale, at: float, trip: Trip, event: str) -> None:
    value = trip.value if event == "Order Refunded" else None
    currency = "EUR" if value is not None else None
    activity = Activity(id="", type="Track", received=0, channel="", event=event, object=trip.order, brand=OURS,
                        value=value, currency=currency)  # fmt: skip
    tale.track(at, trip.person, activity)
