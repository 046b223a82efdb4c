"""What happened, and who was in it: a campaign or another moment, a story, a single thing that we said."""

from collections.abc import Sequence
from typing import NamedTuple

from gehoor.core.errors import SettingError
from gehoor.core.mirror_closer import LookKind
from gehoor.core.mirror_reader import MirrorReader
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.run.stories import story_of
from gehoor.run.story_name import name_of_story
from gehoor.run.story_rows import said_in

__all__ = ["Thing", "thing_of"]

_EVER = 1 << 62


class Thing(NamedTuple):
    """Something between two moments (microseconds UTC), and which rows of `people.talk` belong to it.

    `ours` tells what we said in it, `spoke` what others said, which counts where we said nothing; `seqs` fills a table
    `spoken` that it may ask.
    """

    name: str
    brand: str
    since: int
    until: int
    posts: PostFilter | None
    ours: str = "false"
    spoke: str = "false"
    seqs: Sequence[int] | None = None


def thing_of(reader: Reader, settings: Settings, kind: LookKind, id_: str, now: int) -> Thing:
    """Return what an id names.

    Raises
    ------
    SettingError
        Nothing.
    """
    if kind == "story":
        return _story(reader, settings, id_, now)
    number = int(id_) if id_.isdecimal() and len(id_) <= 18 else -1
    found = _campaign(reader, number) if kind == "campaign" else _utterance(reader, number)
    if found is None:
        where = "gehoor moments" if kind == "campaign" else "the page of our own posts, /posts?kind=answer"
        raise SettingError(f"There is no {kind} {id_[:40]!r}. Which there are: {where}.")
    return found


def _campaign(reader: Reader, number: int) -> Thing | None:
    """Return a moment of any kind: whoever reacted to what we said meanwhile, answers apart."""
    one = next((one for one in MirrorReader(reader).moments(0, _EVER) if one.id == number), None)
    if one is None:
        return None
    meanwhile = f"talk.at_us >= {one.since} AND talk.at_us < {one.until}"
    posts = PostFilter(kind="say", brand=one.brand or None, since=one.since, until=one.until)
    return Thing(one.name, one.brand, one.since, one.until, posts, f"talk.target IS NULL AND {meanwhile}", meanwhile)


def _utterance(reader: Reader, seq: int) -> Thing | None:
    """Return one of our posts or answers: whoever replied to it, shared or liked it."""
    found = reader.posts(PostFilter(seq=seq, kind="answer"), limit=1) if seq > 0 else []
    if not found:
        return None
    post, same = found[0], f"talk.object IN (SELECT object FROM talk WHERE seq = {seq})"
    return Thing(post.text or "", "", post.event_at, post.event_at + 1, PostFilter(seq=seq), same)


def _story(reader: Reader, settings: Settings, id_: str, now: int) -> Thing:
    """Return a story: whoever spoke in it."""
    story = story_of(reader, id_, now)
    said = [] if story is None else said_in(reader, story.base)
    if story is None or not said:
        raise SettingError(f"There is no story {id_[:80]!r}. Which there are: gehoor stories.")
    name = name_of_story(reader, settings, story, said) or id_
    spoke, seqs = "talk.seq IN (SELECT seq FROM spoken)", [one.seq for one in said]
    return Thing(name, story.brand, said[0].at, said[-1].at + 1, story.base, spoke=spoke, seqs=seqs)
