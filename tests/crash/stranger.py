"""A stranger's projection, installed beside ours by entry point: it puts a line in the outbox for every tenth post."""

from importlib.metadata import distribution
from pathlib import Path

__all__ = ["is_told", "with_stranger"]

_PART = '''
"""Tells the outbox of every post whose number ends in 7, once."""

from gehoor.core.outbox import emit


class Telling:
    """Puts `told:<id>` in the outbox, in the transaction of its offset."""

    name = "telling"
    is_in_store = True

    def __init__(self, settings, clock):
        self._ids = []

    def apply(self, batch, sign):
        """Take note of new posts."""
        if sign > 0:
            self._ids += [id_ for id_ in batch.column("id").to_pylist() if id_.endswith("7")]

    def flush(self, tx, offset, *, everything):
        """Tell the outbox; the same key is told once, however often this comes by."""
        for id_ in self._ids:
            emit(tx, f"told:{id_}", "page", b"{}")
        self._ids = []
        return offset

    def load(self, tx, offset):
        """Nothing is kept in memory."""
        self._ids = []

    def clear(self, tx, first):
        """Nothing is kept but the outbox, which no rebuild touches."""
        self._ids = []
'''


def is_told(id_: str) -> bool:
    """Tell whether the stranger has a word to say of a post."""
    return id_.endswith("7")


def with_stranger(folder: Path) -> dict[str, str]:
    """Install the projection for processes with the environment that is returned."""
    info = folder / "gehoor-99.dist-info"
    info.mkdir(parents=True)
    (folder / "telling_stranger.py").write_text(_PART, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gehoor\nVersion: 99\n", encoding="utf-8")
    ours = str(distribution("gehoor").read_text("entry_points.txt"))
    group = "[gehoor.projections]"
    (info / "entry_points.txt").write_text(
        ours.replace(group, f"{group}\ntelling = telling_stranger:Telling"), encoding="utf-8"
    )
    return {"PYTHONPATH": str(folder)}
