"""The mirror for the command line and for Python: an edition of any day, made where there is none yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec

from gehoor.core.edition import Edition, Period
from gehoor.core.errors import SettingError
from gehoor.core.mirror_calendars import CalendarState, calendar_states
from gehoor.core.mirror_closer import CloserLook, look_of
from gehoor.core.mirror_reader import MirrorReader
from gehoor.core.reader import Reader
from gehoor.core.settings import Settings, load
from gehoor.run.mirror.moments_file import moment_of, moments_of_file
from gehoor.run.mirror.told import NewMoment
from gehoor.run.offline import ask

__all__ = ["calendars_of", "closer_of", "mirror_of", "moments_told", "reading_mirror", "tell"]


@contextmanager
def reading_mirror(root: Path) -> Iterator[tuple[MirrorReader, Settings]]:
    """Read what the mirror of a workspace keeps."""
    settings = load(root)
    reader = Reader(root)
    try:
        yield MirrorReader(reader), settings
    finally:
        reader.close()


def mirror_of(root: Path, day: str | None = None, period: str = "day", brand: str = "") -> Edition:
    """Return the edition of a period that ends on a day (ISO; by default yesterday), made anew from what is known now.

    Raises
    ------
    SettingError
        There is no such brand or period, or the day is still to come.
    """
    settings = load(root)
    if brand and brand not in settings.brands:
        raise SettingError(f"There is no brand {brand!r}. Known: {', '.join(settings.brands) or 'none yet'}.")
    if period not in get_args(Period):
        raise SettingError(f"A period is {', '.join(get_args(Period))}; not {period!r}.")
    wanted: Any = period
    made: str = tell(root, "edition", {"day": day, "period": wanted, "brand": brand})
    with reading_mirror(root) as (mirror, _):
        found = mirror.edition(made, wanted, brand)
    if found is None:
        raise SettingError("The mirror was asked for an edition and there is none: ask again.")
    return found


def closer_of(root: Path, what: str, day: str | None = None, brand: str = "") -> CloserLook:
    """Return both indices of a group, a campaign, a story or a single thing that we said.

    Parameters
    ----------
    what : str
        `kind:id`, as `core.mirror_closer.look_of` reads it.

    Raises
    ------
    SettingError
        There is nothing of that name, nobody in it, or the day is still to come.
    """
    look = look_of(what, brand, day)
    return msgspec.convert(tell(root, "closer", msgspec.to_builtins(look)), CloserLook)


def calendars_of(root: Path) -> tuple[list[CalendarState], str]:
    """Return how each calendar of `[mirror] calendars` fares, and the time zone of the workspace."""
    settings, reader = load(root), Reader(root)
    try:
        return calendar_states(reader, settings.mirror.calendars), settings.workspace.timezone
    finally:
        reader.close()


def tell(root: Path, act: str, arguments: dict[str, Any]) -> Any:
    """Do one of `told.ACTS` in a workspace, whether or not it runs."""
    return ask(root, "mirror", act=act, arguments=arguments)


def moments_told(
    root: Path, file: Path | None, typed: tuple[str, str, str | None], *, kind: str, brand: str
) -> list[NewMoment]:
    """Return the moments of a file, or the one that is typed: name, since, until."""
    zone = ZoneInfo(load(root).workspace.timezone)
    if file is not None:
        return moments_of_file(file, zone)
    name, since, until = typed
    return [moment_of(name, (since, until), zone, kind=kind, brand=brand)]
