"""The API of what was heard: posts, needs, alerts, stories, people, the mirror; and its own description."""

from datetime import datetime
from functools import cache
from typing import Annotated, Any, cast

import msgspec
import numpy as np
from litestar import Litestar, Response, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.params import PathParameter, QueryParameter
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.mirror_closer import CloserLook
from gehoor.core.mirror_reader import MirrorReader
from gehoor.core.need_channels import needs_by_channel
from gehoor.core.needs import count_needs
from gehoor.core.person_reader import PersonReader, PersonRow, name_of_person, person_of_name
from gehoor.core.post import PostFilter
from gehoor.web.api_acts import API_ACTS
from gehoor.web.api_desk import API_DESK
from gehoor.web.api_figures import API_FIGURES
from gehoor.web.api_routes import After, Limit, reads
from gehoor.web.api_types import AlertLine, Alerts, Edition, People, PersonLine, PostLine, Posts, StoryLine, told
from gehoor.web.closer_pages import ask_closer
from gehoor.web.filters import posts_path
from gehoor.web.frame import Ask, frame_of
from gehoor.web.people_pages import show
from gehoor.web.story_seen import SeenStories

__all__ = ["API"]

_FILE = "/api/v1/openapi.json"
_MOST, _HOUR_US = 10_000, 3600 * SECOND_US
_ABOUT = "What gehoor heard, and the desk that answers. Times are RFC 3339; texts are what people wrote, never markup."

Word = Annotated[str, QueryParameter(max_length=200)]
Day = Annotated[str, QueryParameter(pattern=r"^(\d{4}-\d\d-\d\d)?$", description="Such as 2026-04-14.")]


@reads("/posts", "posts")
def posts(  # noqa: PLR0913  # each is a word of the address
    request: Ask,
    *,
    words: Word = "",
    brand: Word = "",
    channel: Word = "",
    limit: Limit = 50,
    after: After = "",
) -> Posts:
    """Search posts, newest first: plain words, all of which must occur; "quotes" make a phrase."""
    wanted = PostFilter(words=words or None, brand=brand or None, channel=channel or None)
    found = frame_of(request).site.reader.posts(wanted, limit + 1, _number(after))
    more = str(found[limit - 1].seq) if len(found) > limit else None
    return Posts(items=[told(one, PostLine) for one in found[:limit]], after=more)


class NeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many posts of an hour had a wish that was about something: a `complaint` about `delivery`."""

    at: datetime
    intent: str | None
    need: str
    n: int


@reads("/needs", "needs")
def needs(
    request: Ask,
    *,
    days: Annotated[int, QueryParameter(ge=1, le=31, description="The last so many days.")] = 7,
    brand: Word = "",
) -> list[NeedLine]:
    """Count what people want, hour by hour; of a brand, by default of all posts together."""
    frame = frame_of(request)
    until = (frame.now // _HOUR_US + 1) * _HOUR_US
    counts = count_needs(
        frame.site.reader, resolution=3600, since=until - days * DAY_US, until=until, by=("at", "intent"), brand=brand
    )
    return [told(one, NeedLine) for one in counts]


class NeedChannelLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many posts had a wish about something on a channel; shares are of that need's posts, and that channel's."""

    need: str
    channel: str
    n: int
    share_of_need: float
    share_of_channel: float
    posts: str


