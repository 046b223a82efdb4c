"""Hypothesis strategies: single activities with hostile fields, and stories whose activities fit together.

A story is what really happens to a handful of posts: made, answered, edited, deleted, liked, unliked, shared, bought.
`stories` gives it in the order in which it happened; `heard` gives the order in which we may hear it, with
re-deliveries, late arrivals and edits that overtake their post.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import strategies as st
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.record import Activity, Type
from tests.cast import NOON

__all__ = ["activities", "heard", "names", "pages", "remaining", "stories", "texts"]

CHANNELS = ("mastodon", "bluesky", "mail", "feed")
ACTORS = tuple(f"actor-{n}" for n in range(5))
SENTENCES = (
    "Mijn koffer ligt nog in Oslo en ik sta in Bergen.",
    "Mijn koffer ligt nog in Oslo en ik zit in Bergen.",
    "Waar blijft mijn geld? Al drie weken niets gehoord.",
    "Top geholpen door Noordvlucht, dank jullie wel!",
    "My flight was cancelled and nobody tells us anything.",
    "Love the new app, so much faster than before.",
    "ok",
    "@noordvlucht hallo?",
    "https://example.org/a?b=c&amp;d",
    "\u202eomgekeerd\u202c 🧳🧳 naïef café",
)

names = st.one_of(
    st.integers(0, 10**12).map(str),
    st.builds("https://fedi.example/users/{}/statuses/{}".format, st.sampled_from("abc"), st.integers(0, 999)),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40),
)
"""An id, an actor, an object: whatever a channel may call it."""

texts = st.one_of(
    st.sampled_from(SENTENCES),
    st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=6).map(" ".join),
    st.text(st.characters(codec="utf-8"), max_size=300),
)
"""What people write: sentences that repeat, and any string that Unicode allows."""

_TYPES: tuple[Type, ...] = ("Create", "Update", "Delete", "Announce", "Like", "Follow", "Flag", "Undo", "Track", "Page")
_REACTIONS: tuple[Type, ...] = ("Like", "Announce", "Flag")
_MOMENTS = st.integers(NOON - 3 * DAY_US, NOON + 600 * SECOND_US)


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    """Draw one activity on its own, with hostile values in every field; its object may not exist."""
    type_ = draw(st.sampled_from(_TYPES))
    is_plain = type_ == "Create"
    return Activity(
        id=draw(names),
        type=type_,
        object=draw(st.none() | names) if is_plain else draw(names),
        rev=draw(st.integers(0, 2**53)),
        published=draw(st.none() | _MOMENTS),
        received=draw(st.integers(NOON, NOON + 3_600 * SECOND_US)),
        channel=draw(st.sampled_from(CHANNELS)),
        heard_by=draw(st.none() | st.sampled_from(("ours", "theirs"))),
        direction=draw(st.sampled_from(("in", "out", "internal"))),
        visibility=draw(st.sampled_from(("public", "followers", "direct"))),
        actor=draw(st.none() | names),
        actor_name=draw(st.none() | texts),
        actor_followers=draw(st.none() | st.integers(0, 2**40)),
        text=draw(st.none() | texts),
        language=draw(st.none() | st.sampled_from(("nl", "en", "und", "xx-whatever"))),
        in_reply_to=draw(st.none() | names),
        conversation=draw(st.none() | names),
        mentions=draw(st.lists(names, max_size=2).map(tuple)),
        tags=draw(st.lists(names, max_size=2).map(tuple)),
        likes=draw(st.none() | st.integers(0, 10**9)),
        value=draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        properties=draw(st.none() | st.just('{"a":1}')),
    )


@dataclass(slots=True)
class _Tale:
    """What has happened so far in the story that is being drawn."""

    draw: st.DrawFn
    told: list[Activity] = field(default_factory=list)
    posts: list[Activity] = field(default_factory=list)
    reactions: list[Activity] = field(default_factory=list)
    at: int = NOON

    def pick(self, among: list[Activity]) -> Activity:
        return self.draw(st.sampled_from(among))

    def tell(self, draft: Activity) -> Activity:
        """Let `draft` happen next: it gets its id and its moment, and is appended."""
        self.at += self.draw(st.integers(1, 3_600 * SECOND_US))
        published = self.at if draft.published is None else draft.published
        rev = self.at if draft.type == "Update" else 0
        activity = replace(draft, id=f"a{len(self.told)}", published=published, received=self.at, rev=rev)
        self.told.append(activity)
        return activity

    def create(self) -> None:
        is_reply = self.draw(st.booleans())
        parent = self.pick(self.posts) if self.posts and is_reply else None
        draft = Activity(
            id="", received=0, channel=parent.channel if parent else self.draw(st.sampled_from(CHANNELS)),
            actor=self.draw(st.sampled_from(ACTORS)), text=self.draw(texts),
            in_reply_to=parent.id if parent else None,
            conversation=(parent.conversation or parent.id) if parent else None,
        )  # fmt: skip
        self.posts.append(self.tell(draft))

    def update(self) -> None:
        post = self.pick(self.posts)
        self.tell(_about(post, "Update", text=self.draw(texts), published=post.published))

    def delete(self) -> None:
        self.tell(_about(self.pick(self.posts), "Delete"))

    def react(self) -> None:
        type_: Type = self.draw(st.sampled_from(_REACTIONS))
        self.reactions.append(self.tell(_about(self.pick(self.posts), type_, actor=self.draw(st.sampled_from(ACTORS)))))

    def undo(self) -> None:
        self.tell(_about(self.pick(self.reactions), "Undo"))

    def buy(self) -> None:
        self.tell(
            Activity(
                id="", type="Track", object=f"order-{len(self.told)}", received=0, channel="shop",
                actor=self.draw(st.sampled_from(ACTORS)), event="Order Completed",
                value=self.draw(st.integers(1, 50_000)) / 100, currency="EUR",
            )
        )  # fmt: skip

    def moves(self) -> list[Callable[[], None]]:
        possible: list[Callable[[], None]] = [self.create, self.create, self.buy]
        if self.posts:
            possible += [self.update, self.delete, self.react]
        return [*possible, self.undo] if self.reactions else possible


def _about(
    target: Activity, type_: Type, *, actor: str | None = None, text: str | None = None, published: int | None = None
) -> Activity:
    return Activity(
        id="", type=type_, object=target.id, received=0, channel=target.channel, actor=actor or target.actor,
        text=text, published=published,
    )  # fmt: skip


@st.composite
def stories(draw: st.DrawFn, max_size: int = 25) -> list[Activity]:
    """Draw a story in the order in which it happened.

    Every object exists before something is said about it; ids are unique; `rev` of an edit is its moment, so the last
    edit has the highest. A deleted post may still be answered, edited or liked: channels do that.

    Parameters
    ----------
    max_size : int
        At most so many activities; at least one.
    """
    tale = _Tale(draw)
    for _ in range(draw(st.integers(1, max_size))):
        draw(st.sampled_from(tale.moves()))()
    return tale.told


@st.composite
def heard(draw: st.DrawFn, max_size: int = 25, *, most_repeats: int = 8) -> list[Activity]:
    """Draw a story as it may reach us: shuffled within limits or altogether, some of it more than once.

    A re-delivery has the same id and fields, but a later `received`, and perhaps another `heard_by`.
    """
    story = draw(stories(max_size))
    again = draw(st.lists(st.sampled_from(story), max_size=most_repeats))
    order = draw(st.permutations([*story, *again]))
    seen: set[str] = set()
    result = []
    for n, activity in enumerate(order):
        is_repeat = activity.id in seen
        seen.add(activity.id)
        result.append(_received(activity, n, "second account" if is_repeat and draw(st.booleans()) else None))
    return result


def _received(activity: Activity, n: int, heard_by: str | None) -> Activity:
    return replace(activity, received=activity.received + n * SECOND_US, heard_by=heard_by)


def pages(items: st.SearchStrategy[list[Activity]]) -> st.SearchStrategy[list[list[Activity]]]:
    """Cut what `items` gives into pages of any size; no page is empty."""
    return items.flatmap(_cut)


def _cut(items: list[Activity]) -> st.SearchStrategy[list[list[Activity]]]:
    borders = st.sets(st.integers(1, max(1, len(items) - 1)), max_size=6)
    return borders.map(lambda marks: _slices(items, sorted(mark for mark in marks if mark < len(items))))


def _slices(items: list[Activity], marks: list[int]) -> list[list[Activity]]:
    edges = [0, *marks, len(items)]
    return [items[low:high] for low, high in pairwise(edges) if low < high]


def remaining(story: list[Activity]) -> dict[str, Activity]:
    """Return what stands at the end of a story, in whatever order it was heard: object -> the activity that shows it.

    The plain model that projections are held against: a deletion beats all and takes likes and shares with it, the
    highest `rev` wins, what was undone is gone, and the same id twice counts once. Keys are channel + object.
    """
    once = {f"{a.channel}\n{a.id}": a for a in story}.values()
    gone = {f"{a.channel}\n{a.object}" for a in once if a.type in {"Delete", "Undo"}}
    deleted = {f"{a.channel}\n{a.object}" for a in once if a.type == "Delete"}
    standing: dict[str, Activity] = {}
    for activity in once:
        if activity.type in {"Delete", "Undo"} or f"{activity.channel}\n{activity.object}" in deleted:
            continue
        is_version = activity.type in {"Create", "Update"}
        name = (activity.object or activity.id) if is_version else activity.id
        key = f"{activity.channel}\n{name}"
        best = standing.get(key)
        if key not in gone and (best is None or activity.rev > best.rev):
            standing[key] = activity
    return standing
