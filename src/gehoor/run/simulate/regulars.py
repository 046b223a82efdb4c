"""Those who fly almost every week, and write to us about their trips: most are answered by name, some by nobody."""

import numpy as np

from gehoor.run.simulate.company import answer_to, next_staffed
from gehoor.run.simulate.people import Person
from gehoor.run.simulate.tale import Post, Tale

__all__ = ["tell_regulars"]

_THEMES = ("rebooking", "seat", "checkin", "refund", "luggage")
_LEAST_ORDERS = 4.0
_LETTERS_A_TRIP = 1.3
# the letters of the overlooked go to an address that nobody reads since the desk moved
_ANSWERED = {"loyal": 0.9, "overlooked": 0.08}
_DELAY_H = 2.4
_FIRST_H, _LAST_H = 7.5, 19.5


def tell_regulars(tale: Tale) -> None:
    """Tell what regular travellers ask in the ordinary weeks, by mail, and whom of them we answer."""
    us = tale.people.known["us"]
    for person in tale.people.locals:
        if person.fate in _ANSWERED and person.orders >= _LEAST_ORDERS:
            for at in _moments(tale, person):
                _tell_letter(tale, us, person, at)


def _moments(tale: Tale, person: Person) -> list[float]:
    """Return when somebody writes: on any day but the last, by daylight."""
    rng, n_days = tale.rng, tale.days.n_days
    weeks = n_days / 84
    n = int(rng.poisson(person.orders * _LETTERS_A_TRIP * weeks))
    days = np.floor(rng.random(n) * (n_days - 1))
    return sorted((24 * days + rng.uniform(_FIRST_H, _LAST_H, n)).tolist())


def _tell_letter(tale: Tale, us: Person, person: Person, at: float) -> None:
    rng = tale.rng
    theme = _THEMES[int(rng.random() * len(_THEMES))]
    letter = tale.say(Post("", "", at, "mail", person, tale.pen.write(person, theme, "mail"), "ordinary"))
    delay = float(rng.lognormal(np.log(_DELAY_H), 0.8))
    if rng.random() < _ANSWERED[person.fate]:
        tale.reply(next_staffed(tale.days, at + delay), us, letter, answer_to(tale, us, letter))
