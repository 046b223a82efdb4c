"""What every analyzer must pass, ours and other people's. Each check raises `ContractError` and says what is wrong."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from gehoor.core.errors import ContractError
from gehoor.core.record import ANNOTATION
from gehoor.core.settings import Brand, Settings
from gehoor.core.text import TextBatch
from gehoor.understand.base import Analyzer

__all__ = ["CHECKS", "TEXTS", "known_columns"]

SETTINGS = Settings(brands={"noordvlucht": Brand(terms=("Noordvlucht", "NV218")), "telvast": Brand(terms=("Telvast",))})

TEXTS: tuple[str | None, ...] = (
    "Waar blijft mijn koffer, @noordvlucht? Ik wacht al drie dagen!",
    "Love the new app, so much faster than before 😍😍",
    None,
    "",
    "   ",
    "ok",
    "🧳🧳 👩‍👩‍👧 🇳🇱 👍🏽",
    "@telvast @noordvlucht https://example.org/a?b=c&amp;d",
    "\u202eomgekeerd\u202c \u200bniet leuk\u0000 meer",
    "أين حقيبتي؟ لم يصلني أي رد",
    "מתי זה יגיע?",
    "荷物が届きません",
    "Ich bin sehr enttäuscht, aber danke für die Antwort. Nooooit meer #telvast!!!",
    "word " * 200_000,
    "a" * 1_000_000,
    "😡" * 5_000,
)
"""Texts that hurt: missing, empty, hostile, right to left, one of a megabyte."""

_BETWEEN = {"language": pa.string(), "spam_text_p": pa.float32()}
"""Columns that are no annotation: the channel's own, and what a later part reads."""

_LANGUAGES = ("nl", "en", None, "und", "de-AT", "xx", "")
_SENTIMENTS = (("negative", 0.9), ("neutral", 0.5), (None, None), ("positive", 0.7))


def known_columns(n: int) -> dict[str, pa.Array]:
    """Return made-up columns for n rows: what any analyzer may know of a post, nulls included."""
    sentiment = [_SENTIMENTS[i % len(_SENTIMENTS)] for i in range(n)]
    return {
        "language": pa.array([_LANGUAGES[i % len(_LANGUAGES)] for i in range(n)], pa.string()),
        "language_p": pa.array([0.9] * n, pa.float32()),
        "sentiment": pa.array([label for label, _ in sentiment], pa.string()),
        "sentiment_p": pa.array([p for _, p in sentiment], pa.float32()),
        "brands": pa.array([[]] * n, pa.list_(pa.string())),
    }


def is_documented(kind: type[Analyzer]) -> None:
    """Check that it says what it does, has a name, and adds columns that the record knows."""
    unknown = [column for column in kind.columns if column not in {*ANNOTATION.names, *_BETWEEN}]
    if not (kind.__doc__ and kind.annotate.__doc__ and kind.name and kind.columns) or unknown:
        raise ContractError(f"{kind.__name__}: no docstring, name or columns, or unknown columns {unknown}.")


def has_right_columns(kind: type[Analyzer]) -> None:
    """Check that each promised column comes, of the record's type, one value a row, probabilities from 0 to 1."""
    columns = _annotate(kind(SETTINGS), TEXTS)
    if set(columns) != set(kind.columns):
        raise ContractError(f"{kind.__name__} promises {kind.columns} and gives {tuple(columns)}.")
    for name, values in columns.items():
        type_ = ANNOTATION.field(name).type if name in ANNOTATION.names else _BETWEEN[name]
        if values.type != type_ or len(values) != len(TEXTS):
            raise ContractError(f"{kind.__name__}.{name}: {len(values)} of {values.type}, not {len(TEXTS)} of {type_}.")
        if name.endswith("_p") and not all(0 <= p <= 1 for p in values.to_pylist() if p is not None):
            raise ContractError(f"{kind.__name__}.{name} leaves 0..1.")


def judges_each_row_alone(kind: type[Analyzer]) -> None:
    """Check that a row gets the same columns alone, in a batch, and in another order."""
    analyzer = kind(SETTINGS)
    together = _rows(_annotate(analyzer, TEXTS))
    known = known_columns(len(TEXTS))
    turned = np.arange(len(TEXTS))[::-1]
    for order in (turned, *np.split(turned, len(turned))):
        part = {name: values.take(pa.array(order)) for name, values in known.items()}
        rows = _rows(analyzer.annotate(TextBatch.of(pa.array([TEXTS[i] for i in order], pa.string())), part))
        for i, row in zip(order, rows, strict=True):
            if row != together[i]:
                raise ContractError(f"{kind.__name__}: row {i} is {together[i]} in the batch and {row} elsewhere.")


def takes_an_empty_batch(kind: type[Analyzer]) -> None:
    """Check that no rows give no rows."""
    columns = _annotate(kind(SETTINGS), ())
    if any(len(values) for values in columns.values()):
        raise ContractError(f"{kind.__name__} makes rows out of nothing.")


def leaves_missing_texts_open(kind: type[Analyzer]) -> None:
    """Check that a missing text gets no judgement: null, `und`, or an empty list."""
    for name, value in _rows(_annotate(kind(SETTINGS), (None,)))[0].items():
        if value not in (None, "und", []):
            raise ContractError(f"{kind.__name__}.{name} judges a missing text: {value!r}.")


def is_the_same_twice(kind: type[Analyzer]) -> None:
    """Check that two instances agree, and that one does not change by being used."""
    first, second = kind(SETTINGS), kind(SETTINGS)
    once = _rows(_annotate(first, TEXTS))
    if not once == _rows(_annotate(first, TEXTS)) == _rows(_annotate(second, TEXTS)):
        raise ContractError(f"{kind.__name__} is not deterministic.")


def explains_each_row(kind: type[Analyzer]) -> None:
    """Check that there is a list of reasons for each row, about its own columns."""
    texts = TextBatch.of(pa.array(TEXTS[:8], pa.string()))
    reasons = kind(SETTINGS).explain(texts, known_columns(8))
    foreign = {reason.column for row in reasons for reason in row} - set(kind.columns)
    if len(reasons) != 8 or foreign:
        raise ContractError(f"{kind.__name__} explains {len(reasons)} of 8 rows, and of others' columns {foreign}.")


def _annotate(analyzer: Analyzer, texts: tuple[str | None, ...]) -> dict[str, pa.Array]:
    return analyzer.annotate(TextBatch.of(pa.array(texts, pa.string())), known_columns(len(texts)))


def _rows(columns: dict[str, pa.Array]) -> list[dict[str, object]]:
    table: list[dict[str, object]] = pa.table(columns).to_pylist()
    return table


CHECKS: tuple[Callable[[type[Analyzer]], None], ...] = (
    is_documented,
    has_right_columns,
    judges_each_row_alone,
    takes_an_empty_batch,
    leaves_missing_texts_open,
    is_the_same_twice,
    explains_each_row,
)
