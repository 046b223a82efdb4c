"""File instrument: the posts of a file with what gehoor understands of each; no workspace needed."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.errors import ContractError, SettingError
from gehoor.core.ledger.batch import Numbers
from gehoor.core.page import RawPage
from gehoor.core.record import MICROS
from gehoor.core.settings import Settings
from gehoor.run.models import Models
from gehoor.run.posts_file import PostRow, PostsFile
from gehoor.run.result_file import result_file
from gehoor.run.stages import RowStages
from gehoor.sift.duplicate import NearDuplicates

__all__ = ["COLUMNS", "annotate"]

COLUMNS: pa.Schema = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("published", MICROS, nullable=False),
        pa.field("actor", pa.string()),
        pa.field("text", pa.string()),
        pa.field("language", pa.string(), nullable=False),
        pa.field("language_p", pa.float32(), nullable=False),
        pa.field("sentiment", pa.string(), nullable=False),
        pa.field("sentiment_p", pa.float32(), nullable=False),
        pa.field("intent", pa.string(), nullable=False),
        pa.field("intent_p", pa.float32(), nullable=False),
        pa.field("need", pa.string()),
        pa.field("need_p", pa.float32(), nullable=False),
        pa.field("actionability", pa.string(), nullable=False),
        pa.field("actionability_p", pa.float32(), nullable=False),
        pa.field("urgency", pa.string(), nullable=False),
        pa.field("urgency_p", pa.float32(), nullable=False),
        pa.field("emotion", pa.string(), nullable=False),
        pa.field("emotion_p", pa.float32(), nullable=False),
        pa.field("motive", pa.string(), nullable=False),
        pa.field("motive_p", pa.float32(), nullable=False),
        pa.field("brands", pa.list_(pa.string()), nullable=False),
        pa.field("spam_p", pa.float32(), nullable=False),
        pa.field("duplicate_of", pa.string()),
    ]
)
"""What comes out, one row a post. A post without words is `und neutral other normal none`, with a probability of 0."""

_NOTHING = pa.scalar(0.0, pa.float32())
_WORDLESS = {
    "language": "und", "sentiment": "neutral", "intent": "other", "need": None, "actionability": "none",
    "urgency": "normal", "emotion": "none", "motive": "none",
}  # fmt: skip
_AT_ONCE = 4_096


class _Annotator:
    """Annotates rows in the order of the file."""

    def __init__(self, settings: Settings, models: Models | None, schema: pa.Schema) -> None:
        self._schema = schema
        self._own = models.tasks if models is not None else ()
        self._stages = RowStages(settings, models)
        known = settings.duplicates
        self._window = known.window
        self._duplicates = NearDuplicates(known.window, known.threshold)
        # the ids of the last `window` rows: an original never lies further back
        self._ids: list[str] = []
        self.n_rows = 0

    def annotate(self, rows: Sequence[PostRow]) -> pa.RecordBatch:
        """Return the rows with their columns."""
        lines = [{"id": str(number), "text": row.text, "language": row.language} for number, row in enumerate(rows)]
        payload = msgspec.json.Encoder().encode_lines(lines)
        staged = self._stages.run([RawPage(source="file", decoder="plain", payload=payload, received=0)])
        for reject in staged.pages[0].rejects:
            row = self.n_rows + reject.item + 1
            raise ContractError(f"Row {row} cannot be annotated: {reject.reason}. Please report it with that row.")
        columns = self._given(rows) | self._understood(staged.batch)
        columns["duplicate_of"] = self._repeated(rows, staged.batch)
        for task in self._own:
            columns |= {name: staged.batch.column(f"own/{name}") for name in (task, f"{task}_p")}
        return pa.RecordBatch.from_arrays([columns[name] for name in self._schema.names], schema=self._schema)

    def _given(self, rows: Sequence[PostRow]) -> dict[str, pa.Array]:
        values = zip(*(row[:4] for row in rows), strict=True)
        types = [COLUMNS.field(name).type for name in PostRow._fields[:4]]
        return {
            name: pa.array(list(column), type_)
            for name, column, type_ in zip(PostRow._fields, values, types, strict=False)
        }

    def _understood(self, batch: pa.RecordBatch) -> dict[str, pa.Array]:
        columns = {"brands": batch.column("brands"), "spam_p": pc.fill_null(batch.column("spam_p"), _NOTHING)}
        for name, word in _WORDLESS.items():
            columns[name] = batch.column(name) if word is None else pc.fill_null(batch.column(name), word)
            columns[f"{name}_p"] = pc.fill_null(batch.column(f"{name}_p"), _NOTHING)
        return columns

    def _repeated(self, rows: Sequence[PostRow], batch: pa.RecordBatch) -> pa.Array:
        """Return for each row the id of the earlier post that it nearly repeats, null if none."""
        seqs = np.arange(self.n_rows + 1, self.n_rows + 1 + len(rows), dtype=np.int64)
        verdicts = self._duplicates.judge(seqs, Numbers.of(batch))
        found: list[str | None] = []
        for seq, verdict, row in zip(seqs.tolist(), verdicts.tolist(), rows, strict=True):
            place = (seq - 1) % self._window
            if place == len(self._ids):
                self._ids.append(row.id)
            else:
                self._ids[place] = row.id
            found.append(self._ids[(verdict - 1) % self._window] if verdict else None)
        self.n_rows += len(rows)
        return pa.array(found, pa.string())


def annotate(
    source: Path,
    target: Path,
    settings: Settings,
    on_progress: Callable[[float], None] | None = None,
    models: Sequence[Path] = (),
) -> int:
    """Write the posts of a file with language, judgements, brands, spam and near duplicates; return how many.

    Parameters
    ----------
    source : Path
        JSON lines or CSV, also .gz, with the columns id, published, actor, text.
    target : Path
        `.parquet`, `.csv` or `.jsonl`: the same rows in the same order, with `COLUMNS`.
    settings : Settings
        Brands, languages, and what counts as a near duplicate.
    on_progress : callable, optional
        Told now and then how much of the file was read, 0 to 1.
    models : sequence of Path
        Folders that `gehoor train` made: each adds its task and `<task>_p`; one of a task that we judge, too, takes its
        place.

    Raises
    ------
    SettingError
        The file is not as it should be (file, row, column, what to do), or a model is broken; nothing is written then.
    StoreError
        The result cannot be written.

    Notes
    -----
    Cost: 75 us a post on one core. Memory: 450 MB, however long the file.
    """
    posts = PostsFile(source)
    own = Models(models) if models else None
    schema = _with_tasks(own.tasks) if own is not None else COLUMNS
    with result_file(target, schema, source) as result:
        rows = iter(posts)
        chunk = list(islice(rows, _AT_ONCE))  # what is wrong at once is said before the word lists are loaded
        annotator = _Annotator(settings, own, schema)
        while chunk:
            result.write(annotator.annotate(chunk))
            if on_progress is not None:
                on_progress(posts.share())
            chunk = list(islice(rows, _AT_ONCE))
    return annotator.n_rows


def _with_tasks(tasks: Sequence[str]) -> pa.Schema:
    """Return what comes out when models judge these tasks."""
    schema = COLUMNS
    for task in tasks:
        judged = pa.field(task, pa.string())
        if f"{task}_p" in schema.names:
            schema = schema.set(schema.get_field_index(task), judged)
        elif task in schema.names:
            raise SettingError(f"{task!r} is a column of every post, and no judgement. Train with another --task.")
        else:
            schema = schema.append(judged).append(pa.field(f"{task}_p", pa.float32(), nullable=False))
    return schema
