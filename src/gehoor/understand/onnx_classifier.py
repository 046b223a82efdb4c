"""A classifier of the user's own as an ONNX folder, such as Hugging Face's `optimum` exports."""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import SettingError
from gehoor.core.judgement import JUDGED, JUDGEMENTS

__all__ = ["OnnxClassifier"]

_MOST_CHARS, _MOST_TOKENS = 2_000, 256
_FILES = ("model.onnx", "tokenizer.json", "config.json")


class OnnxClassifier:
    """Judges one task: that whose words its labels are (`id2label` in `config.json`, whatever the case).

    Nothing of the folder is run but the graph, on the processor; custom operators are refused.

    Parameters
    ----------
    folder : Path
        With `model.onnx`, `tokenizer.json`, `config.json`.

    Attributes
    ----------
    task : str
    labels : tuple of str

    Raises
    ------
    SettingError
        What it needs is not installed, or the folder is not as it should be: what to do is said. What the libraries
        raise at a broken graph has no common root, and is left to the caller.
    """

    def __init__(self, folder: Path) -> None:
        if find_spec("onnxruntime") is None or find_spec("tokenizers") is None:
            raise SettingError('ONNX models need more: pip install "gehoor[onnx]"')
        for name in _FILES:
            if not (folder / name).is_file():
                raise SettingError(f"{folder} has no {name}: it needs {', '.join(_FILES)}.")
        self.labels = _labels_of(folder / "config.json")
        self.task = _task_of(self.labels, folder)
        self._tokenizer, self._session = _opened(folder)
        self._inputs = [one.name for one in self._session.get_inputs()]

    def judge(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """Return the label of each text, and how probable the model holds it.

        Raises
        ------
        SettingError
            The graph wants other inputs than ids and masks, or gives other outputs than a number a label.
        """
        codes = self._tokenizer.encode_batch([text[:_MOST_CHARS] for text in texts])
        given = {
            "input_ids": np.array([code.ids for code in codes], np.int64),
            "attention_mask": np.array([code.attention_mask for code in codes], np.int64),
            "token_type_ids": np.array([code.type_ids for code in codes], np.int64),
        }
        if not set(self._inputs) <= given.keys():
            raise SettingError(f"The model wants the inputs {', '.join(self._inputs)}; known are {', '.join(given)}.")
        logits = np.asarray(self._session.run(None, {name: given[name] for name in self._inputs})[0], np.float64)
        if logits.shape != (len(texts), len(self.labels)):
            raise SettingError(f"The model gives {logits.shape} numbers for {len(texts)} texts of {self.labels}.")
        shares = _softmax(logits)
        return [(self.labels[place], round(float(row[place]), 4)) for row in shares for place in [int(row.argmax())]]


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)


def _labels_of(path: Path) -> tuple[str, ...]:
    try:
        named = {int(number): str(word).lower() for number, word in json.loads(path.read_bytes())["id2label"].items()}
        return tuple(named[number] for number in range(len(named)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise SettingError(f"{path} names no labels: it needs id2label, from 0 on.") from None


def _task_of(labels: tuple[str, ...], folder: Path) -> str:
    """Return the first judgement that all labels are words of."""
    for task in JUDGED:
        if set(labels) <= set(JUDGEMENTS[task]):
            return task
    known = "; ".join(f"{task}: {', '.join(filter(None, JUDGEMENTS[task]))}" for task in JUDGED)
    raise SettingError(f"The labels of {folder} ({', '.join(labels)[:200]}) are words of no judgement. Known: {known}.")


def _opened(folder: Path) -> tuple[Any, Any]:
    """Return tokenizer and graph."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # what judges at once has the other cores
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_MOST_TOKENS)
    tokenizer.enable_padding()
    path = str(folder / "model.onnx")
    return tokenizer, onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
