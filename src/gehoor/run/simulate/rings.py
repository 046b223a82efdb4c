"""Those who are no people: coins, false help desks under complaints, and accounts that copy one call."""

from gehoor.run.simulate.days import scatter
from gehoor.run.simulate.tale import Post, Tale, at_handle

__all__ = ["tell_rings"]

_WAVES_A_DAY = 0.2
_HOOKED = 0.012
_HOOKED_IN_STORM = 0.02
_CALLS = (4.2, 10.4, 13.6)


def tell_rings(tale: Tale, scale: float) -> None:
    """Tell what scripts post: the same within minutes, or under whoever complains."""
    coins, helpers, copiers = tale.people.rings
    for at in scatter(tale.rng, tale.days.talk(), _WAVES_A_DAY):
        theme = "spam-crypto" if tale.rng.random() < 0.6 else "spam-win"
        draft = tale.pen.line(coins[0], theme, "nl" if tale.rng.random() < 0.5 else "en")
        for person in coins[: 3 + int(tale.rng.random() * len(coins))]:
            delay = float(tale.rng.exponential(0.05))
            tale.say(Post("", "", at + delay, person.channel, person, draft, "ordinary"))
    complaints = [post for post in tale.posts if post.channel == "bluesky" and post.draft.need in {"complaint", "help"}]
    for post in complaints:
        if tale.rng.random() < (_HOOKED if post.phase == "ordinary" else _HOOKED_IN_STORM):
            person = helpers[int(tale.rng.random() * len(helpers))]
            draft = tale.pen.line(person, "spam-support", post.draft.language)
            tale.reply(post.at + 0.01 + float(tale.rng.exponential(0.1)), person, post, at_handle(post, draft))
    for hour in _CALLS:
        draft = tale.pen.line(copiers[0], "ash-copy", "nl")
        for person in copiers[: max(3, round(len(copiers) * min(1.0, scale)))]:
            at = tale.days.storm + 4.0 + hour + float(tale.rng.exponential(0.08))
            tale.say(Post("", "", at, person.channel, person, draft, "ash/peak"))
