"""`gehoor value`: orders in, customers out; every oddity has its line, and what cannot be read stops it."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.core.errors import SettingError
from gehoor.know.checks import some_orders
from gehoor.run.value import COLUMNS, ValueReport
from gehoor.run.value import value as value_of_file

_START = np.datetime64("2026-01-01")
_UNTIL = "2026-10-28"  # day 300
_HEAD = "customer_id,date,amount"


def _rows(n: int = 150) -> list[str]:
    rng = np.random.default_rng(4)
    customer, day = some_orders(n)
    amounts = np.round(rng.gamma(4, 3 * rng.gamma(3, 1, n)[customer]) + 0.01, 2)
    return [f"c{who},{_START + when},{amount}" for who, when, amount in zip(customer, day, amounts, strict=True)]


def _write(path: Path, rows: list[str], header: str = _HEAD) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def _value(tmp_path: Path, rows: list[str], header: str = _HEAD) -> tuple[ValueReport, dict[str, dict[str, str]]]:
    report = value_of_file(_write(tmp_path / "orders.csv", rows, header), tmp_path / "value.csv", _UNTIL, 90)
    with (tmp_path / "value.csv").open(encoding="utf-8", newline="") as file:
        return report, {row["customer_id"]: row for row in csv.DictReader(file)}


def _notes(report: ValueReport) -> str:
    return "\n".join(report.notes)


def test_customers_come_with_what_was_promised_and_intervals_behind(tmp_path: Path) -> None:
    report, people = _value(tmp_path, _rows(600))
    assert list(people["c0"])[:4] == ["customer_id", "p_alive", "expected_purchases", "clv"]
    assert list(people["c0"]) == list(COLUMNS)
    assert (report.customers, len(people)) == (600, 600)
    for row in people.values():
        assert 0 <= float(row["p_alive_low"]) <= float(row["p_alive"]) <= float(row["p_alive_high"]) <= 1
        assert int(row["purchases_low"]) <= int(row["purchases_high"])
        assert 0 <= float(row["clv_low"]) <= float(row["clv"]) <= float(row["clv_high"])
    assert "left out" not in _notes(report)
    assert [one.name for one in report.judged][-1] == "recency"
    assert report.held_out_days == 90


def test_command_says_what_it_found_and_gives_it_as_json(tmp_path: Path) -> None:
    source = str(_write(tmp_path / "orders.csv", _rows()))
    words = ["value", source, "--until", _UNTIL, "--horizon-days", "90", "-o", str(tmp_path / "value.csv")]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0
    assert "150 customers" in said.stderr
    assert "recency" in said.stderr
    report: dict[str, Any] = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert report["customers"] == 150
    assert report["model"] in {one["name"] for one in report["judged"]}
    assert report["params"].keys() == report["errors"].keys()


def test_orders_in_the_future_are_left_out_and_change_nothing(tmp_path: Path) -> None:
    _, before = _value(tmp_path, _rows())
    report, people = _value(tmp_path, [*_rows(), "c1,2026-10-29,50", "new,2027-01-01,50"])
    assert people == before
    assert "2 rows later than --until: left out" in _notes(report)


def test_returns_are_no_orders_and_are_deducted(tmp_path: Path) -> None:
    report, people = _value(tmp_path, [*_rows(), "c1,2026-10-20,-10", "only,2026-10-20,-10"])
    _, before = _value(tmp_path, _rows())
    assert people["c1"]["n_orders"] == before["c1"]["n_orders"]
    assert float(people["c1"]["clv"]) < float(before["c1"]["clv"])
    assert "only" not in people
    assert "2 rows with a negative amount" in _notes(report)
    assert "1 customer with nothing but returns" in _notes(report)


def test_amounts_of_a_second_currency_are_left_out_and_their_orders_count(tmp_path: Path) -> None:
    rows = [f"{row},EUR" for row in _rows()]
    report, people = _value(tmp_path, [*rows, "c1,2026-10-20,900000,usd"], f"{_HEAD},currency")
    _, before = _value(tmp_path, rows, f"{_HEAD},currency")
    assert int(people["c1"]["n_orders"]) == int(before["c1"]["n_orders"]) + 1
    assert report.clv < 100_000
    assert "1 row in another currency (USD) than most (EUR)" in _notes(report)


def test_a_reseller_with_a_hundred_thousand_orders_moves_nobody_else(tmp_path: Path) -> None:
    _, before = _value(tmp_path, _rows())
    orders = [f"shop,{_START + n % 300 + 1},{n % 50 + 1}.5" for n in range(100_000)]
    report, people = _value(tmp_path, [*_rows(), *orders])
    assert "1 customer with more than 100 days with an order, such as resellers (shop)" in _notes(report)
    assert float(people["shop"]["expected_purchases"]) > 20
    assert all(
        float(people[name]["expected_purchases"]) == pytest.approx(float(row["expected_purchases"]), abs=2e-4)
        for name, row in before.items()
    )


@pytest.mark.parametrize("rows", [["a,2026-03-01,10"], ["a,2026-03-01,10", "b,2026-03-01,20", "a,2026-03-01,5"]])
def test_one_order_or_all_on_one_date_are_said_to_be_too_little(tmp_path: Path, rows: list[str]) -> None:
    report, people = _value(tmp_path, rows)
    assert "All orders are of one day" in _notes(report)
    assert "Too little to learn from" in _notes(report)
    assert "no model could be compared" in _notes(report)
    assert 0 < float(people["a"]["p_alive"]) < 1
    assert 0 < float(people["a"]["clv"]) < 100


def test_missing_ids_are_left_out_and_repeated_rows_are_said(tmp_path: Path) -> None:
    rows = _rows()
    report, people = _value(tmp_path, [*rows, rows[0], ",2026-05-05,10", "  ,2026-05-05,10"])
    assert len(people) == 150
    assert "2 rows without a customer_id: left out" in _notes(report)
    assert "1 row with the customer, day and amount of another" in _notes(report)


def test_a_file_that_ends_long_before_until_is_said(tmp_path: Path) -> None:
    report, _ = _value(tmp_path, [row for row in _rows() if row.split(",")[1] < "2026-06-01"])
    assert "before --until: those days count as silence" in _notes(report)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column customer_id"),
        (f"{_HEAD}\n", "holds no order"),
        ("customer,date,amount\n1,2026-01-01,2\n", "Did you mean 'customer'?"),
        (f"{_HEAD}\n1,2026-01-01,2\n2,01/02/2026,2\n", "row 2, column date"),
        (f"{_HEAD}\n1,,2\n", "row 1, column date"),
        (f"{_HEAD}\n1,2026-01-01,€ 2\n", "row 1, column amount"),
        (f"{_HEAD}\n1,2026-01-01,nan\n", "row 1, column amount"),
        (f"{_HEAD}\n1,2026-01-01,\n", "row 1, column amount"),
        (f"{_HEAD}\n1,2026-01-01,2\n1,2026-01-02,1e300\n", "row 2, column amount: '1e300' is more than"),
        (f"{_HEAD}\n1,2026-01-01,-2e15\n", "no order is worth that"),
        (f"{_HEAD}\n1,2026-01-01,2\n1,2026-01-01\n", "row 2: 2 cells, where the header has 3"),
        (f"{_HEAD}\n1,2027-01-01,2\n", "No order is left"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line_and_leaves_no_file(tmp_path: Path, text: str, words: str) -> None:
    source, output = tmp_path / "orders.csv", tmp_path / "value.csv"
    source.write_text(text, encoding="utf-8")
    options = ["--until", _UNTIL, "--horizon-days", "90", "-o", str(output)]
    result = CliRunner().invoke(app, ["value", str(source), *options])
    assert result.exit_code == 2
    assert words in result.stderr.replace("\n", " ")
    assert not output.exists()


@pytest.mark.parametrize(("until", "days", "words"), [("soon", 90, "--until"), (_UNTIL, 0, "--horizon-days")])
def test_wrong_options_are_named(tmp_path: Path, until: str, days: int, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        value_of_file(_write(tmp_path / "orders.csv", _rows(5)), tmp_path / "value.csv", until, days)


def test_text_that_is_not_utf_8_is_said(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(f"{_HEAD}\ncaf\xe9,2026-01-01,2\n".encode("latin-1"))
    with pytest.raises(SettingError, match="UTF-8"):
        value_of_file(tmp_path / "orders.csv", tmp_path / "value.csv", _UNTIL, 90)


def test_packed_files_other_delimiters_and_quoted_names_are_read(tmp_path: Path) -> None:
    text = 'date;amount;customer_id;note\n2026-01-05T10:00:00Z;2.50;"Jansen; P";"two\nlines"\n2026-02-05;3;0012;\n'
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(("\ufeff" + text).encode()))
    value_of_file(tmp_path / "orders.csv.gz", tmp_path / "value.csv", _UNTIL, 90)
    with (tmp_path / "value.csv").open(encoding="utf-8", newline="") as file:
        assert [row["customer_id"] for row in csv.DictReader(file)] == ["Jansen; P", "0012"]