@reads("/needs/channels", "needs")
def needs_of_channels(
    request: Ask,
    *,
    days: Annotated[int, QueryParameter(ge=1, le=31, description="The last so many days.")] = 7,
    brand: Word = "",
    intent: Word = "",
) -> list[NeedChannelLine]:
    """Count what people want by channel, in the newest 200,000 activities; `posts` is the page where they are."""
    frame = frame_of(request)
    until = (frame.now // _HOUR_US + 1) * _HOUR_US
    since = until - days * DAY_US
    base = PostFilter(kind="say", brand=brand or None, intent=intent or None, since=since, until=until)
    found = needs_by_channel(frame.site.reader, since, until, brand=brand, intent=intent)
    return [
        told(one, NeedChannelLine, posts=posts_path(replace(base, need=one.need, channel=one.channel))) for one in found
    ]


@reads("/alerts", "alerts")
def alerts(request: Ask, limit: Limit = 50, after: After = "") -> Alerts:
    """List what was warned of, newest first."""
    before = _number(after)
    found = frame_of(request).site.reader.alerts(until=before, limit=limit + 1)
    more = str(found[limit - 1].began_at) if len(found) > limit else None
    return Alerts(items=[told(one, AlertLine) for one in found[:limit]], after=more)


@reads("/stories", "stories")
def stories(request: Ask) -> list[StoryLine]:
    """List what people talk about together: what lives first, what grows fastest before all."""
    listed = cast(SeenStories, request.app.state.stories).listed()
    return [told(one.story, StoryLine, name=one.name, n=one.n, n_people=one.n_people) for one in listed]


@reads("/people", "people")
def people(request: Ask, limit: Limit = 50, after: After = "") -> People:
    """List people of whom a profile is kept, who was heard last first; no names: those are at each of them."""
    begin = min(_number(after) or 0, _MOST)
    found = PersonReader(frame_of(request).site.reader).persons(limit=limit + 1, offset=begin)
    more = str(begin + limit) if len(found) > limit and begin + limit < _MOST else None
    return People(items=[_person(row) for row in found[:limit]], after=more)


@reads("/people/{name:str}", "people")
async def person(request: Ask, name: Annotated[str, PathParameter(max_length=40)]) -> dict[str, Any]:
    """Show one person with their accounts; the look is noted, as on their page."""
    if person_of_name(name) is None:
        raise NotFoundException
    return cast(dict[str, Any], msgspec.to_builtins(await show(frame_of(request), name)))


@reads("/mirror", "mirror")
def mirror(
    request: Ask,
    day: Day = "",
    brand: Word = "",
) -> Edition:
    """Get an edition of the mirror: of a day, by default the newest, and of a brand, by default of all together."""
    found = MirrorReader(frame_of(request).site.reader).edition(day or None, brand=brand)
    if found is None:
        raise NotFoundException
    return Edition(day=found.last_day, brand=found.brand, edition=msgspec.to_builtins(found))


@reads("/mirror/closer", "mirror")
async def closer(
    request: Ask,
    of: Annotated[str, QueryParameter(max_length=200, description="Such as channel:mail, campaign:3, utterance:4711.")],
    day: Day = "",
    brand: Word = "",
) -> CloserLook:
    """Look closer at a group, a campaign, a story or a single thing that you said."""
    try:
        return await ask_closer(frame_of(request), of, brand, day)
    except TimeoutError:
        raise TransientError("It is being asked for more than a minute: editions are made first.") from None


@get(_FILE, sync_to_thread=True, media_type="application/vnd.oai.openapi+json")
def described() -> Response[bytes]:
    """Describe this API, as OpenAPI 3.1."""
    return Response(_description(), media_type="application/vnd.oai.openapi+json")


_HEARD = [posts, needs, needs_of_channels, alerts, stories, people, person, mirror, closer]
_DOCUMENTED = [*API_DESK, *API_ACTS, *API_FIGURES, *_HEARD]
API = [*_DOCUMENTED, described]


@cache
def _description() -> bytes:
    """Return the description; made when somebody asks, since that costs a start 0.2 s."""
    config = OpenAPIConfig(title="gehoor", version="1", description=_ABOUT, use_handler_docstrings=True)
    known = Litestar(route_handlers=list(_DOCUMENTED), openapi_config=config).openapi_schema.to_schema()
    known["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    known["security"] = [{"token": []}]
    return msgspec.json.encode(known)


def _number(after: str) -> int | None:
    if not after:
        return None
    if not (after.isascii() and after.isdecimal() and len(after) <= 18):
        raise SettingError("There is no such place: begin without `after`.")
    return int(after)


def _person(row: PersonRow) -> PersonLine:
    days = {name: _day(getattr(row, name)) for name in ("first_day", "last_day")}
    return told(row, PersonLine, id=name_of_person(row.person), n_accounts=row.n_actors, **days)


def _day(day: int) -> str | None:
    return str(np.datetime64(day, "D")) if day >= 0 else None
