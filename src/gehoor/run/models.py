"""Models of the user's own, at work: what `gehoor train` made judges texts beside our own judgements."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.core.text import TextBatch
from gehoor.understand.cues import Cues
from gehoor.understand.head import Head
from gehoor.understand.heads import Heads
from gehoor.understand.judgements import Judgements, columns_of
from gehoor.understand.model_folder import read_model, table_of
from gehoor.understand.table import Table

__all__ = ["Models"]


class Models:
    """The models of some folders; those that were trained on the same table judge together.

    Parameters
    ----------
    folders : sequence of Path
        Each made by `gehoor train`.

    Attributes
    ----------
    tasks : tuple of str
        In the order of the folders.

    Raises
    ------
    SettingError
        A folder is broken, of another version or table, or judges what another one judges.

    Notes
    -----
    Cost: 1 us a post for every 5 classes where a model was trained on the table that comes with gehoor; with a table of
    its own 20 more.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        shipped = Table.load()
        models = [read_model(folder) for folder in folders]
        self.tasks = tuple(model.head.task for model in models)
        _check(folders, self.tasks)
        tables: dict[str, Table] = {}
        heads: dict[str, list[Head]] = {}
        for folder, model in zip(folders, models, strict=True):
            if model.table not in tables:
                tables[model.table] = table_of(folder, model, shipped)
            heads.setdefault(model.table, []).append(model.head)
        self._beside = heads.pop(shipped.digest, [])
        self._apart = [Heads(tables[digest], own) for digest, own in heads.items()]
        self._cues = Cues()

    def fields(self) -> list[pa.Field]:
        """Return the columns that they add."""
        names = [f"own/{task}" for task in self.tasks]
        return [field for name in names for field in (pa.field(name, pa.string()), pa.field(f"{name}_p", pa.float32()))]

    def join(self, judgements: Judgements) -> None:
        """Let those that were trained on our table judge in the pass of our own heads."""
        judgements.judge_too(self._beside)

    def judge(self, texts: TextBatch, known: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return the columns `own/<task>` and `own/<task>_p` of the others; null and 0 where there is no text.

        Parameters
        ----------
        texts : TextBatch
            n texts.
        known : dict of str to pyarrow.Array
            `language`.
        """
        columns: dict[str, pa.Array] = {}
        for heads in self._apart:
            judged = heads.judge(texts, self._cues.of(texts, known) if heads.n_cues else None)
            for head in heads.heads:
                columns |= columns_of(f"own/{head.task}", head, judged, texts)
        return columns


def _check(folders: Sequence[Path], tasks: Sequence[str]) -> None:
    for number, task in enumerate(tasks):
        if task in tasks[:number]:
            first = folders[tasks.index(task)]
            raise SettingError(f"{first} and {folders[number]} both judge {task!r}: leave one of them out.")
