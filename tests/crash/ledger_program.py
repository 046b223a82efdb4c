"""A small program that fills a workspace's ledger, roll-ups, words and history, and marks what it was told is kept.

`python -m tests.crash.ledger_program ROOT N_PAGES`: pages overlap, posts are edited and deleted, a new day of arrival
begins on the way, projections are flushed, history parts are written, closed days compacted. Run it under the
recorder; `tests.crash.check` says what a folder that was found after a power cut has lost.
"""

import os
import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from gehoor.core.clock import DAY_US, SECOND_US, StillClock
from gehoor.core.errors import StoreError
from gehoor.core.history_rewrite import compact
from gehoor.core.ledger import Commit, Ledger
from gehoor.core.page import RawPage, Staged
from gehoor.core.settings import Duplicates, Settings
from gehoor.run.parts import open_ledger
from gehoor.run.stages import RowStages
from tests.cast import NOON
from tests.crash.recorder import write_mark

__all__ = ["SOURCE", "main", "page_of", "settings_of"]

SOURCE = "line"
_PER_PAGE, _OVERLAP = 20, 6


def settings_of(root: Path) -> Settings:
    """Return the settings of such a workspace."""
    return Settings(root=root, duplicates=Duplicates(window=2_048))


def page_of(number: int, received: int) -> RawPage:
    """Return what a page says: new posts, the last ones of the page before, a deletion, now and then an edit."""
    first = number * _PER_PAGE
    said = [_post(n) for n in range(max(0, first - _OVERLAP), first + _PER_PAGE)]
    at: dict[str, str | int] = {"published": received, "actor": "somebody"}
    if number % 3 == 2:
        text = f"Toch niet: de koffer kwam {number} dagen later alsnog"
        said.append(
            at | {"id": f"edit-{number}", "type": "Update", "object": f"post-{first - 13}", "rev": number, "text": text}
        )
    gone = first - (21 if number % 2 else 181)  # since the last flush, or counted and written long ago
    said.append(at | {"id": f"delete-{number}", "type": "Delete", "object": f"post-{gone}"})
    return RawPage(
        source=SOURCE,
        decoder="plain",
        payload=b"\n".join(map(msgspec.json.encode, said)),
        received=received,
        cursor=str(number + 1).encode(),
        position=first,
        options={"channel": "forum"},
        wants_items=True,
    )


def _post(n: int) -> dict[str, str | int]:
    text = "De app doet het al twee dagen niet, ik kan niet inchecken voor mijn vlucht"
    if n % 7:
        text = f"Koffer {n} van vlucht {n * 7 % 900} is nog niet aangekomen op band {n % 5}, wie weet waar hij blijft"
    return {"id": f"post-{n}", "published": NOON + n * SECOND_US, "actor": f"actor-{n % 50}", "text": text}


def _commit(ledger: Ledger, staged: Staged, log: Path) -> Commit:
    """Commit, and offer the page again for as long as there is no room."""
    while True:
        try:
            return ledger.commit(staged)
        except StoreError as error:
            write_mark(log, f"waits: {error}")
            time.sleep(0.05)


def main() -> None:
    """Fill a workspace, from where the last run stopped."""
    root, n_pages, log = Path(sys.argv[1]), int(sys.argv[2]), Path(os.environ["RECORD_LOG"])
    projector, stages = open_ledger(settings_of(root), StillClock(NOON)), RowStages(settings_of(root))
    for number in range(int(projector.ledger.cursor(SOURCE) or b"0"), n_pages):
        received = NOON + (3 * number // n_pages) * DAY_US + number * SECOND_US
        commit = _commit(projector.ledger, stages.run([page_of(number, received)]), log)
        for item in commit.receipts[0].items:
            write_mark(log, str(item.id))
        projector.take(commit)
        if number % 4 == 3:
            projector.flush(everything=number % 8 == 7)
        if number % 16 == 15:
            compact(root, before=str(np.datetime64(received // DAY_US, "D")))
    projector.close()
    projector.ledger.close()


if __name__ == "__main__":
    main()
