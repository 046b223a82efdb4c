"""The next brand: foretold before it is seen, and better than by what one has seen last."""

import numpy as np
import pytest

from gehoor.core.errors import ContractError
from gehoor.know.base import Floats, Ints
from gehoor.know.switching import Purchases, Switching


def panel(people: int, strength: float, again: float = 0.0, seed: int = 7) -> Purchases:
    """Return what people with tastes of their own buy of four brands; `again`: how often they just repeat."""
    rng = np.random.default_rng(seed)
    shares = np.array([0.45, 0.3, 0.2, 0.05])
    who: list[int] = []
    what: list[int] = []
    for person in range(people):
        taste = rng.dirichlet(strength * shares)
        for _ in range(2 + rng.poisson(5)):
            is_again = who[-1:] == [person] and rng.random() < again
            what.append(what[-1] if is_again else int(rng.choice(4, p=taste)))
            who.append(person)
    return Purchases(np.array(who, np.int64), np.array(what, np.int64))


def judged(given: Purchases) -> Ints:
    return np.flatnonzero(np.diff(given.customer, prepend=-1) == 0)


def loss(told: Floats, given: Purchases) -> float:
    rows = judged(given)
    return float(-np.log(told[rows, given.brand[rows]]).mean())


def test_what_is_foretold_depends_on_no_later_purchase() -> None:
    given = panel(60, 1.0)
    told = Switching(4).fit(given).foretold_
    for cut in (1, 57, 200):
        turned = np.where(np.arange(len(given.brand)) < cut, given.brand, 3 - given.brand)
        assert np.array_equal(told[: cut + 1], Switching(4).fit(given._replace(brand=turned)).foretold_[: cut + 1])


def test_probabilities_add_up_to_one() -> None:
    model = Switching(4).fit(panel(40, 1.0))
    assert np.allclose(model.foretold_.sum(axis=1), 1)
    assert np.allclose(model.predict(np.arange(50)).sum(axis=1), 1)
    assert (model.foretold_ > 0).all()


def test_tastes_are_foretold_nearly_as_well_as_by_who_knows_how_they_came_about() -> None:
    given = panel(400, 1.5)
    shares, known = np.array([0.45, 0.3, 0.2, 0.05]), np.empty((len(given.brand), 4))
    counts = np.zeros((400, 4))
    for row, (who, what) in enumerate(zip(*given, strict=True)):
        known[row] = (counts[who] + 1.5 * shares) / (counts[who].sum() + 1.5)
        counts[who, what] += 1
    assert loss(Switching(4).fit(given).foretold_, given) < loss(known, given) + 0.02


def test_habit_to_repeat_is_learned() -> None:
    tastes, habits = (Switching(4).fit(panel(300, 2.0, again)) for again in (0.0, 0.6))
    assert habits.weights_["last"] > tastes.weights_["last"] + 0.3 or habits.fade_ < tastes.fade_ - 0.2


def test_strength_tells_alike_from_loyal() -> None:
    loyal, alike = (Switching(4).fit(panel(300, strength)).strength_ for strength in (0.4, 6.0))
    assert loyal < 1
    assert alike > 3


def test_next_brand_of_somebody_is_what_would_have_been_foretold() -> None:
    given = panel(30, 1.0)
    told = Switching(4).fit(given).foretold_[-1]
    before = Switching(4).fit(Purchases(given.customer[:-1], given.brand[:-1]))
    assert np.allclose(before.predict(given.customer[-1:])[0], told)


def test_nothing_is_foretold_before_anything_was_seen() -> None:
    with pytest.raises(ContractError, match="before it is fitted"):
        Switching(2).predict(np.array([0]))


def test_one_brand_is_certain() -> None:
    model = Switching(1).fit(Purchases(np.array([0, 0, 1]), np.array([0, 0, 0])))
    assert np.allclose(model.foretold_, np.ones((3, 1)))


def test_who_teaches_nothing_is_foretold_and_changes_nobody_else() -> None:
    given = panel(60, 1.0)
    is_usual = given.customer != 5
    told = Switching(4).fit(given, is_usual).foretold_
    alone = Switching(4).fit(Purchases(given.customer[is_usual], given.brand[is_usual])).foretold_
    assert np.array_equal(told[is_usual], alone)
    assert np.allclose(told[~is_usual].sum(axis=1), 1)
