"""Slow readers on this machine: a classifier of one's own as an ONNX folder, and the encoder."""

import asyncio
import json
from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings_slow import Slow
from gehoor.run.slow_process import ProcessReader
from gehoor.understand.onnx_classifier import OnnxClassifier
from tests.component.onnx_folder import make_onnx_folder

TONES = ("Negative", "Neutral", "Positive")
WORDS = ("slecht", "gewoon", "mooi")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_onnx_folder(tmp_path / "model", TONES, WORDS)


def test_a_folder_judges_the_task_whose_words_its_labels_are(folder: Path) -> None:
    classifier = OnnxClassifier(folder)
    assert classifier.task == "sentiment"
    (first, p), (second, _), (_, flat) = classifier.judge(["het is slecht", "mooi mooi dag", "onbekend"])
    assert (first, second) == ("negative", "positive")
    assert p > 0.9 and flat == pytest.approx(1 / 3, abs=1e-3)


def test_a_text_of_a_megabyte_is_read_in_part(folder: Path) -> None:
    assert OnnxClassifier(folder).judge(["slecht " * 150_000])[0][0] == "negative"


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json"])
def test_what_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(SettingError, match=name.replace(".", r"\.")):
        OnnxClassifier(folder)


@pytest.mark.parametrize("config", [{}, {"id2label": {"1": "negative"}}, {"id2label": ["negative"]}, []])
def test_labels_that_are_not_named_are_said(folder: Path, config: object) -> None:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(SettingError, match="names no labels"):
        OnnxClassifier(folder)


def test_labels_of_another_world_are_refused(tmp_path: Path) -> None:
    folder = make_onnx_folder(tmp_path / "other", ("cat", "dog"), ("poes", "hond"))
    with pytest.raises(SettingError, match=r"cat, dog\) are words of no judgement"):
        OnnxClassifier(folder)


def test_it_runs_in_a_process_of_its_own_that_goes_with_the_reader(folder: Path, tmp_path: Path) -> None:
    reader = ProcessReader(Slow(kind="onnx", folder=folder), tmp_path)

    async def ask() -> None:
        answers = await reader.read(["het is slecht", "mooi"])
        assert [answer.said["sentiment"][0] for answer in answers] == ["negative", "positive"]
        process = reader._process
        assert process is not None and process.is_alive()
        await reader.aclose()
        assert not process.is_alive()
        (folder / "model.onnx").write_bytes(b"no graph")
        with pytest.raises(SettingError, match="The model cannot be used"):
            await reader.read(["slecht"])
        assert reader._process is None

    asyncio.run(ask())
