"""Acts on a workspace for the command line: through its running owner, or as its owner for one moment."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gehoor.core.clock import Clock, SystemClock
from gehoor.core.errors import SettingError
from gehoor.core.member import YOU
from gehoor.core.page import RawPage, Receipt
from gehoor.core.settings import Settings, load
from gehoor.run.control import Control
from gehoor.run.lock import OwnerLock, is_owned
from gehoor.run.parts import open_ledger
from gehoor.run.stages import RowStages

__all__ = ["AtRest", "ask"]


class AtRest:
    """A workspace that is owned without being run: no source reads, no page is served, everything happens at once.

    Parameters
    ----------
    settings : Settings
        Of the workspace, checked.
    clock : Clock
        What time it is.

    Raises
    ------
    SettingError
        If a running gehoor owns it.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings, self.clock, self.root = settings, clock, settings.root
        self._stages: RowStages | None = None
        self._lock = OwnerLock(self.root)
        try:
            self.projector = open_ledger(settings, clock)
        except BaseException:
            self._lock.release()
            raise

    async def on_writer(self, action: Callable[[], Any]) -> Any:
        """Run something: nobody else writes."""
        return action()

    async def hear(self, page: RawPage) -> Receipt:
        """Take in a page at once."""
        if self._stages is None:
            self._stages = RowStages(self.settings)
        commit = self.projector.ledger.commit(self._stages.run([page]))
        self.projector.take(commit)
        return commit.receipts[0]

    async def take_over(self, settings: Settings) -> None:
        """Take changed settings: what is heard from now on is judged by them."""
        self.settings, self._stages = settings, None

    async def restart_source(self, name: str) -> None:
        """Refuse: no source reads."""
        raise SettingError(f"No gehoor runs in {self.root}, so {name} is not read. Start it with: gehoor serve")

    def renew_stages(self) -> None:
        """Let what is heard from now on be judged by other heads."""
        self._stages = None

    def status(self) -> dict[str, Any]:
        """Return how far the ledger is."""
        return {"offset": self.projector.ledger.last_seq}

    def stop(self) -> None:
        """Refuse: it does not run."""
        raise SettingError(f"No gehoor runs in {self.root}.")

    def close(self) -> None:
        """Write what waits, close the files, give the workspace free."""
        try:
            self.projector.close()
        finally:
            self.projector.ledger.close()
            self._lock.release()


def ask(root: Path, op: str, **arguments: Any) -> Any:
    """Do what `run.calls` knows (`forget`, `rebuild`, `correct` ...) in a workspace, whether or not it runs.

    What is decided here stands in the audit log as decided by who sits at this machine.

    Raises
    ------
    SettingError
        It cannot be done like this.
    TransientError
        The owner is busy starting or stopping: try again.
    """
    settings = load(root)
    arguments.setdefault("said_by", YOU.id)
    if is_owned(root):
        return asyncio.run(Control(root).call(op, **arguments))
    from gehoor.run.calls import Calls  # half a second, which verbs that ask a running owner, or nobody, are spared

    workspace = AtRest(settings, SystemClock())
    try:
        return asyncio.run(Calls(workspace).handle(op, arguments))
    finally:
        workspace.close()
