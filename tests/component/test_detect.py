"""`gehoor detect`: counts in, scores out; strictly causal, and clear about what it cannot read."""

import csv
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.run.detect import detect

_START, _STEP_S = 1_776_000_000, 60


def _write(path: Path, values: list[object], header: str = "timestamp,value") -> Path:
    rows = [f"{_START + n * _STEP_S},{value}" for n, value in enumerate(values)]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def _counts() -> list[object]:
    rng = np.random.default_rng(3)
    counts = rng.poisson(5, 3 * 1_440)
    counts[4_000:4_010] += 100
    return [*counts.tolist()]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_burst_is_found_at_once_and_a_quiet_past_rings_no_alarm(tmp_path: Path) -> None:
    n_rows, n_alarms = detect(_write(tmp_path / "counts.csv", _counts()), tmp_path / "scores.csv")
    rows = _read(tmp_path / "scores.csv")
    alarms = [n for n, row in enumerate(rows) if row["alarm"] == "1"]
    assert (n_rows, len(rows), len(alarms)) == (4_320, 4_320, n_alarms)
    assert alarms[0] == 4_000
    assert max(alarms) < 4_012
    assert all(0 <= float(row["anomaly_score"]) <= 1 for row in rows)
    assert all((float(row["anomaly_score"]) >= 0.5) == (row["alarm"] == "1") for row in rows)
    assert list(rows[0]) == ["timestamp", "value", "anomaly_score", "alarm"]


@pytest.mark.parametrize("n", [1, 2, 1_000, 4_005])
def test_no_score_depends_on_a_later_row(tmp_path: Path, n: int) -> None:
    detect(_write(tmp_path / "whole.csv", _counts()), tmp_path / "whole_scores.csv")
    detect(_write(tmp_path / "part.csv", _counts()[:n]), tmp_path / "part_scores.csv")
    whole, part = _read(tmp_path / "whole_scores.csv"), _read(tmp_path / "part_scores.csv")
    assert part[1:] == whole[1:n]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column timestamp"),
        ("timestamp,value\n", "holds no row"),
        ("time,value\n1,2\n", "no column timestamp"),
        ("timestamp,count\n1,2\n", "no column value"),
        ("timestamp,value\nyesterday,2\n", "row 1, column timestamp"),
        ("timestamp,value\n1776000000,many\n", "row 1, column value"),
        ("timestamp,value\n1776000000,nan\n", "leave the row out"),
        ("timestamp,value\n1776000060,1\n1776000000,1\n", "row 2, column timestamp"),
        ("timestamp,value\n1776000000,1\n1776000000,1\n", "row 2, column timestamp"),
        ("timestamp,value\n1776000000,1\n1776000060,1\n1775996000,1\n", "row 3, column timestamp"),
        ("timestamp,value\n1776000000,1\n0001-13-01,1\n", "row 2, column timestamp"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line_and_leaves_no_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "counts.csv").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["detect", str(tmp_path / "counts.csv"), "-o", str(tmp_path / "scores.csv")])
    assert result.exit_code == 2
    assert words in result.stderr.replace("\n", " ")
    assert not (tmp_path / "scores.csv").exists()


def test_a_night_on_which_the_clock_goes_back_and_a_moment_that_comes_twice_are_read(tmp_path: Path) -> None:
    rows = [(_START + n * _STEP_S - (3_600 if n >= 600 else 0), 5 + n % 3) for n in range(1_000)]
    rows.insert(300, rows[300])
    text = "\n".join(["timestamp,value", *(f"{at},{value}" for at, value in rows)])
    (tmp_path / "counts.csv").write_text(text, encoding="utf-8")
    assert detect(tmp_path / "counts.csv", tmp_path / "scores.csv") == (1_001, 0)


@pytest.mark.parametrize("year", ["1970-01-01T00:0", "2099-12-31T23:0"])
def test_counts_of_any_year_are_read(tmp_path: Path, year: str) -> None:
    text = "\n".join(["timestamp,value", *(f"{year}{minute}:00Z,{minute}" for minute in range(9))])
    (tmp_path / "counts.csv").write_text(text, encoding="utf-8")
    assert detect(tmp_path / "counts.csv", tmp_path / "scores.csv")[0] == 9


def test_numbers_below_zero_are_read_and_a_fall_of_them_rings(tmp_path: Path) -> None:
    degrees = np.random.default_rng(3).normal(-4.0, 0.5, 1_000)
    degrees[800:] -= 15
    assert detect(_write(tmp_path / "degrees.csv", [*degrees.round(2).tolist()]), tmp_path / "scores.csv")[1] >= 1
    assert next(n for n, row in enumerate(_read(tmp_path / "scores.csv")) if row["alarm"] == "1") >= 800
