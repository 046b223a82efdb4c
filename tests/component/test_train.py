"""Labels in, a model out, and its judgements beside ours; or one clear line and nothing."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from gehoor.cli.verbs import app

CLASSES = {
    "delivery": ["pakket", "bezorger", "levering", "track", "straat", "deur", "verzonden", "postbode"],
    "invoice": ["factuur", "bedrag", "betalen", "rekening", "incasso", "tarief", "korting", "euro"],
    "praise": ["dank", "top", "geholpen", "blij", "super", "fijn", "lief", "geweldig"],
}
FILLER = ["ik", "jullie", "mijn", "de", "het", "een", "wel", "nog", "weer", "met", "van", "voor"]


def _labelled(n: int, seed: int = 0) -> list[dict[str, Any]]:
    generator = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        label = str(generator.choice(list(CLASSES)))
        words = [*generator.choice(FILLER, 5), *generator.choice(CLASSES[label], 2)]
        rows.append({"text": " ".join(generator.permutation(words)), "label": label})
    return rows


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if ".csv" in path.name:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path
    data = b"\n".join(msgspec.json.encode(row) for row in rows)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def _train(source: Path, target: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["train", str(source), "-o", str(target), "--task", "need", *words])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of 90 labels."""
    folder = tmp_path_factory.mktemp("train")
    result = _train(_write(folder / "labelled.csv", _labelled(90)), folder / "need", "--licence", "CC0-1.0")
    assert result.exit_code == 0, result.output
    return folder / "need"


def _posts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"id": str(n), "published": "2026-04-14T12:00:00Z", "actor": None, "text": row["text"]}
        for n, row in enumerate(rows)
    ]


def _annotate(source: Path, target: Path, *models: Path) -> list[dict[str, Any]]:
    words = [word for model in models for word in ("--model", str(model))]
    result = CliRunner().invoke(app, ["annotate", str(source), "-o", str(target), *words])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = pq.read_table(target).to_pylist()
    return rows


def test_a_model_judges_posts_that_it_never_saw(model: Path, tmp_path: Path) -> None:
    new = _labelled(60, seed=1)
    rows = _annotate(_write(tmp_path / "posts.jsonl", _posts(new)), tmp_path / "out.parquet", model)
    right = [row["need"] == truth["label"] for row, truth in zip(rows, new, strict=True)]
    assert sum(right) / len(right) > 0.85
    assert all(0 < row["need_p"] <= 1 for row in rows)
    assert rows[0]["sentiment"] in {"negative", "neutral", "positive"}


def test_a_post_without_words_gets_no_judgement(model: Path, tmp_path: Path) -> None:
    posts = _posts([{"text": ""}, {"text": "waar is mijn pakket"}, {"text": "\u200b"}])
    rows = _annotate(_write(tmp_path / "posts.jsonl", posts), tmp_path / "out.parquet", model)
    assert [(row["need"], row["need_p"]) for row in rows][::2] == [(None, 0.0), (None, 0.0)]
    assert rows[1]["need"] == "delivery"


def test_a_model_comes_with_its_figures(model: Path) -> None:
    manifest = json.loads((model / "manifest.json").read_text())
    assert manifest["classes"] == list(CLASSES)
    assert manifest["data"] == [{"name": "labelled.csv", "licence": "CC0-1.0", "n_rows": 90}]
    figures = manifest["figures"]
    assert figures["accuracy_95"][0] <= figures["accuracy"] <= figures["accuracy_95"][1]
    assert sum(map(sum, figures["confusion"])) == 90
    report = (model / "report.html").read_text()
    assert "300 more labels would bring about" in report
    assert all(name in report for name in CLASSES)


def test_a_report_tells_no_text_of_anybody(tmp_path: Path) -> None:
    rows = [{**row, "text": f"{row['text']} geheimwoord"} for row in _labelled(60)]
    rows[5]["label"] = next(name for name in CLASSES if name != rows[5]["label"])
    assert _train(_write(tmp_path / "rows.csv", rows), tmp_path / "model").exit_code == 0
    assert not [path for path in (tmp_path / "model").iterdir() if b"geheimwoord" in path.read_bytes()]


def test_labels_cannot_become_markup(tmp_path: Path) -> None:
    rows = [{**row, "label": f"<script>{row['label']}"} for row in _labelled(60)]
    assert _train(_write(tmp_path / "rows.jsonl", rows), tmp_path / "model").exit_code == 0
    report = (tmp_path / "model/report.html").read_text()
    assert "<script" not in report
    assert "&lt;script&gt;praise" in report


def test_wrong_labels_are_named_by_their_row(tmp_path: Path) -> None:
    rows = _labelled(120)
    rows[40]["label"] = next(name for name in CLASSES if name != rows[40]["label"])
    result = _train(_write(tmp_path / "rows.jsonl.gz", rows), tmp_path / "model", "--json")
    figures = json.loads(result.stdout)
    assert 41 in [doubt["row"] for doubt in figures["doubts"]]
    assert figures["n"] == 120


def test_the_same_labels_give_the_same_files(model: Path, tmp_path: Path) -> None:
    _train(_write(tmp_path / "labelled.csv", _labelled(90)), tmp_path / "need", "--licence", "CC0-1.0")
    for path in model.iterdir():
        assert path.read_bytes() == (tmp_path / "need" / path.name).read_bytes(), path.name


def test_a_column_of_the_tasks_name_will_do(tmp_path: Path) -> None:
    rows = [{"text": row["text"], "need": row["label"], "language": "nl"} for row in _labelled(60)]
    assert _train(_write(tmp_path / "rows.csv", rows), tmp_path / "model").exit_code == 0


