"""All that was said and done so far, as activities, each with the truth about it in its `properties`."""

import re

import msgspec
import numpy as np

from gehoor.core.record import Activity, Type
from gehoor.run.simulate.days import Days
from gehoor.run.simulate.pen import Draft, Pen
from gehoor.run.simulate.people import People, Person

__all__ = ["Post", "Tale", "at_handle"]

_TAG = re.compile(r"#(\w+)")
_MENTION = re.compile(r"@(\w+)")
_SOCIAL = frozenset(("mastodon", "bluesky"))
_json = msgspec.json.Encoder().encode


class Post(msgspec.Struct, frozen=True):
    """What the story remembers of a post.

    Attributes
    ----------
    at : float
        Hour of the story.
    root : str
        The post that its conversation began with.
    phase : str
        `ordinary`, or episode and stage, such as `ash/peak`.
    """

    id: str
    root: str
    at: float
    channel: str
    person: Person
    draft: Draft
    phase: str
    depth: int = 0


class Tale:
    """Everything that was told so far; each verb adds one activity.

    Attributes
    ----------
    posts : list of Post
        What people and the airline said, in the order in which it was told.
    activities : list of Activity
        Everything, not yet in the order in which it happened.
    """

    def __init__(self, rng: np.random.Generator, days: Days, people: People) -> None:
        self.rng, self.days, self.people = rng, days, people
        self.pen = Pen(rng)
        self.posts: list[Post] = []
        self.activities: list[Activity] = []

    # -- what is said ---------------------------------------------------------------------------------------------

    def say(self, post: Post, *, to: Post | None = None) -> Post:
        """Add a post; its id is given here."""
        person, channel, draft = post.person, post.channel, post.draft
        id_ = self._id(person, channel, post.at)
        depth = 0 if to is None else to.depth + 1
        told = msgspec.structs.replace(post, id=id_, root=id_ if to is None else to.root, depth=depth)
        is_social = channel in _SOCIAL
        self._add(
            told.at,
            Activity(
                id=id_,
                received=0,
                channel=channel,
                direction="out" if person.role == "brand" else "in",
                actor=person.actor(channel),
                actor_name=person.handle if is_social and person.role != "brand" else person.name,
                actor_followers=person.followers,
                text=draft.text,
                url=id_ if channel == "feed" else None,
                language=draft.language,
                in_reply_to=to.id if to is not None else None,
                conversation=to.root if to is not None else None,
                mentions=tuple(_MENTION.findall(draft.text)) if is_social else (),
                tags=tuple(_TAG.findall(draft.text)) if is_social else (),
                visibility="direct" if channel == "mail" else "public",
                properties=self._truth(told),
            ),
        )
        self.posts.append(told)
        return told

    def speak(self, at: float, person: Person, theme: str, phase: str) -> Post:
        """Let a person post about a theme, where they usually do."""
        channel = self._where(person, theme)
        draft = self.pen.write(person, theme, channel)
        return self.say(Post("", "", at, channel, person, draft, phase))

    def reply(self, at: float, person: Person, to: Post, draft: Draft) -> Post:
        """Let a person answer a post."""
        return self.say(Post("", "", at, to.channel, person, draft, to.phase), to=to)

    def _where(self, person: Person, theme: str) -> str:
        if person.channel == "reviews" and not theme.startswith("review"):
            return "mail" if self.rng.random() < 0.5 else "reviews"
        return person.channel

    # -- what is done with posts ----------------------------------------------------------------------------------

    def act(self, type_: Type, at: float, person: Person, to: Post) -> None:
        """Let a person like a post, pass it on, or (its author) delete it."""
        moment = self.days.moment(at)
        id_ = f"{to.id}#{type_.lower()}-{person.number}-{moment // 1_000}"
        self._add(
            at,
            Activity(
                id=id_,
                type=type_,
                object=to.id,
                received=0,
                channel=to.channel,
                actor=person.actor(to.channel),
                actor_name=person.handle,
                actor_followers=person.followers,
                properties=_who(person, to.phase),
            ),
        )

    def edit(self, at: float, to: Post, text: str) -> None:
        """Let the author of a post change it: `published` stays that of the post, `rev` is the moment of the edit."""
        moment = self.days.moment(at)
        edited = Activity(
            id=f"{to.id}#edit-{moment // 1_000}",
            type="Update",
            object=to.id,
            rev=moment,
            published=self.days.moment(to.at),
            received=moment,
            channel=to.channel,
            actor=to.person.actor(to.channel),
            actor_name=to.person.handle,
            actor_followers=to.person.followers,
            text=text,
            language=to.draft.language,
            properties=self._truth(to),
        )
        self.activities.append(edited)

    # -- what is done in the shop ---------------------------------------------------------------------------------

    def track(self, at: float, person: Person, activity: Activity) -> None:
        """Add what a customer did; who and where are filled in here."""
        id_ = f"{(activity.event or activity.type).lower().replace(' ', '-')}-{person.number}-{len(self.activities)}"
        known = {"traits": msgspec.json.decode(activity.properties)} if activity.properties else {}
        truth = msgspec.json.decode(_who(person, "shop"))
        whole = msgspec.structs.replace(
            activity,
            id=id_,
            channel="shop",
            actor=person.actor("shop"),
            actor_name=person.name,
            properties=_json(known | truth).decode(),
        )
        self._add(at, whole)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _add(self, at: float, activity: Activity) -> None:
        moment = self.days.moment(at)
        self.activities.append(msgspec.structs.replace(activity, published=moment, received=moment))

    def _id(self, person: Person, channel: str, at: float) -> str:
        serial = int(at * 3_600_000) * 1_000_000 + len(self.activities)
        match channel:
            case "mastodon":
                return f"{person.actor(channel)}/statuses/1164{serial:018d}"
            case "bluesky":
                return f"at://{person.actor(channel)}/app.bsky.feed.post/3mj{serial:x}"
            case "mail":
                return f"<{serial:x}.{person.handle}@mail.example>"
            case "feed":
                return f"https://{person.handle}.example/{self.days.date(at):%Y/%m/%d}/{serial}"
            case _:
                return f"{channel}-{serial}"

    def _truth(self, post: Post) -> str:
        draft = post.draft
        need = f'"need":"{draft.need}/{draft.theme}","tone":"{draft.tone}"'
        stars = ""
        if post.channel == "reviews" and post.person.role != "brand":
            stars = f'"stars":{ {"positive": 5, "neutral": 3, "negative": 1 + post.person.number % 2}[draft.tone] },'
        return f"{{{stars}{_who(post.person, post.phase)[1:-2]},{need}}}}}"


def at_handle(post: Post, draft: Draft) -> Draft:
    """Return a draft that addresses the author of the post that it answers, as people do on networks."""
    if post.channel not in _SOCIAL:
        return draft
    return msgspec.structs.replace(draft, text=f"@{post.person.handle} {draft.text}")


def _who(person: Person, phase: str) -> str:
    """Return the truth about a person as JSON text: who it is, whatever the channel."""
    fate = "" if person.fate == "none" else f',"fate":"{person.fate}"'
    return f'{{"simulated":{{"person":{person.number},"role":"{person.role}"{fate},"phase":"{phase}"}}}}'
