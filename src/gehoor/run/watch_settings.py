"""Takes over `gehoor.toml` when somebody changed it outside the pages."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from gehoor.core.errors import GehoorError, StoreError
from gehoor.core.member import YOU
from gehoor.core.settings import Settings, load
from gehoor.core.settings_text import FILE_NAME
from gehoor.run.calls import Calls
from gehoor.run.workplace import Workplace

__all__ = ["watch_settings"]

_LOOK_S = 1.0


class Watched(Workplace, Protocol):
    """A workplace that says what is wrong with its settings; `run.owner.Owner` is."""

    settings: Settings
    setting_trouble: str | None


async def watch_settings(place: Watched) -> None:
    """Look every second, for ever; a wrong file changes nothing, and is said."""
    path = place.root / FILE_NAME
    known = seen = _stamp(path)
    while True:
        await asyncio.sleep(_LOOK_S)
        last, seen = seen, _stamp(path)
        if seen is None or seen == known or seen != last:  # away, as it was, or still being written
            continue
        known = seen
        try:
            if load(place.root) != place.settings:  # who sits at this machine wrote it
                await Calls(place).handle("reload", {"said_by": YOU.id})
            place.setting_trouble = None
        except StoreError:  # a full disk, which the writer tells of: again at the next look
            known = None
        except GehoorError as error:  # it may also have been written again since
            place.setting_trouble = str(error)


def _stamp(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):  # being replaced, or gone: what we know still holds
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return None
