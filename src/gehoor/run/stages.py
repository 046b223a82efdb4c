"""The row stages, in their order: raw pages in, one annotated batch out. Pure, so they run in any process."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core import registry
from gehoor.core.errors import RejectedRecord
from gehoor.core.identity import identify
from gehoor.core.labels import columns_of_labels
from gehoor.core.page import Decoded, RawPage, Reject, Staged, StagedPage
from gehoor.core.record import ACTIVITY, ANNOTATION, Activity, to_batch
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch
from gehoor.core.words import buckets_of
from gehoor.run.models import Models
from gehoor.run.timing import Timed
from gehoor.sift.relevance import Relevance
from gehoor.sift.signature import Signature
from gehoor.sift.spam import Spam
from gehoor.sift.template import Template
from gehoor.understand.context import Context

__all__ = ["ANALYZERS", "STAGED", "RowStages"]

ANALYZERS = ("language", "brand", "judgements")
"""In this order: judgements need the language."""

STAGED: pa.Schema = pa.schema([*(f for f in ACTIVITY if f.name not in ANNOTATION.names), *ANNOTATION])
"""What leaves the row stages."""

_OPTIONAL = [field for field in ANNOTATION if field.nullable]
_RAW_LIMIT = 65_536


class _PartError(Exception):
    """A part raised: which one, and on what."""

    def __init__(self, part: str, error: Exception) -> None:
        super().__init__(f"{part}: {error}")
        self.part = part
        self.error = error


class RowStages:
    """Decodes and annotates. A part that raises costs the rows it cannot bear, never the others.

    Parameters
    ----------
    settings : Settings
        Brands, languages: what the analyzers need to know.
    models : Models, optional
        Models of somebody's own, which judge too: their columns stand behind `STAGED`.
    """

    def __init__(self, settings: Settings, models: Models | None = None) -> None:
        self._decoders: dict[str, Any] = {}
        self._signature, self._template = Signature(), Template()
        self._context, self._spam, self._relevance = Context(settings), Spam(), Relevance(settings)
        self._analyzers = [registry.load("analyzers", name)(settings) for name in ANALYZERS]
        self._models, self._schema = models, STAGED
        if models is not None:
            models.join(self._analyzers[ANALYZERS.index("judgements")])
            self._schema = pa.schema([*STAGED, *models.fields()])
        self.stage_ns: dict[str, int] = {}

    def warm(self) -> None:
        """Load what else would be loaded at the first posts."""
        for analyzer in self._analyzers:
            if hasattr(analyzer, "warm"):
                analyzer.warm()

    def run(self, pages: Sequence[RawPage]) -> Staged:
        """Return the pages decoded and annotated, in their order, as one batch."""
        decoded = [self._decode(page) for page in pages]
        activities = [activity for part in decoded for activity in part.activities]
        sources = [page.source for page, part in zip(pages, decoded, strict=True) for _ in part.activities]
        owners = np.repeat(np.arange(len(pages)), [len(part.activities) for part in decoded])
        kept, failed = self._annotated(activities, sources)
        mask = np.ones(len(activities), np.bool_)
        mask[[index for index, _ in failed]] = False
        staged_pages, first = [], 0
        for number, (page, part) in enumerate(zip(pages, decoded, strict=True)):
            mine = owners == number
            staged = _page(page, part, mask[mine], self._decoder(page.decoder).version)
            start = int(np.flatnonzero(mine)[0]) if mine.any() else 0
            rejects = [_reject(page, part, index - start, error) for index, error in failed if owners[index] == number]
            staged_pages.append(msgspec.structs.replace(staged, first=first, rejects=[*staged.rejects, *rejects]))
            first += staged.n_rows
        return Staged(batch=kept, pages=staged_pages)

    # -- decode ---------------------------------------------------------------------------------------------------

    def _decoder(self, name: str) -> Any:
        if name not in self._decoders:
            self._decoders[name] = registry.load("decoders", name)()
        return self._decoders[name]

    def _decode(self, page: RawPage) -> Decoded:
        with Timed(self.stage_ns, "decode"):
            try:
                decoded: Decoded = self._decoder(page.decoder).decode(page)
            except RejectedRecord as error:
                return _refused(page, error.reason)
            except Exception as error:  # noqa: BLE001  # around a part: its page is kept aside, the stream goes on
                return _refused(page, f"the decoder {page.decoder} failed: {type(error).__name__}: {error}")
            return decoded

    # -- annotate -------------------------------------------------------------------------------------------------

    def _annotated(
        self, activities: list[Activity], sources: list[str]
    ) -> tuple[pa.RecordBatch, list[tuple[int, _PartError]]]:
        """Annotate all rows; where a part raises, halve until the rows stand alone that it cannot bear."""
        batches: list[pa.RecordBatch] = []
        failed: list[tuple[int, _PartError]] = []
        spans = [(0, len(activities))]
        while spans:
            start, end = spans.pop()
            try:
                batches.append(self._annotate(activities[start:end], sources[start:end]))
            except _PartError as error:
                if end - start == 1:
                    failed.append((start, error))
                else:
                    middle = (start + end) // 2
                    spans += [(middle, end), (start, middle)]
        return batches[0] if len(batches) == 1 else pa.concat_batches(batches or [self._empty()]), failed

    def _empty(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([], schema=self._schema)

    def _annotate(self, activities: list[Activity], sources: list[str]) -> pa.RecordBatch:
        # what no analyzer says anything about is null
        columns: dict[str, pa.Array] = {field.name: pa.nulls(len(activities), field.type) for field in _OPTIONAL}
        for name, part in self._steps(activities, sources, columns):
            with Timed(self.stage_ns, name):
                try:
                    columns |= part()
                except Exception as error:  # around a part: only the rows it cannot bear are kept aside
                    raise _PartError(name, error) from error
        return pa.RecordBatch.from_arrays([columns[name] for name in self._schema.names], schema=self._schema)

    def _steps(
        self, activities: list[Activity], sources: list[str], columns: dict[str, pa.Array]
    ) -> Iterator[tuple[str, Any]]:
        def plain() -> dict[str, pa.Array]:
            batch = to_batch(activities)
            heard = pc.coalesce(batch.column("heard_by"), pa.array(sources, pa.string()))
            return dict(zip(batch.schema.names, batch.columns, strict=True)) | {"heard_by": heard}

        yield "columns", plain
        yield "identity", lambda: identify(activities)
        texts: list[TextBatch] = []

        def normalise() -> dict[str, pa.Array]:
            texts.append(TextBatch.of(columns["text"]))
            return {}

        yield "normalise", normalise
        yield "signature", lambda: self._signature.annotate(texts[0])
        yield "template", lambda: self._template.annotate(texts[0])
        for analyzer in self._analyzers:
            yield analyzer.name, lambda analyzer=analyzer: analyzer.annotate(texts[0], columns)
        if (models := self._models) is not None:
            yield "models", lambda: models.judge(texts[0], columns)
        yield self._context.name, lambda: self._context.turn_down(texts[0], columns)
        yield self._spam.name, lambda: self._spam.annotate(texts[0], columns)
        judged = columns | {"source": pa.array(sources, pa.string())}
        yield self._relevance.name, lambda: {"drop": self._relevance.judge(texts[0], judged)}
        yield "labels", lambda: {"labels": columns_of_labels(columns), "words": buckets_of(texts[0])}


def _refused(page: RawPage, reason: str) -> Decoded:
    raw = page.payload[:_RAW_LIMIT]
    return Decoded(
        activities=[], rejects=[Reject(position=page.position, item=0, stage="decode", reason=reason, raw=raw)]
    )


def _raw(page: RawPage, part: Decoded, row: int) -> tuple[int, bytes]:
    item = part.items[row] if part.items is not None else row
    if part.raws is not None:
        return item, part.raws[row][:_RAW_LIMIT]
    lines = page.payload.splitlines()
    return item, lines[item][:_RAW_LIMIT] if item < len(lines) else page.payload[:_RAW_LIMIT]


def _reject(page: RawPage, part: Decoded, row: int, failed: _PartError) -> Reject:
    item, raw = _raw(page, part, row)
    reason = f"{failed.part} failed on it: {type(failed.error).__name__}: {failed.error}"
    return Reject(
        position=page.position + item, item=item, stage=failed.part, reason=reason, raw=raw, id=part.activities[row].id
    )


def _page(page: RawPage, part: Decoded, mask: np.ndarray[Any, np.dtype[np.bool_]], version: str) -> StagedPage:
    items = part.items
    if not mask.all():
        every = items if items is not None else list(range(len(mask)))
        items = [item for item, stays in zip(every, mask.tolist(), strict=True) if stays]
    return StagedPage(
        source=page.source,
        decoder=page.decoder,
        decoder_version=version,
        received=page.received,
        cursor=page.cursor,
        position=page.position,
        first=0,
        n_rows=int(mask.sum()),
        rejects=part.rejects,
        items=items,
        wants_items=page.wants_items,
        options=msgspec.json.encode(page.options),
        is_again=page.is_again,
        relevance=page.relevance,
    )
