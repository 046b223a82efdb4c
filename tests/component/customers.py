"""A shop with 160 customers, for tests of People: some come often, some left, two accounts are one person."""

import json
from collections.abc import Iterator

import numpy as np

from gehoor.core.clock import DAY_US
from gehoor.core.record import Activity
from tests.cast import NOON

__all__ = ["DID", "HER", "SHOP", "activities"]

HER, DID, SHOP = "customer-7", "did:plc:saar", "Noordvlucht"
_N, _DAYS = 160, 120


def activities() -> list[Activity]:
    """Return what they did and said, in the order of time."""
    rng = np.random.default_rng(7)
    found = [one for number in range(_N) for one in _customer(number, rng)]
    return sorted(found, key=lambda one: one.received)


def _customer(number: int, rng: np.random.Generator) -> Iterator[Activity]:
    actor, name = f"customer-{number}", "Saar de Vries" if number == 7 else f"Klant {number}"
    traits = {"email": f"klant{number}@mail.example", "name": name}
    if number == 7:
        traits["accounts"] = {"bluesky": DID}  # type: ignore[assignment]  # traits hold what a shop puts there
    day, gap = 1 + int(rng.integers(0, 50)), float(rng.gamma(2.0, 8.0) + 3)
    last = _DAYS if rng.random() < 0.6 else _DAYS // 2
    yield _event(actor, name, day, "identify", type="Identify", properties=json.dumps({"traits": traits}))
    n = 0
    while day < last:
        value = round(float(rng.lognormal(4, 0.4)), 2)
        brand = SHOP if rng.random() < 0.9 or number == 7 else "Zuiderwind"
        yield _event(
            actor, name, day, f"order-{n}", type="Track", event="Order Completed", value=value, currency="EUR",
            brand=brand, object=f"{actor}-{n}",
        )  # fmt: skip
        n, day = n + 1, day + max(1, int(rng.exponential(gap)))
    if number == 7:
        yield from _talk()


def _talk() -> Iterator[Activity]:
    """Yield what she asks in public, and our one answer."""
    for place, (days, text) in enumerate(((40, "Waar blijft mijn koffer?"), (12, "Fijne bemanning, dank"))):
        at = NOON - days * DAY_US
        yield Activity(id=f"post-{place}", published=at, received=at, channel="bluesky", actor=DID, actor_name="saar",
                       text=f"@noordvlucht {text}")  # fmt: skip
    at = NOON - 39 * DAY_US
    yield Activity(id="reply", published=at, received=at, channel="bluesky", actor="did:plc:ours", direction="out",
                   actor_name=SHOP, text="We zoeken hem.", in_reply_to="post-0")  # fmt: skip


def _event(actor: str, name: str, day: int, id_: str, **fields: object) -> Activity:
    at = NOON - (_DAYS - day) * DAY_US
    return Activity(id=f"{actor}-{id_}", published=at, received=at, channel="shop", actor=actor, actor_name=name,
                    **fields)  # type: ignore[arg-type]  # each event has its own  # fmt: skip
