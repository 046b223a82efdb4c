"""`gehoor switching`: purchases in, probabilities out; what cannot be read stops it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.core.errors import SettingError
from gehoor.run.switching import SwitchingReport, switching

_HEAD = "customer_id,n,brand"
_BRANDS = ("acme", "bolt", "coil")


def _rows(people: int = 80) -> list[str]:
    rng = np.random.default_rng(4)
    rows = []
    for person, taste in enumerate(rng.dirichlet([0.6, 0.4, 0.2], people)):
        rows += [f"c{person},{n + 1},{_BRANDS[brand]}" for n, brand in enumerate(rng.choice(3, 6, p=taste))]
    return rows


def _switching(tmp_path: Path, rows: list[str], header: str = _HEAD) -> tuple[SwitchingReport, list[dict[str, str]]]:
    source = tmp_path / "purchases.csv"
    source.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    report = switching(source, tmp_path / "next.csv")
    with (tmp_path / "next.csv").open(encoding="utf-8", newline="") as file:
        return report, list(csv.DictReader(file))


def test_each_purchase_comes_with_a_probability_a_brand(tmp_path: Path) -> None:
    report, told = _switching(tmp_path, _rows())
    assert list(told[0]) == ["customer_id", "n", *_BRANDS]
    assert [f"{row['customer_id']},{row['n']}" for row in told] == [row.rsplit(",", 1)[0] for row in _rows()]
    assert all(abs(sum(float(row[brand]) for brand in _BRANDS) - 1) < 1e-3 for row in told)
    assert (report.rows, report.customers, report.foretold) == (480, 80, 400)
    assert report.log_loss is not None
    assert report.popular_log_loss is not None
    assert report.log_loss < report.popular_log_loss
    assert set(report.market) == {
        "share", "penetration", "penetration_expected", "buying_rate", "buying_rate_expected", "sole_buyers",
        "sole_buyers_expected", "z",
    }  # fmt: skip


def test_purchases_of_a_customer_go_by_n_wherever_they_stand(tmp_path: Path) -> None:
    rows = _rows(20)
    _, in_order = _switching(tmp_path, rows)
    turned = [row for start in range(0, len(rows), 6) for row in reversed(rows[start : start + 6])]
    _, mixed = _switching(tmp_path, turned)
    key = "{customer_id},{n}".format_map
    assert {key(row): row for row in mixed} == {key(row): row for row in in_order}


def test_purchase_that_follows_changes_nothing_before_it(tmp_path: Path) -> None:
    rows = _rows(20)
    _, whole = _switching(tmp_path, rows)
    _, part = _switching(tmp_path, [*rows[:60], *(row.rsplit(",", 1)[0] + ",coil" for row in rows[60:])])
    assert whole[:61] == part[:61]


def test_command_says_what_it_found_and_gives_it_as_json(tmp_path: Path) -> None:
    source = tmp_path / "purchases.csv"
    source.write_text("\n".join([_HEAD, *_rows()]) + "\n", encoding="utf-8")
    command = ["switching", str(source), "-o", str(tmp_path / "next.csv")]
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 0
    assert "480 purchases, 80 customers, 3 brands" in said.output
    assert "most popular" in said.output
    report = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    assert report["brands"] == list(_BRANDS)
    assert len(report["flows"]["n"]) == 3


def test_single_purchases_have_nothing_to_judge_by(tmp_path: Path) -> None:
    report, told = _switching(tmp_path, ["a,1,acme", "b,1,bolt"])
    assert report.log_loss is None
    assert "too few" in " ".join(report.notes)
    assert len(told) == 2


def test_a_reseller_with_nearly_all_rows_is_named_and_moves_nobody_else(tmp_path: Path) -> None:
    rows = _rows()
    before, alone = _switching(tmp_path, rows)
    many = [f"shop,{n},{'coil' if n % 9 else 'acme'}" for n in range(1, 6_001)]
    report, told = _switching(tmp_path, [*many[:3_000], *rows, *many[3_000:]])
    assert (
        "1 customer with more than 120 purchases, such as resellers (shop): foretold from what they did, and left out "
        "of what is learned and of all figures here."
    ) in report.notes
    assert [row for row in told if row["customer_id"] != "shop"] == alone
    assert float(told[2_000]["coil"]) > 0.6
    assert (report.rows, report.customers, report.foretold) == (6_480, 81, before.foretold)
    assert (report.log_loss, report.market, report.flows) == (before.log_loss, before.market, before.flows)


def test_a_brand_that_only_a_reseller_buys_has_no_figures(tmp_path: Path) -> None:
    report, _ = _switching(tmp_path, [*_rows(), *(f"shop,{n},only" for n in range(1, 1_001))])
    assert report.brands == [*_BRANDS, "only"]
    assert report.market["share"][3] == report.market["z"][3] == 0
    assert [len(row) for row in report.duplication["share"]] == [4] * 4


def test_purchases_with_a_negative_n_are_taken_as_returns_and_said(tmp_path: Path) -> None:
    rows = _rows()
    before, alone = _switching(tmp_path, rows)
    report, told = _switching(tmp_path, [f"c0,-3,{_BRANDS[0]}", *rows, "c1,-1,bolt", "c1,-1,bolt"])
    assert "3 rows with a negative n: taken as returns, and left out: nothing was bought." in report.notes
    assert (told, report.rows, report.log_loss) == (alone, before.rows, before.log_loss)


def test_a_loss_of_nothing_is_no_less_than_nothing(tmp_path: Path) -> None:
    source = tmp_path / "purchases.csv"
    source.write_text("\n".join([_HEAD, *(f"c{n // 9},{n % 9},acme" for n in range(90))]) + "\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["switching", str(source), "-o", str(tmp_path / "next.csv")])
    assert "log-loss 0.000, right 100.0%" in said.output
    assert "-0.0" not in said.output


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        ([], _HEAD, "holds no purchases"),
        (["a,1"], "customer_id,n", "column brand"),
        (["a,one,acme"], _HEAD, r"row 1 \(line 2\), column n: 'one' is no whole number"),
        (["a,1,acme", "a,1,bolt"], _HEAD, "row 2, column n: customer a has a purchase 1 already, in row 1"),
        (
            ["a,-1,acme", "a,2,acme", "a,2,bolt"],
            _HEAD,
            "row 3, column n: customer a has a purchase 2 already, in row 2",
        ),
        (["a,1" + "0" * 30 + ",acme"], _HEAD, "column n: '10+' is no whole number of at most 18 digits"),
        (["a,-1,acme"], _HEAD, "every n is negative"),
        (["a,1,"], _HEAD, "column brand: it is empty"),
        ([",1,acme"], _HEAD, "column customer_id: it is empty"),
        (["a,1,n"], _HEAD, "rename that brand"),
        ([f"a,{n},b{n}" for n in range(1, 300)], _HEAD, "name the rest `other`"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    tmp_path: Path, rows: list[str], header: str, said: str
) -> None:
    with pytest.raises(SettingError, match=said):
        _switching(tmp_path, rows, header)
    assert not (tmp_path / "next.csv").exists()
