"""What is known of a story: how many, who, how fast, in which languages and communities, who goes against it."""

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from gehoor.core.alert import Role
from gehoor.core.clock import SECOND_US
from gehoor.core.community import communities_of
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings
from gehoor.run.country import country_of
from gehoor.run.stories import Story, StoryPart, parts_of
from gehoor.run.story_rows import Said, all_of_topic, said_in, texts_of
from gehoor.warn.acting_together import acting_together
from gehoor.warn.cascade import Cascade, CascadeOutlook
from gehoor.warn.communities import explained
from gehoor.warn.counter_movement import Stance, stance_of
from gehoor.warn.roles import RoleBook, people_of
from gehoor.warn.thought import thought_of

__all__ = ["Claim", "StoryFacts", "Together", "facts_of"]

_USUAL = 0.3
_PEOPLE, _COPIES, _READ = 2_000, 3_000, 240
_CLAIMS, _CLAIM_TEXTS, _NEEDS = 6, 40, 6
_WANTING = frozenset(("help", "complaint", "question", "improvement"))
_RECENT_US = 3_600 * SECOND_US
_ROLES_OF = 20
_LEAST_KNOWN = 20


class Claim(msgspec.Struct, frozen=True):
    """What many say alike: its topic, the shortest wording that they share, how often, and the post that says most."""

    part: StoryPart
    thought: str


class Together(msgspec.Struct, frozen=True):
    """Accounts that did the same at the same moments: how many, and the posts that they repeated."""

    n_accounts: int
    did: tuple[int, ...]


class StoryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page of a story tells, but its words.

    Attributes
    ----------
    said : list of Said
        Its posts, oldest first.
    n_people : int
        Different accounts.
    reach, n_followed : int
        Followers of those of whom they are known, and how many that are.
    outlook : CascadeOutlook, optional
        How it goes on; None where nothing was said.
    n_lately : int
        Posts in the last hour.
    wants : list of (str, str, int)
        What they ask for: wish, need, how many; most first.
    communities : list of (int, int)
        Community, and how many of the people are in it.
    by_language, by_country : float, optional
        How much of these communities their language tells, and their country, 0 to 1; None: too few say which is
        theirs.
    together : list of Together
        Groups of accounts that act together, surest first.
    against : list of (int, str)
        Posts that go against it, among some hundreds that were read, and how.
    n_read : int
        How many were read for that.
    """

    said: list[Said]
    n_people: int
    reach: int
    n_followed: int
    outlook: CascadeOutlook | None
    n_lately: int
    tones: Counter[str | None]
    channels: Counter[str]
    languages: Counter[str]
    wants: list[tuple[str, str, int]]
    communities: list[tuple[int, int]]
    by_language: float | None
    by_country: float | None
    together: list[Together]
    against: list[tuple[int, Stance]]
    n_read: int
    claims: list[Claim]
    roles: dict[Role, int]


def facts_of(reader: Reader, settings: Settings, story: Story, now: int) -> StoryFacts:
    """Return what is known of a story at a moment (microseconds UTC). Cost: 120 ms at 10,000 posts."""
    said = said_in(reader, story.base)
    people = Counter(one.actor_key for one in said if one.actor_key is not None)
    moment = min(now, story.until)
    followed = {one.actor_key: one.followers for one in said if one.actor_key and one.followers is not None}
    members = communities_of(reader, [key for key, _ in people.most_common(_PEOPLE)]) if people else {}
    against, n_read = _against(reader, said)
    return StoryFacts(
        said=said, n_people=len(people), reach=sum(followed.values()), n_followed=len(followed),
        outlook=_outlook(said, moment),
        n_lately=sum(one.at >= moment - _RECENT_US for one in said), tones=Counter(one.sentiment for one in said),
        channels=Counter(one.channel for one in said), languages=Counter(one.language or "und" for one in said),
        wants=_wants(said), communities=Counter(members.values()).most_common(),
        by_language=_by_trait(said, members, _language), by_country=_by_trait(said, members, _country),
        together=_together(said), against=against, n_read=n_read,
        claims=_claims(reader, story, said), roles=_roles(reader, settings, story),
    )  # fmt: skip


def _outlook(said: Sequence[Said], moment: int) -> CascadeOutlook | None:
    """Return how it goes on, every post counted as one that may bring others."""
    if not said:
        return None
    return Cascade.of(np.array([one.at for one in said], np.int64)).outlook(moment, _USUAL)


def _wants(said: Sequence[Said]) -> list[tuple[str, str, int]]:
    known = Counter((one.intent, one.need) for one in said if one.intent in _WANTING and one.need)
    return [(intent or "", need or "", n) for (intent, need), n in known.most_common() if need != "general"][:_NEEDS]


def _language(one: Said) -> str | None:
    return one.language if one.language != "und" else None


def _country(one: Said) -> str | None:
    return country_of(one.place)


def _by_trait(said: Sequence[Said], members: dict[int, int], trait: Callable[[Said], str | None]) -> float | None:
    """Return how much of the communities a trait tells; of each person what the newest post that says it says."""
    known = {
        one.actor_key: value
        for one in said
        if one.actor_key is not None and one.actor_key in members and (value := trait(one)) is not None
    }
    if len(known) < _LEAST_KNOWN or len({members[key] for key in known}) < 2:
        return None
    names = {name: number for number, name in enumerate(sorted(set(known.values())))}
    labels = np.array([members[key] for key in known], np.int64)
    return explained(labels, np.array([names[value] for value in known.values()], np.int64))


def _together(said: Sequence[Said]) -> list[Together]:
    copies = [one for one in said if one.copy is not None and one.actor_key is not None][-_COPIES:]
    if len(copies) < 3:
        return []
    columns = zip(*((one.actor_key, one.copy, one.at // SECOND_US) for one in copies), strict=True)
    groups = acting_together(*(np.array(column, np.int64) for column in columns))
    return [Together(len(group.actors), tuple(group.did)) for group in groups[:3]]


def _against(reader: Reader, said: Sequence[Said]) -> tuple[list[tuple[int, Stance]], int]:
    first = [one.seq for one in said if one.copy is None]
    texts = texts_of(reader.segments(), first[:: max(1, len(first) // _READ)][:_READ])
    stances = ((seq, stance_of(text, sentiment)) for seq, (text, sentiment) in texts.items())
    return [(seq, stance) for seq, stance in stances if stance is not None], len(texts)


def _claims(reader: Reader, story: Story, said: Sequence[Said]) -> list[Claim]:
    """Return what many say alike; counted among the posts of the story, as many as its filter opens."""
    here, found = {one.seq for one in said}, list[Claim]()
    for part in parts_of(reader, story)[:_CLAIMS]:
        posts = reader.posts(msgspec.structs.replace(story.base, topic=part.topic.id), _CLAIM_TEXTS)
        thought = thought_of([post.text for post in posts if post.text])
        n = sum(seq in here for seq in all_of_topic(reader, part.topic.id))
        wording = thought if " " in thought and "…" not in thought else part.topic.name
        found.append(Claim(StoryPart(part.topic, n), wording))
    return [claim for claim in found if claim.part.n]


def _roles(reader: Reader, settings: Settings, story: Story) -> dict[Role, int]:
    """Return who speaks: as the alerts counted it, else of twenty of them."""
    told = max(story.alerts, key=lambda alert: alert.n_people, default=None)
    if told is not None and told.roles:
        return dict(told.roles)
    posts = reader.posts(story.base, _ROLES_OF)
    return dict(
        Counter(RoleBook(reader, settings).roles(people_of(posts), story.brand, story.since).values()).most_common()
    )
