"""Splices real texts: the first half of one, the second half of another, both in the same language."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
import numpy as np

from gehoor.core.errors import SettingError
from gehoor.run.phrases import LANGUAGES, Language, Text, guess_language

__all__ = ["read_texts", "splices"]

_COLUMNS = ("text", "content", "body", "message")
_CUT_WITHIN = 0.2  # the cut lies within this share of the middle: halves stay halves, and differ from pair to pair


def read_texts(path: Path) -> dict[Language, list[str]]:
    """Return the texts of a JSONL or CSV file (also .gz), by language; what is neither Dutch nor English is left out.

    Raises
    ------
    SettingError
        If the file cannot be read, has no column for the text, or holds fewer than two texts of one language.
    """
    texts: dict[Language, list[str]] = {language: [] for language in LANGUAGES}
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for text in _texts(path, cast(BinaryIO, file)):
                language = guess_language(text)
                if language and text.count(" ") >= 3:
                    texts[language].append(text)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error, msgspec.DecodeError) as error:
        raise SettingError(
            f"{path} cannot be read: {error}. It must be JSONL or CSV in UTF-8, or the same as .gz."
        ) from error
    found = {language: lines for language, lines in texts.items() if len(lines) > 1}
    if not found:
        raise SettingError(f"{path} holds fewer than two Dutch or English texts of four words: nothing to splice.")
    return found


def _texts(path: Path, file: BinaryIO) -> Iterator[str]:
    is_csv = ".csv" in path.suffixes
    rows: Iterable[object] = (
        csv.DictReader(TextIOWrapper(file, "utf-8-sig")) if is_csv else map(msgspec.json.decode, file)
    )
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise SettingError(f"{path}, row {number}: not an object with a text. Give one JSON object a line.")
        name = next((name for name in _COLUMNS if name in row), None)
        if name is None:
            raise SettingError(
                f"{path}, row {number}: no column for the text. It must be one of {', '.join(_COLUMNS)}."
            )
        if isinstance(row[name], str):
            yield row[name]


def splices(texts: dict[Language, list[str]]) -> Callable[[np.random.Generator, int], list[Text]]:
    """Return what makes n spliced texts with a given chance; languages keep their shares."""
    languages = list(texts)
    counts = np.array([len(texts[language]) for language in languages], float)
    halves = {language: [text.split() for text in lines] for language, lines in texts.items()}

    def make(rng: np.random.Generator, n: int) -> list[Text]:
        chosen = rng.choice(len(languages), n, p=counts / counts.sum()).tolist()
        draws = rng.random((n, 4)).tolist()
        picked = [languages[index] for index in chosen]
        return [(_spliced(halves[language], row), language) for language, row in zip(picked, draws, strict=True)]

    return make


def _spliced(lines: list[list[str]], draws: list[float]) -> str:
    first, second = lines[int(draws[0] * len(lines))], lines[int(draws[1] * len(lines))]
    low = round(len(first) * (0.5 + _CUT_WITHIN * (draws[2] - 0.5)))
    high = round(len(second) * (0.5 + _CUT_WITHIN * (draws[3] - 0.5)))
    return " ".join([*first[:low], *second[high:]])
