"""`gehoor value --contracts`: contracts in, those that will end out; the chances that were put in are found."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.core.errors import SettingError
from gehoor.run.contracts import MONTH_DAYS, ContractReport, contract_value

_START, _UNTIL = np.datetime64("2024-01-01"), "2026-09-30"
_LAST = int((np.datetime64(_UNTIL) - _START).astype(int))


def _chance(month: int, price: float) -> float:
    """Return how probable it is, in truth, that a contract ends in a month."""
    return float(expit(-3 - 0.05 * month + 0.8 * price))


def _lives(n: int = 3_000, seed: int = 5) -> list[tuple[str, int, int | None, float]]:
    """Return id, day of begin, day of end, and price of contracts that end by `_chance`."""
    rng = np.random.default_rng(seed)
    found: list[tuple[str, int, int | None, float]] = []
    for who in range(n):
        began, price = int(rng.integers(0, _LAST)), float(rng.normal())
        month = 0
        while month < 40 and rng.random() > _chance(month, price):  # nothing that is known lies later
            month += 1
        ended = began + month * MONTH_DAYS + int(rng.integers(0, MONTH_DAYS))
        found.append((f"c{who}", began, ended if ended <= _LAST else None, price))
    return found


def _write(tmp_path: Path, rows: list[str], header: str = "customer_id,began,ended,price,plan") -> Path:
    path = tmp_path / "contracts.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def _rows(lives: list[tuple[str, int, int | None, float]]) -> list[str]:
    return [
        f"{who},{_START + began},{'' if ended is None else _START + ended},{price:.4f},basic"
        for who, began, ended, price in lives
    ]


def _ends(tmp_path: Path, rows: list[str], days: int = 90) -> tuple[ContractReport, dict[str, dict[str, str]]]:
    report = contract_value(_write(tmp_path, rows), tmp_path / "ends.csv", _UNTIL, days)
    with (tmp_path / "ends.csv").open(encoding="utf-8", newline="") as file:
        return report, {row["customer_id"]: row for row in csv.DictReader(file)}


def test_the_chances_that_were_put_in_are_found_and_lie_in_their_intervals(tmp_path: Path) -> None:
    inside: list[bool] = []
    for seed in range(6):
        lives = _lives(seed=seed)
        report, found = _ends(tmp_path, _rows(lives))
        assert set(found) == {who for who, _, ended, _ in lives if ended is None}
        running = [(found[who], (_LAST + 1 - began) // MONTH_DAYS, price) for who, began, ended, price in lives
                   if ended is None]  # fmt: skip
        true = [1 - np.prod([1 - _chance(month + ahead, price) for ahead in range(3)]) for _, month, price in running]
        said, low, high = (
            [float(row[name]) for row, *_ in running] for name in ("p_ends", "p_ends_low", "p_ends_high")
        )
        assert np.corrcoef(true, said)[0, 1] > 0.98
        assert np.mean(said) == pytest.approx(np.mean(true), rel=0.1)
        inside += [bool(below <= chance <= above) for below, chance, above in zip(low, true, high, strict=True)]
    assert 0.75 < np.mean(inside) < 0.99  # nine in ten; six samples, in which all contracts err together
    assert report.traits == ["price"]
    assert any("plan" in note for note in report.notes)


def test_what_it_would_have_foretold_of_the_last_months_stands_beside_what_came(tmp_path: Path) -> None:
    report, _ = _ends(tmp_path, _rows(_lives()))
    assert report.held_out_expected == pytest.approx(report.held_out_ended, rel=0.25)
    assert report.expected_ends == pytest.approx(report.held_out_expected, rel=0.5)


def test_too_few_that_ended_give_the_average_and_say_so(tmp_path: Path) -> None:
    rows = [f"c{who},2026-01-01,{'2026-04-01' if who < 5 else ''},1,a" for who in range(100)]
    report, found = _ends(tmp_path, rows)
    assert any("every contract is given the average" in note for note in report.notes)
    assert {row["p_ends_usual"] for row in found.values()} == {next(iter(found.values()))["p_ends_usual"]}
    assert report.held_out_expected is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("c1,2026-03-01,2026-02-01,1,a", "column ended: it ended before it began"),
        ("c1,,2026-02-01,1,a", "column began: it is empty"),
        ("c1,2026-03-01,morgen,1,a", "row 1 .line 2., column ended"),
        ("c1,2027-03-01,,1,a", "no contract had begun"),
        ("c1,2026-09-20,,1,a", "nothing to learn from"),
    ],
)
def test_what_cannot_be_read_stops_it_and_nothing_is_written(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        _ends(tmp_path, [row])
    assert not (tmp_path / "ends.csv").exists()


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    rows = [*_rows(_lives(300)), ",2026-01-01,,1,a", "later,2027-01-01,,1,a"]
    report, found = _ends(tmp_path, rows)
    assert "later" not in found
    assert "Rows left out: 1 without a customer_id." in report.notes
    assert "Rows left out: 1 beginning after --until, which is the future." in report.notes


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    source = _write(tmp_path, _rows(_lives(600)))
    asked = ["value", str(source), "--contracts", "--until", _UNTIL, "--horizon-days", "100", "-o",
             str(tmp_path / "ends.jsonl")]  # fmt: skip
    plain = CliRunner().invoke(app, asked)
    assert plain.exit_code == 0, plain.output
    assert "100 days are counted as 3 months of 30 days" in plain.output
    told = CliRunner().invoke(app, [*asked, "--json"])
    assert json.loads(told.stdout)["months"] == 3
