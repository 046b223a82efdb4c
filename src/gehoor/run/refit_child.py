"""The process in which heads are fitted anew: at a low priority, since nothing waits for it."""

from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from gehoor.core.errors import GehoorError
from gehoor.core.promoted import SHIPPED
from gehoor.core.refit import Figures

__all__ = ["Refitted", "refit_in_child"]


class Refitted(msgspec.Struct, frozen=True):
    """A head that was fitted, or why it was not (`version` 0)."""

    task: str
    version: int
    figures: Figures


def refit_in_child(root: str, tasks: Sequence[str], answer: Connection) -> None:
    """Fit some tasks, and send one `Refitted` after the other; the end of the pipe is the end."""
    from gehoor.run.refit_fit import refit_task

    for task in tasks:
        try:
            done = refit_task(Path(root), task)
        except (GehoorError, OSError, ValueError) as error:
            done = Refitted(task, SHIPPED, Figures(note=str(error)))
        answer.send_bytes(msgspec.json.encode(done))
