"""The sentence that answers *Today*'s question: how many, is that normal, what do most of them want."""

from markupsafe import Markup

from gehoor.web.frame import open_link
from gehoor.web.speech import Speech
from gehoor.web.today import ENOUGH_POSTS, Today

__all__ = ["headline"]

_OFTEN = 0.05


def headline(today: Today, speech: Speech) -> Markup:
    """Return the sentence, its numbers being links; it never claims more than was counted."""
    if today.n == 0:
        return speech.say("today.nothing_said")
    return Markup(" ").join([_came(today, speech), _want(today, speech)])


def _came(today: Today, speech: Speech) -> Markup:
    posts = open_link(today.href, speech.say("n_posts", n=today.n))
    if today.expected is None or today.period.is_past or today.brand:
        return speech.say(f"today.came.{today.period.name}", n=today.n, posts=posts)
    low, high = today.expected.so_far
    return speech.say("today.normal", posts=posts, low=round(low), high=round(high))


def _want(today: Today, speech: Speech) -> Markup:
    if today.n < ENOUGH_POSTS:
        return speech.say("today.too_few")
    top = today.wishes[0] if today.wishes else None
    if top is None or top.n < _OFTEN * today.n:
        return speech.say("today.often.none")
    if top.n * 2 > today.n:
        return speech.say("today.most", wish=open_link(top.href, speech.word("wish", top.name)))
    return speech.say("today.often", wish=open_link(top.href, speech.word("wish.often", top.name)))