def test_what_is_unsure_is_unknown_when_that_is_asked(tmp_path: Path) -> None:
    rows = _labelled(150)
    for row in rows[::4]:
        row["text"] = "ik de het een wel nog"
    source = _write(tmp_path / "rows.csv", rows)
    assert _train(source, tmp_path / "model", "--sure", "0.9").exit_code == 0
    out = _annotate(_write(tmp_path / "posts.jsonl", _posts(rows)), tmp_path / "out.parquet", tmp_path / "model")
    assert {row["need"] for row in out[::4]} == {"unknown"}
    assert sum(row["need"] == "unknown" for row in out) < 60


def test_out_of_scope_is_a_label_with_a_low_probability(tmp_path: Path) -> None:
    rows = _labelled(150)
    for number in range(0, 150, 5):
        rows[number] = {"text": " ".join(np.random.default_rng(number).choice(FILLER, 6)), "label": "oos"}
    source = _write(tmp_path / "rows.csv", rows)
    assert _train(source, tmp_path / "model").exit_code == 0
    out = _annotate(_write(tmp_path / "posts.jsonl", _posts(rows)), tmp_path / "out.parquet", tmp_path / "model")
    scores = [row["need_p"] for row in out]
    assert np.mean(scores[::5]) < 0.5 < np.mean([p for n, p in enumerate(scores) if n % 5])


def test_a_model_of_a_task_that_we_judge_takes_its_place(tmp_path: Path) -> None:
    source = _write(tmp_path / "rows.csv", _labelled(60))
    CliRunner().invoke(app, ["train", str(source), "-o", str(tmp_path / "model"), "--task", "intent"])
    posts = _write(tmp_path / "posts.jsonl", _posts([{"text": "waar is mijn pakket, bezorger"}, {"text": ""}]))
    rows = _annotate(posts, tmp_path / "out.parquet", tmp_path / "model")
    assert [row["intent"] for row in rows] == ["delivery", None]


def test_an_older_model_is_replaced_and_nothing_else(model: Path, tmp_path: Path) -> None:
    source = _write(tmp_path / "rows.csv", _labelled(60))
    target = tmp_path / "model"
    assert _train(source, target).exit_code == 0
    assert _train(source, target).exit_code == 0
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "thesis.txt").write_text("mine")
    result = _train(source, strange)
    assert (result.exit_code, (strange / "thesis.txt").read_text()) == (2, "mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "rows.csv", "strange"]


def _refused(tmp_path: Path, rows: list[dict[str, Any]], *words: str) -> str:
    """Return what is said when training is refused; nothing may be written."""
    source = _write(tmp_path / "rows.csv", rows)
    result = _train(source, tmp_path / "model", *words)
    assert result.exit_code == 2, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
    return " ".join(result.output.split())


def test_too_few_labels_are_said_with_how_many_more(tmp_path: Path) -> None:
    assert "Label 19 more" in _refused(tmp_path, _labelled(31))


def test_one_class_is_said(tmp_path: Path) -> None:
    assert "nothing to tell apart" in _refused(tmp_path, [{**row, "label": "x"} for row in _labelled(60)])


def test_an_empty_text_is_said_with_its_row_and_column(tmp_path: Path) -> None:
    rows = _labelled(60)
    rows[6]["text"] = " "
    assert "row 7 (line 8), column text: is empty" in _refused(tmp_path, rows)


def test_an_empty_label_is_said_with_its_row_and_column(tmp_path: Path) -> None:
    rows = _labelled(60)
    rows[6]["label"] = ""
    assert "row 7 (line 8), column label: is empty" in _refused(tmp_path, rows)


def test_a_missing_column_is_said_with_what_is_there(tmp_path: Path) -> None:
    rows = [{"text": row["text"], "labels": row["label"]} for row in _labelled(60)]
    assert "column label: is missing. Did you mean 'labels'? There are: text, labels" in _refused(tmp_path, rows)


def test_a_label_that_stands_alone_is_left_out_and_said(tmp_path: Path) -> None:
    rows = _labelled(60)
    rows[9]["label"] = "delivry"
    result = _train(_write(tmp_path / "rows.csv", rows), tmp_path / "model")
    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert "row 10: nothing else is labelled 'delivry', so it was left out. Did you mean 'delivery'?" in said


def test_labels_that_all_stand_alone_are_too_few(tmp_path: Path) -> None:
    rows = [{**row, "label": f"label {n}"} for n, row in enumerate(_labelled(60))]
    assert "60 with a label of their own were left out" in _refused(tmp_path, rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--task", "Need!"), "small letters"),
        (("--task", "need_p"), "small letters"),
        (("--sure", "90"), "a share between 0 and 1"),
        (("--unknown", "none"), "no text has that label"),
        (("--with-table", "nowhere"), "cannot be read"),
    ],
)
def test_a_wrong_option_is_said(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    assert said in _refused(tmp_path, _labelled(60), *words)


def test_an_accuracy_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    rows = [{**row, "label": str(generator.choice(["a", "b"]))} for row in _labelled(200)]
    assert "ask for less with --sure" in _refused(tmp_path, rows, "--sure", "0.99")


def test_a_broken_model_is_said_and_nothing_written(model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in model.iterdir():
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / "grams.npy").write_bytes(b"changed")
    source, target = _write(tmp_path / "posts.jsonl", _posts(_labelled(3))), tmp_path / "out.parquet"
    words = ["annotate", str(source), "-o", str(target), "--model"]
    for folder, said in ((broken, "SHA-256"), (tmp_path / "nowhere", "manifest.json"), (tmp_path, "manifest.json")):
        result = CliRunner().invoke(app, [*words, str(folder)])
        assert (result.exit_code, target.exists()) == (2, False)
        assert said in result.output
    result = CliRunner().invoke(app, [*words, str(model), "--model", str(model)])
    assert "both judge 'need'" in " ".join(result.output.split())
