"""A model folder comes back as it was written; what is broken in it is said, and never run."""

import hashlib
import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gehoor.core.errors import SettingError
from gehoor.core.text import TextBatch
from gehoor.understand.checks import TEXTS
from gehoor.understand.features import BUCKETS
from gehoor.understand.heads import Heads
from gehoor.understand.model_folder import TABLE_FOLDER, About, read_model, table_of, write_model
from tests.random_table import random_table
from tests.unit.understand.random_heads import random_head


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole model folder."""
    seen = np.arange(BUCKETS) % 2 > 0
    head = random_head(n_cues=3, seen=seen, familiar=0.5, languages=("nl",), least_p=0.4, unknown_label="other")
    about = About(data=({"name": "posts.csv", "licence": "own", "n_rows": 70},), figures={"accuracy": 0.9})
    write_model(tmp_path / "model", head, random_table(), about)
    return tmp_path / "model"


def _change(folder: Path, **fields: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **fields}))


def _replace(folder: Path, name: str, data: bytes) -> None:
    """Put another array there, hash and all."""
    (folder / f"{name}.npy").write_bytes(data)
    arrays = json.loads((folder / "manifest.json").read_text())["arrays"]
    _change(folder, arrays={**arrays, name: hashlib.sha256(data).hexdigest()})


def _npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_a_model_comes_back_as_it_was_written(folder: Path) -> None:
    model = read_model(folder)
    seen = np.arange(BUCKETS) % 2 > 0
    head = random_head(n_cues=3, seen=seen, familiar=0.5, languages=("nl",), least_p=0.4, unknown_label="other")
    assert (model.head.labels, model.head.languages, model.head.least_p) == (head.labels, ("nl",), 0.4)
    assert model.about.data[0]["licence"] == "own"
    assert model.about.figures == {"accuracy": 0.9}
    cues = np.zeros((len(TEXTS), 3), np.int16)
    batch = TextBatch.of(pa.array(TEXTS, pa.string()))
    logits = [Heads(random_table(), [one]).judge(batch, cues).logits["mood"] for one in (model.head, head)]
    assert np.array_equal(logits[0], logits[1])


def test_a_manifest_says_what_is_in_the_folder(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"kind", "format", "task", "classes", "languages", "data", "figures", "gehoor", "table"} <= set(manifest)
    files = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.npy")}
    assert manifest["arrays"] == files


def test_an_array_that_was_changed_is_refused(folder: Path) -> None:
    data = bytearray((folder / "grams.npy").read_bytes())
    data[-1] ^= 1
    (folder / "grams.npy").write_bytes(data)
    with pytest.raises(SettingError, match="SHA-256"):
        read_model(folder)


def test_a_missing_array_is_said(folder: Path) -> None:
    (folder / "vector.npy").unlink()
    with pytest.raises(SettingError, match=r"vector\.npy"):
        read_model(folder)


def test_a_folder_without_manifest_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"manifest\.json"):
        read_model(tmp_path / "nowhere")


@pytest.mark.parametrize("fields", [{"format": 2}, {"format": "1"}, {"kind": "table"}, {"kind": None}])
def test_another_version_or_kind_is_refused(folder: Path, fields: dict[str, Any]) -> None:
    _change(folder, **fields)
    with pytest.raises(SettingError, match=r"format|holds"):
        read_model(folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"classes": ["a", "b"]}, {"classes": ["a", "a", "b"]}, {"classes": "abc"}, {"task": ""}, {"task": None},
        {"temperature": 0}, {"temperature": float("nan")}, {"least_p": "high"}, {"least_p": 7}, {"arrays": None},
        {"unknown_label": "foreign", "is_scoped": True}, {"figures": 3}, {"table": None}, {"familiar": -1},
    ],
)  # fmt: skip
def test_a_manifest_that_does_not_fit_is_said(folder: Path, fields: dict[str, Any]) -> None:
    _change(folder, **fields)
    with pytest.raises(SettingError):
        read_model(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00", '{"kind": "model"}', "[" * 100_000])
def test_a_manifest_that_is_none_is_said(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(SettingError):
        read_model(folder)


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('a pickle ran')",))


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(_Trap()),
        b"",
        b"\x93NUMPY",
        _npy(np.zeros(3))[:-4],
        _npy(np.zeros((4, 3), np.int16)),
        _npy(np.zeros((BUCKETS * 2, 3), np.int8)),
        _npy(np.array("text")),
    ],
)
@pytest.mark.parametrize("name", ["grams", "bias", "bucket"])
def test_an_array_that_does_not_fit_is_said(folder: Path, name: str, data: bytes) -> None:
    _replace(folder, name, data)
    with pytest.raises(SettingError):
        read_model(folder)


def test_a_pickle_inside_an_array_is_refused(folder: Path) -> None:
    _replace(folder, "bias", _npy(np.array([_Trap()], dtype=object)))
    with pytest.raises(SettingError, match="Python objects"):
        read_model(folder)


def test_a_model_of_another_table_is_refused_unless_it_brings_it(folder: Path) -> None:
    model, other = read_model(folder), random_table(seed=1)
    assert table_of(folder, model, random_table()).digest == model.table
    with pytest.raises(SettingError, match="another table"):
        table_of(folder, model, other)
    random_table().save(folder / TABLE_FOLDER, {})
    assert table_of(folder, model, other).digest == model.table


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="cannot be written"):
        write_model(tmp_path / "file" / "model", random_head(), random_table(), About())
