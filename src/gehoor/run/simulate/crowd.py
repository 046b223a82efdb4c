"""What others do with posts: answer, like, pass on, copy; and what authors think better of."""

import numpy as np

from gehoor.run.simulate.cascade import cascade
from gehoor.run.simulate.ordinary import Pool
from gehoor.run.simulate.tale import Post, Tale, at_handle

__all__ = ["pass_on", "tell_crowd"]

_SOCIAL = ("mastodon", "bluesky")
_DEEPEST = 5
# of a post on an ordinary day, on average; in a storm this much more
_REPLIES, _LIKES, _SHARES, _EDITS, _DELETIONS = 0.16, 0.26, 0.07, 0.018, 0.014
_STORM = 1.15
_EDITED = {"nl": "\nUpdate: opgelost, dank!", "en": "\nEdit: solved, thanks!"}


def tell_crowd(tale: Tale) -> None:
    """Let people react to what was said so far, and to the reactions."""
    pools = Pool.by_channel(tale.rng, [*tale.people.locals, *tale.people.comers])
    posts = [post for post in tale.posts if post.channel in _SOCIAL]
    reach = np.array([_weight(post) for post in posts])
    reach /= reach.mean()
    counts = {
        verb: tale.rng.poisson(np.minimum(reach, 40.0) * often).tolist()
        for verb, often in (("reply", _REPLIES), ("like", _LIKES), ("share", _SHARES))
    }
    for i, post in enumerate(posts):
        pool = pools[post.channel]
        for _ in range(counts["like"][i]):
            tale.act("Like", post.at + _soon(tale.rng), pool.draw(), post)
        for _ in range(counts["share"][i]):
            tale.act("Announce", post.at + _soon(tale.rng), pool.draw(), post)
        _tell_replies(tale, pool, post, counts["reply"][i])
        _think_better(tale, post)


def pass_on(tale: Tale, pool: Pool, post: Post, n: float, spread_h: float) -> None:
    """Let a post be passed on about `n` times, one reader moving the next; some like it, some answer."""
    for delay in cascade(tale.rng, n, spread_h):
        at = post.at + delay
        if at >= tale.days.n_hours:
            break
        person = pool.draw()
        tale.act("Announce", at, person, post)
        if tale.rng.random() < 0.25:
            tale.act("Like", at + 0.01, pool.draw(), post)
        if tale.rng.random() < 0.1:
            theme = "ash-reply" if post.phase.startswith("ash") else "reply"
            tale.reply(at + 0.02, person, post, at_handle(post, tale.pen.short(person, theme, post.draft.language)))


def _weight(post: Post) -> float:
    storm = 1.0 if post.phase == "ordinary" else _STORM
    return float(storm * (min(post.person.followers or 1, 20_000) + 20) ** 0.45)


def _soon(rng: np.random.Generator) -> float:
    """Return a delay in hours: half within a quarter of an hour, hardly any after a day."""
    return min(0.003 + 0.25 * float(rng.pareto(1.1)), 20.0)


def _tell_replies(tale: Tale, pool: Pool, post: Post, n: int) -> None:
    branch = [post]
    theme = "ash-reply" if post.phase.startswith("ash") else "reply"
    for _ in range(n):
        to = branch[int(tale.rng.random() * len(branch))]
        if to.depth >= _DEEPEST:
            continue
        at = to.at + _soon(tale.rng)
        if at >= tale.days.n_hours:
            continue
        is_author_back = to.depth % 2 and post.person.role != "brand" and tale.rng.random() < 0.4
        person = post.person if is_author_back else pool.draw()
        draft = tale.pen.short(person, theme, post.draft.language)
        branch.append(tale.reply(at, person, to, at_handle(to, draft)))


def _think_better(tale: Tale, post: Post) -> None:
    chance = tale.rng.random()
    if post.person.role != "traveller" or chance > _EDITS + _DELETIONS:
        return
    at = min(post.at + 0.05 + float(tale.rng.exponential(1.5)), post.at + 12.0, tale.days.n_hours - 0.01)
    if at <= post.at:
        return
    if chance < _EDITS:
        tale.edit(at, post, post.draft.text + _EDITED.get(post.draft.language, _EDITED["en"]))
    else:
        tale.act("Delete", at, post.person, post)
