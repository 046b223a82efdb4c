"""What the airline answers, and when: people work in shifts, and nobody is there on Sunday evening."""

import numpy as np

from gehoor.run.simulate.days import Days
from gehoor.run.simulate.pen import Draft
from gehoor.run.simulate.people import Person
from gehoor.run.simulate.scenario import load_episodes
from gehoor.run.simulate.tale import Post, Tale, at_handle

__all__ = ["answer_to", "next_staffed", "tell_answers"]

# Monday to Sunday: from and until which hour somebody answers
_SHIFTS = ((8, 22), (8, 22), (8, 22), (8, 22), (8, 22), (9, 18), (10, 17))
_ANSWERED = {"help": 0.72, "complaint": 0.5, "question": 0.62, "praise": 0.22, "improvement": 0.4, "leaving": 0.3}
_STORM_ANSWERED = {"help": 1.4, "complaint": 0.6, "question": 1.1, "praise": 0.3, "improvement": 0.8, "leaving": 0.5}
_STANDARD = "answer-other"
_ANSWERS = {
    "delay": "answer-delay", "luggage": "answer-luggage", "checkin": "answer-checkin", "refund": "answer-refund",
    "rebooking": "answer-rebooking", "crew": "answer-crew", "idea": "answer-idea", "pets": "answer-pets",
    "leaving": "answer-leaving", "leaving-why": "answer-leaving", "price": "answer-price", "seat": "answer-seat",
    "access": "answer-access", "review-good": "answer-crew",
    "app-first": "answer-app", "app-spread": "answer-app", "app-anger": "answer-app", "app-thanks": "answer-crew",
    "ash-notice": "ash-answer-info", "ash-info": "ash-answer-info", "ash-after-info": "ash-answer-info",
    "ash-rebook": "ash-answer-rebook", "ash-app": "ash-answer-rebook", "ash-hotel": "ash-answer-hotel",
    "ash-family": "ash-answer-help", "ash-medication": "ash-answer-help", "ash-phone": "ash-answer-sorry",
    "ash-anger": "ash-answer-sorry", "ash-praise-rival": "ash-answer-sorry", "ash-leave": "ash-answer-sorry",
    "ash-ride": "ash-answer-thanks", "ash-couch": "ash-answer-thanks", "ash-crew": "answer-crew",
    "ash-rumour": "ash-answer-fact", "ash-open": "ash-answer-info", "ash-refund": "cleanup-answer",
    "ash-voucher": "cleanup-answer", "ash-forgive": "answer-crew",
}  # fmt: skip
_OVERLOOKED_H = 46.0


def next_staffed(days: Days, at: float) -> float:
    """Return `at`, or the next hour at which somebody is there to answer.

    Examples
    --------
    >>> from datetime import date
    >>> days = Days(date(2026, 1, 20), 84)  # a Tuesday
    >>> sunday = 5 * 24
    >>> next_staffed(days, sunday + 20.0) - sunday
    32.0
    """
    weekday, hour = days.clock(at)
    opens, closes = _SHIFTS[weekday]
    if hour < opens:
        return at - hour + opens
    if hour < closes:
        return at
    return at - hour + 24 + _SHIFTS[(weekday + 1) % 7][0]


def tell_answers(tale: Tale) -> None:
    """Answer part of what was asked; some say thanks, others that it did not help."""
    us = tale.people.known["us"]
    shares = {episode.name: episode.answered for episode in load_episodes()}
    last = float(tale.days.n_hours) - 2.0
    for post in list(tale.posts):
        if post.person.role in {"brand", "ring", "press", "official", "competitor"} or post.depth:
            continue
        episode = post.phase.split("/")[0]
        if tale.rng.random() > _chance(post, shares.get(episode)):
            continue
        at = next_staffed(tale.days, post.at + _delay(tale.rng, post))
        if at < last:
            _answer(tale, us, post, at)


def _chance(post: Post, share: float | None) -> float:
    need, person = post.draft.need, post.person
    if share is not None:
        return share * _STORM_ANSWERED.get(need, 0.1)
    likely = _ANSWERED.get(need, 0.04)
    if post.channel == "mail":
        likely = min(0.95, likely * 1.5)
    return likely * (0.35 if person.fate == "overlooked" else 1.0)


def _delay(rng: np.random.Generator, post: Post) -> float:
    """Return after how many staffed hours the answer comes, about: median 38 minutes, in a storm hours."""
    if post.phase.startswith("ash"):
        return float(rng.lognormal(0.6, 0.8))
    if post.person.fate == "overlooked":
        return float(rng.lognormal(np.log(_OVERLOOKED_H), 0.3))
    return float(rng.lognormal(np.log(2.4 if post.channel == "mail" else 0.63), 0.8))


def answer_to(tale: Tale, us: Person, post: Post) -> Draft:
    """Return what we say to a post."""
    theme = _ANSWERS.get(post.draft.theme, _STANDARD)
    return at_handle(post, tale.pen.line(us, theme, post.draft.language))


def _answer(tale: Tale, us: Person, post: Post, at: float) -> None:
    answer = tale.reply(at, us, post, answer_to(tale, us, post))
    chance = tale.rng.random()
    if chance > 0.34 or post.draft.need in {"praise", "other", "improvement"}:
        return
    # who waited long, or was angry, is less often content
    is_content = tale.rng.random() < (0.7 if at - post.at < 3 else 0.35)
    thanks = tale.pen.short(post.person, "solved" if is_content else "unsolved", post.draft.language)
    tale.reply(at + float(tale.rng.exponential(0.8)) + 0.02, post.person, answer, at_handle(answer, thanks))
