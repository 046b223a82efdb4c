"""Models of the user's own, at work: what `gehoor train` made judges texts beside our own judgements."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from gehoor.core.errors import SettingError
from gehoor.core.text import TextBatch
from gehoor.understand.cues import Cues
from gehoor.understand.head import Head
from gehoor.understand.heads import Heads
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
    Cost: 40 us a post, and 5 more for every 50 classes. Memory: 0.5 MB a class, 70 MB for the table.
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
        self._heads = [Heads(tables[digest], own) for digest, own in heads.items()]
        self._cues = Cues()

    def judge(self, texts: pa.StringArray, language: pa.StringArray) -> dict[str, pa.Array]:
        """Return for each task its column, and how probable it is; null and 0 where there is no text.

        Parameters
        ----------
        texts, language : pyarrow.StringArray, shape (n,)
        """
        batch = TextBatch.of(texts)
        cues = self._cues.of(batch, {"language": language})
        is_wordless = np.diff(batch.first_word) == 0
        columns: dict[str, pa.Array] = {}
        for heads in self._heads:
            judged = heads.judge(batch, cues if heads.n_cues else None)
            for head in heads.heads:
                words = pa.array(
                    np.array(head.labels, dtype=object)[judged.label[head.task]], pa.string(), mask=is_wordless
                )
                columns[head.task] = words
                columns[f"{head.task}_p"] = pa.array(np.where(is_wordless, 0.0, judged.p[head.task]), pa.float32())
        return columns


def _check(folders: Sequence[Path], tasks: Sequence[str]) -> None:
    for number, task in enumerate(tasks):
        if task in tasks[:number]:
            first = folders[tasks.index(task)]
            raise SettingError(f"{first} and {folders[number]} both judge {task!r}: leave one of them out.")
