"""The settings of a source of type `bluesky`."""

from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

import msgspec

from gehoor.listen.bluesky_record import LIKE, POST, REPOST

__all__ = ["BlueskyOptions"]

_Words = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
_Collection = Literal["app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"]
_MOST_DIDS = 100  # they travel in the address, which servers read up to 8 KB


class BlueskyOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.<name>]` with `type = "bluesky"`.

    Attributes
    ----------
    jetstream : str
        The stream of all that happens on Bluesky.
    collections : tuple of str
        What we hear of: posts, likes, reposts.
    dids : tuple of str
        Only of these accounts (`did:plc:...`), at most 100; none: of everybody.
    rewind_s : float
        How far before the last message we read on after a break.
    search : tuple of str
        What to search for the first time, and when we were away for longer than the stream looks back.
    back_days : float
        How far back the first search looks.
    appview : str
        Where we search.
    handle, app_password : str, optional
        Search with a session instead: servers allow it more. The password is one made for apps, or `$NAME` of the
        environment.
    pds : str
        Where the session is opened, and then searched.
    allow_private : bool
        Allow servers in your own network.
    """

    argument: ClassVar[str] = "search"
    keep_default: ClassVar[str] = "brands"

    jetstream: str = "wss://jetstream2.us-east.bsky.network/subscribe"
    collections: tuple[_Collection, ...] = (POST, LIKE, REPOST)
    dids: tuple[_Words, ...] = ()
    rewind_s: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 5.0
    search: tuple[_Words, ...] = ()
    back_days: Annotated[float, msgspec.Meta(ge=0, le=3_650)] = 7.0
    appview: str = "https://public.api.bsky.app"
    handle: str | None = None
    app_password: str | None = None
    pds: str = "https://bsky.social"
    allow_private: bool = False

    def __post_init__(self) -> None:
        _check_address("jetstream", self.jetstream, "wss://", "ws://")
        _check_address("appview", self.appview, "https://", "http://")
        _check_address("pds", self.pds, "https://", "http://")
        if not self.collections:
            raise ValueError("collections is empty: leave it out to hear posts, likes and reposts")
        if len(self.dids) > _MOST_DIDS:
            raise ValueError(f"dids may name {_MOST_DIDS} accounts at most: leave it out to hear everybody")
        if not all(did.startswith("did:") for did in self.dids):
            raise ValueError('dids are stable ids such as "did:plc:...", not handles')
        if (self.handle is None) != (self.app_password is None):
            raise ValueError("handle and app_password belong together: give both or neither")


def _check_address(name: str, address: str, *begins: str) -> None:
    try:
        parts = urlsplit(address)
        is_good = address.startswith(begins) and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:  # a port that is none
        is_good = False
    if not is_good:
        raise ValueError(f"{name} is no address: it begins with {begins[0]} and the name of a server")
