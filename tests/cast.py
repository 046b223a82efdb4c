"""A fixed cast, one trait each: a test that names its people reads as a story.

>>> LOYAL.says("Mijn koffer ligt nog in Oslo.").actor
'did:plc:loyal'
"""

from dataclasses import dataclass
from typing import Literal

from gehoor.core.clock import SECOND_US
from gehoor.core.record import Activity, Type

__all__ = [
    "AGENT", "BUYER", "CAST", "CRITIC", "ECHO", "FAN", "FOREIGNER", "HOPPER", "LEAVER", "LOYAL", "NOON", "PRESS",
    "SPAMMER", "STRANGER", "WORRIED", "Person",
]  # fmt: skip

NOON = 1_776_168_000 * SECOND_US
"""Tuesday 14 April 2026, 12:00 UTC: the moment at which the tests' clock stands."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a channel; everything that they say or do starts here.

    Examples
    --------
    >>> FAN.says("Top geholpen!", id="1").text
    'Top geholpen!'
    """

    actor: str
    name: str
    channel: str
    trait: str
    followers: int | None = None
    direction: Literal["in", "out"] = "in"

    def says(
        self, text: str, *, id: str | None = None, after_s: float = 0.0, to: str | None = None, late_s: float = 1.0
    ) -> Activity:
        """Return a post.

        Parameters
        ----------
        id : str, optional
            Its id; made of actor and text when absent, so that the same words twice are one post.
        after_s : float
            When it was published, seconds after `NOON`; negative is before.
        to : str, optional
            The id of the post that it answers.
        late_s : float
            Seconds between published and received.
        """
        published = NOON + round(after_s * SECOND_US)
        return Activity(
            id=id or f"{self.actor}/{text}",
            published=published,
            received=published + round(late_s * SECOND_US),
            channel=self.channel,
            direction=self.direction,
            actor=self.actor,
            actor_name=self.name,
            actor_followers=self.followers,
            text=text,
            in_reply_to=to,
        )

    def edits(self, post: Activity, text: str, *, after_s: float) -> Activity:
        """Return the edit that makes `post` read `text`."""
        at = NOON + round(after_s * SECOND_US)
        return Activity(
            id=f"{post.id}#{at}",
            type="Update",
            object=post.object or post.id,
            rev=at,
            published=post.published,
            received=at,
            channel=post.channel,
            direction=self.direction,
            actor=self.actor,
            actor_name=self.name,
            text=text,
        )

    def deletes(self, post: Activity, *, after_s: float) -> Activity:
        """Return the deletion of `post`."""
        return self._acts("Delete", post.channel, post.object or post.id, after_s)

    def likes(self, post: Activity, *, after_s: float = 1.0) -> Activity:
        """Return a like of `post`."""
        return self._acts("Like", post.channel, post.object or post.id, after_s)

    def shares(self, post: Activity, *, after_s: float = 1.0) -> Activity:
        """Return `post` passed on."""
        return self._acts("Announce", post.channel, post.object or post.id, after_s)

    def undoes(self, activity: Activity, *, after_s: float = 2.0) -> Activity:
        """Return what takes a like, a share or a follow back."""
        return self._acts("Undo", activity.channel, activity.id, after_s)

    def buys(self, order: str, value: float, *, after_s: float = 0.0) -> Activity:
        """Return a completed order in euros."""
        at = NOON + round(after_s * SECOND_US)
        return Activity(
            id=f"order-{order}",
            type="Track",
            object=order,
            published=at,
            received=at,
            channel="shop",
            actor=self.actor,
            actor_name=self.name,
            event="Order Completed",
            value=value,
            currency="EUR",
        )

    def _acts(self, type_: Type, channel: str, object_: str, after_s: float) -> Activity:
        at = NOON + round(after_s * SECOND_US)
        return Activity(
            id=f"{self.actor}/{type_}/{object_}",
            type=type_,
            object=object_,
            published=at,
            received=at,
            channel=channel,
            direction=self.direction,
            actor=self.actor,
            actor_name=self.name,
        )


LOYAL = Person("did:plc:loyal", "M. de Vries", "bluesky", "nine years a customer, hardly asks")
HOPPER = Person("https://fedi.example/users/hopper", "Hopper", "mastodon", "buys where it is cheapest today")
STRANGER = Person("did:plc:stranger", "Gate D leeg", "bluesky", "never seen before, first voice of a storm", 46)
SPAMMER = Person("https://fedi.example/users/win", "WIN EEN IPHONE", "mastodon", "says the same to everybody")
AGENT = Person("https://fedi.example/users/noordvlucht", "Noordvlucht", "mastodon", "answers for us", 88_000, "out")
WORRIED = Person("mail:worried@example.org", "J. Bakker", "mail", "medicine in the hold, urgent")
CRITIC = Person("https://fedi.example/users/vluchtpraat", "Vluchtpraat", "mastodon", "journalist with an edge", 41_200)
FAN = Person("did:plc:fan", "Fatima", "bluesky", "praises, also when it rains")
LEAVER = Person("did:plc:leaver", "K. Oomen", "bluesky", "is about to leave")
FOREIGNER = Person("did:plc:priya", "Priya", "bluesky", "writes English")
ECHO = Person("https://fedi.example/users/echo", "Echo", "mastodon", "copies what others say")
PRESS = Person("https://news.example/feed", "Het Nieuws", "feed", "a newspaper's feed", 300_000)
BUYER = Person("customer-4711", "Customer 4711", "shop", "orders and says nothing")

CAST = (
    LOYAL, HOPPER, STRANGER, SPAMMER, AGENT, WORRIED, CRITIC, FAN, LEAVER, FOREIGNER, ECHO, PRESS, BUYER,
)  # fmt: skip
