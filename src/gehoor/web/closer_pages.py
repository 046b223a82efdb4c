"""*Mirror, from closer by*: both indices of a group, a campaign, a story or a single thing that we said."""

import asyncio
from typing import cast

import msgspec
from litestar import Response, get

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.mirror_closer import CloserLook, look_of
from gehoor.web.filters import posts_path
from gehoor.web.frame import Ask, Frame, frame_of
from gehoor.web.mirror_closer import CloserTold, choices
from gehoor.web.mirror_drawing import dots_of
from gehoor.web.mirror_shown import look_of as look_of_site
from gehoor.web.story_seen import SeenStories

__all__ = ["CLOSER_PAGES", "ask_closer"]

_PATIENCE_S = 60.0


@get("/mirror/closer")
async def closer_page(request: Ask) -> Response[str]:
    """Show what there is to look at; and what `of` asks for, read now by the owner."""
    frame = frame_of(request)
    found, failed = await _asked(frame)
    stories = cast(SeenStories, request.app.state.stories)
    every = await asyncio.to_thread(lambda: choices(frame.site, frame.speech, stories.listed()))
    told = CloserTold(found, frame.speech, frame.now) if found else None
    dots = (
        [dots_of(one.relative, one.before, 0.0, 100.0) for one in (found.captivating, found.binding)] if found else []
    )
    return frame.page(
        "mirror_closer.html", "mirror", told=told, dots=dots, choices=every, of=frame.query.get("of", ""),
        posts=posts_path(found.posts) if found and found.posts else None,
        failed=failed, accent=look_of_site(frame.site.settings).accent,
    )  # fmt: skip


async def _asked(frame: Frame) -> tuple[CloserLook | None, str]:
    """Return what was asked for; or, where there is none, why not."""
    if not frame.query.get("of"):
        return None, ""
    try:
        return await ask_closer(frame, frame.query["of"], frame.query.get("brand", ""), frame.query.get("day", "")), ""
    except TimeoutError:  # at night editions are made first
        return None, "busy"
    except TransientError:
        return None, "away"
    except SettingError:
        return None, "gone"


async def ask_closer(frame: Frame, what: str, brand: str, day: str) -> CloserLook:
    """Return what the owner reads of `kind:id`.

    Raises
    ------
    SettingError
        There is nothing of that name, nobody in it, or the day is none or still to come.
    TransientError
        The owner is away.
    TimeoutError
        It is busy: at night editions are made first.
    """
    look = look_of(what, brand, day or None)
    asked = frame.site.owner.call("mirror", act="closer", arguments=msgspec.to_builtins(look))
    return msgspec.convert(await asyncio.wait_for(asked, _PATIENCE_S), CloserLook)


CLOSER_PAGES = [closer_page]
