"""Changes `gehoor.toml` for a page: never over what somebody else wrote meanwhile, and always with a way back."""

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.settings import Settings, parse
from gehoor.core.settings_edit import digest_of
from gehoor.core.settings_write import text_before, text_of
from gehoor.web.frame import Frame
from gehoor.web.site import Site

__all__ = ["Stand", "Written", "change", "put_back", "stand_of"]


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """How the settings stand.

    Attributes
    ----------
    text, digest : str
        The file; what tells it from any other.
    trouble : str, optional
        What is wrong with it.
    is_away : bool
        Gehoor does not listen now: nothing can be changed.
    can_go_back : bool
        There is a change that can be taken back.
    """

    text: str = ""
    digest: str = ""
    trouble: str | None = None
    is_away: bool = False
    can_go_back: bool = False


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a change.

    Attributes
    ----------
    refused : str, optional
        Why it was not made: one of our sentences (`set.refused...`), or one in English.
    digest : str
        Of the file now.
    has_new_doors : bool
        Receivers changed: the pages begin anew.
    """

    refused: str | None = None
    digest: str = ""
    has_new_doors: bool = False


async def stand_of(site: Site) -> Stand:
    """Return how the settings stand."""
    try:
        await site.owner.call("status")
        is_away = False
    except TransientError:
        is_away = True
    return await asyncio.to_thread(_read, site.root, is_away=is_away)


def _read(root: Path, *, is_away: bool) -> Stand:
    try:
        text = text_of(root)
        trouble = _trouble(text, root)
    except SettingError as error:
        return Stand(trouble=str(error), is_away=is_away)
    before = text_before(root)
    can_go_back = before is not None and before != text
    return Stand(text=text, digest=digest_of(text), trouble=trouble, is_away=is_away, can_go_back=can_go_back)


def _trouble(text: str, root: Path) -> str | None:
    try:
        parse(text, root)
    except SettingError as error:
        return str(error)
    return None


async def change(frame: Frame, digest: str, edit: Callable[[str], str]) -> Written:
    """Change the settings, in the name of who is looking.

    Parameters
    ----------
    digest : str
        Of the text that the page was made of.
    edit : callable
        Text to text; SettingError when it cannot.
    """
    site = frame.site
    try:
        text = await asyncio.to_thread(text_of, site.root)
        if digest_of(text) != digest:
            return Written(refused="set.refused.changed", digest=digest_of(text))
        before = tomllib.loads(text).get("receivers")
        new = edit(text)
        settings: Settings = await asyncio.to_thread(parse, new, site.root)
        if new != text:
            await site.owner.call("configure", text=new, digest=digest, said_by=frame.member.id)
    except tomllib.TOMLDecodeError:
        return Written(refused="set.refused.broken", digest=digest)
    except SettingError as error:
        return Written(refused=str(error), digest=digest)
    except TransientError:
        return Written(refused="set.refused.away", digest=digest)
    has_new_doors = bool(before or settings.receivers) and tomllib.loads(new).get("receivers") != before
    return Written(digest=digest_of(new), has_new_doors=has_new_doors)


async def put_back(frame: Frame, digest: str) -> Written:
    """Take the last change back: the file says again what it said before."""
    before = await asyncio.to_thread(text_before, frame.site.root)
    if before is None:
        return Written(refused="set.refused.nothing", digest=digest)
    return await change(frame, digest, lambda _text: before)
