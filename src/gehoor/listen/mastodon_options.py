"""What can be set for a Mastodon source, and the timelines that it can listen to."""

import os
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

import msgspec

from gehoor.core.errors import SettingError

__all__ = ["MastodonOptions", "Timeline"]

_KNOWN = "public, public:local, #tag, @account or @account@host, notifications"


class Timeline(msgspec.Struct, frozen=True):
    """One timeline of a server.

    Attributes
    ----------
    path, params : str, dict
        Where its pages are; `path` of an account's posts has a place for the account's number.
    account : str
        Whose posts they are, where that must be looked up; else empty.
    stream, stream_params : str, dict
        Where it is streamed; empty where it is not.
    """

    name: str
    path: str
    params: dict[str, Any] = {}
    account: str = ""
    stream: str = ""
    stream_params: dict[str, Any] = {}

    @property
    def is_notifications(self) -> bool:
        """Tell whether its pages hold notifications, not statuses."""
        return self.name == "notifications"

    @classmethod
    def of(cls, name: str) -> "Timeline":
        """Return the timeline of a name such as `#tag`.

        Raises
        ------
        ValueError
            When there is no such timeline; it says which there are.

        Examples
        --------
        >>> Timeline.of("#Koffer").path
        '/api/v1/timelines/tag/Koffer'
        """
        rest = name[1:]
        if name == "public":
            return cls(name, "/api/v1/timelines/public", stream="/api/v1/streaming/public")
        if name == "public:local":
            return cls(name, "/api/v1/timelines/public", {"local": "true"}, stream="/api/v1/streaming/public/local")
        if name == "notifications":
            return cls(name, "/api/v1/notifications", stream="/api/v1/streaming/user/notification")
        if name.startswith("#") and rest and not set(rest) & set(" #@/"):
            where = f"/api/v1/timelines/tag/{quote(rest, safe='')}"
            return cls(name, where, stream="/api/v1/streaming/hashtag", stream_params={"tag": rest})
        if name.startswith("@") and rest and not set(rest) & set(" #/") and rest.count("@") <= 1:
            return cls(name, "/api/v1/accounts/{}/statuses", account=rest)
        raise ValueError(f"there is no timeline {name[:60]!r}; known: {_KNOWN}")


class MastodonOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.<name>]` with `type = "mastodon"`: Mastodon, GoToSocial, Pleroma, Akkoma.

    Attributes
    ----------
    timelines : list of str
        `public` (all that the server knows), `public:local`, `#tag`, `@account` or `@account@host`, and
        `notifications` (mentions, boosts, favourites and follows of the account whose token it is).
    server : str
        Its address.
    token : str, optional
        An access token that may read; `$NAME` takes it from the environment. Without one there are no notifications
        and no streams, and some servers show nothing.
    back_days : int
        How far back the first reading goes, at most 10,000 posts a timeline.
    stream : bool
        Hear posts at once, where the server streams them; else every `every_s`.
    every_s : int
        How often the timelines are asked what is new, seconds; streams have gaps.
    allow_private : bool
        Allow a server at an address of one's own network.
    """

    argument: ClassVar[str] = "timelines"

    timelines: list[str]
    server: str = "https://mastodon.social"
    token: str | None = None
    back_days: int = 7
    stream: bool = True
    every_s: int = 60
    allow_private: bool = False

    def __post_init__(self) -> None:
        if not self.timelines:
            raise ValueError(f"timelines names none; known: {_KNOWN}")
        for name in self.timelines:
            Timeline.of(name)
        parts = urlsplit(self.server)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("server must be an address such as https://mastodon.social, and nothing after it")
        if "notifications" in self.timelines and not self.token:
            raise ValueError("timelines: notifications need a token")
        if not 0 <= self.back_days <= 3_650:
            raise ValueError("back_days must lie between 0 and 3650")
        if not 1 <= self.every_s <= 86_400:
            raise ValueError("every_s must lie between 1 and 86400")

    def __repr__(self) -> str:
        """Show the options without the token, which must be in no log."""
        return f"MastodonOptions(server={self.server!r}, timelines={self.timelines!r})"

    @property
    def keep_default(self) -> Literal["all", "brands"]:
        """Of public timelines only what concerns a brand; whoever names a tag or an account wants all of it."""
        return "brands" if all(name.startswith("public") for name in self.timelines) else "all"

    @property
    def base(self) -> str:
        """The server's address without a slash at its end."""
        return self.server.rstrip("/")

    @property
    def host(self) -> str:
        """The server's name, with its port where it has one."""
        return urlsplit(self.server).netloc.rpartition("@")[2].lower()

    def secret(self) -> str | None:
        """Return the token itself.

        Raises
        ------
        SettingError
            When the environment has no variable of that name.
        """
        if self.token is None or not self.token.startswith("$"):
            return self.token
        found = os.environ.get(self.token[1:])
        if not found:
            raise SettingError(f"The environment has no variable {self.token[1:]}: set it, and start gehoor again.")
        return found
