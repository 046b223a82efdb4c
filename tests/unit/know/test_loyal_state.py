"""How loyal customers are: the states of a hand-made few, and of a simulated airline whose customers' fate is known."""

from collections import Counter

import msgspec
import numpy as np
import pytest

from gehoor.core.clock import DAY_US
from gehoor.know.loyal_state import HOPPER, LEAVING, LOYAL, REPERTOIRE, UNKNOWN, Bought, loyalty_of
from gehoor.know.market import market_figures, moves
from gehoor.run.simulate.scenario import Scenario
from gehoor.run.simulate.simulate import simulate

OURS, RIVAL = 0, 1


def _bought(*rows: tuple[int, int, int, bool]) -> Bought:
    customer, brand, day, promoted = zip(*sorted(rows, key=lambda row: row[2]), strict=True)
    return Bought(np.array(customer), np.array(brand), np.array(day), np.array(promoted))


def _weekly(customer: int, brands: str, promoted: str = "") -> list[tuple[int, int, int, bool]]:
    return [(customer, int(brand), 7 * n, n < len(promoted)) for n, brand in enumerate(brands)]


def test_each_of_the_states() -> None:
    rows = _weekly(0, "0000000") + _weekly(1, "0000011") + _weekly(2, "0101011") + _weekly(3, "0011001", "xxxxx")
    told = loyalty_of(_bought(*rows, *_weekly(4, "00")), 2, OURS, 44)
    assert told.state == [LOYAL, LEAVING, REPERTOIRE, HOPPER, UNKNOWN]
    assert told.brand.tolist() == [0, 0, 1, 0, 0]
    assert told.p_ours[0] > 0.8 > max(told.p_ours[1:3])


def test_silence_far_beyond_ones_own_gaps_is_leaving_and_an_ordinary_pause_is_not() -> None:
    rows = [row for customer in range(20) for row in _weekly(customer, "0" * (12 if customer else 4))]
    told = loyalty_of(_bought(*rows), 1, OURS, 80)
    assert told.state == [LEAVING] + [LOYAL] * 19
    assert told.p_silence[0] < 0.01
    assert round(float(told.gap_days[0])) == 7


def test_order_of_customers_and_names_of_brands_change_nothing() -> None:
    rng = np.random.default_rng(5)
    n = 400
    who, what, promoted = rng.integers(0, 60, n).tolist(), rng.integers(0, 3, n).tolist(), rng.random(n) < 0.2
    rows = [(who[day], what[day], day, bool(promoted[day])) for day in range(n)]
    rows += [(c, 0, n, False) for c in range(60)]
    one = loyalty_of(_bought(*rows), 3, OURS, n)
    swapped = {0: 0, 1: 2, 2: 1}
    other = loyalty_of(_bought(*[(59 - c, swapped[b], d, p) for c, b, d, p in rows]), 3, OURS, n)
    assert other.state == one.state[::-1]
    assert np.allclose(other.p_ours, one.p_ours[::-1])


@pytest.fixture(scope="module")
def story() -> tuple[Counter[tuple[str, str]], int]:
    """Return how often each fate was taken for each state, in a story that settings were not chosen by."""
    acts = simulate(23, scenario=Scenario(n_people=2_000, posts_a_day=2, scale=0.01))
    orders = [act for act in acts if act.event == "Order Completed"]
    who: dict[str, int] = {}
    brands: dict[str, int] = {"Noordvlucht": OURS}
    rows = [
        (who.setdefault(act.actor or "", len(who)), brands.setdefault(act.brand or "", len(brands)),
         act.received // DAY_US, act.promotion is not None)
        for act in orders
    ]  # fmt: skip
    customer, brand, day, promoted = (np.array(column) for column in zip(*rows, strict=True))
    told = loyalty_of(Bought(customer, brand, day, promoted), len(brands), OURS, int(day.max()))
    fates = {act.actor: msgspec.json.decode(act.properties or "{}")["simulated"]["fate"] for act in orders}
    return Counter((fates[name], told.state[at]) for name, at in who.items()), len(orders)


def test_planted_hoppers_and_leavers_are_found_among_a_simulated_airlines_customers(
    story: tuple[Counter[tuple[str, str]], int],
) -> None:
    counted, n_orders = story
    assert n_orders > 1_000

    def share(fates: set[str], state: str, *, of_state: bool) -> float:
        mine = sum(n for (fate, told), n in counted.items() if fate in fates and told == state)
        chosen = [n for (fate, told), n in counted.items()
                  if (told == state if of_state else fate in fates and told != UNKNOWN)]  # fmt: skip
        return mine / sum(chosen)

    assert share({"hops"}, HOPPER, of_state=False) > 0.9
    assert share({"hops"}, HOPPER, of_state=True) > 0.6
    assert share({"leaves", "switches"}, LEAVING, of_state=False) > 0.4
    assert share({"leaves", "switches"}, LEAVING, of_state=True) > 0.5  # one in ten of those known, had it guessed
    assert share({"loyal", "overlooked"}, LOYAL, of_state=False) > 0.85


def test_a_market_without_news_has_none_outside_the_band() -> None:
    rng = np.random.default_rng(11)
    taste = rng.dirichlet([1.2, 0.5, 0.3, 0.15], 3_000)
    bought = np.array([rng.multinomial(n, p) for n, p in zip(1 + rng.poisson(2.5, 3_000), taste, strict=True)])
    found = market_figures(bought)
    for size, rate, z in zip(found["penetration"], found["buying_rate"], found["z"], strict=True):
        low, high = (np.interp(size, [x for x, *_ in found["band"]], [row[k] for row in found["band"]]) for k in (1, 2))
        assert abs(z) < 3
        assert low <= rate <= high


def test_each_person_moves_once_and_nobody_twice() -> None:
    rng = np.random.default_rng(3)
    customer, brand, is_late = rng.integers(0, 50, 300), rng.integers(0, 4, 300), np.arange(300) >= 150
    assert sum(moves(customer, brand, is_late, 4).values()) == len(np.unique(customer))
