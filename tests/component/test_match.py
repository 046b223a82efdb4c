"""`gehoor match`: records in, persons out; what cannot be read stops it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.core.errors import SettingError
from gehoor.run.match import MatchReport, match

_HEAD = "id,voornaam,surname,geboortedatum,email,woonplaats"
_GIVEN = (
    "Anna",
    "Bram",
    "Carlijn",
    "Daan",
    "Eva",
    "Femke",
    "Gijs",
    "Hanna",
    "Iris",
    "Jasper",
    "Koen",
    "Lotte",
    "Milan",
    "Noor",
    "Olaf",
    "Pien",
    "Quinten",
    "Roos",
    "Sem",
    "Tess",
    "Vera",
    "Wout",
    "Yara",
    "Zoë",
)
_SUR = (
    "de Vries",
    "Jansen",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "Mulder",
    "Bos",
    "Vos",
    "Peters",
    "Dekker",
    "Kok",
    "Brouwer",
    "de Wit",
    "Dijkstra",
    "Smits",
    "de Graaf",
    "van Dam",
    "Jacobs",
    "Prins",
    "Blom",
    "Schouten",
)
_CITY = ("Utrecht", "Zwolle", "Breda", "Assen")


def _rows(people: int = 120) -> list[str]:
    """Return two records each of people: the second with an error here and there, its names sometimes exchanged."""
    rng = np.random.default_rng(3)
    rows = []
    for person in range(people):
        given, surname = str(rng.choice(_GIVEN)), str(rng.choice(_SUR))
        born = f"{rng.integers(1940, 2006)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"
        mail, city = f"{given}.{rng.integers(1_000, 9_999)}@acme.example".lower(), str(rng.choice(_CITY))
        rows.append(f"a{person},{given},{surname},{born},{mail},{city}")
        year, month, day = born.split("-")
        again = [given[:-1] if person % 4 == 0 else given, surname, f"{day}-{month}-{year}", mail.upper(), city]
        if person % 5 == 0:
            again[:2] = [surname, given]
        if person % 3 == 0:
            again[3] = ""
        rows.append(",".join([f"b{person}", *again]))
    return rows


def _match(tmp_path: Path, rows: list[str], header: str = _HEAD, **kinds: str) -> tuple[MatchReport, dict[str, str]]:
    source = tmp_path / "records.csv"
    source.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    report = match(source, tmp_path / "persons.csv", kinds)
    with (tmp_path / "persons.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert list(told[0]) == ["id", "person_id", "match_p"]
    assert all((row["match_p"] == "") == ([r["person_id"] for r in told].count(row["person_id"]) == 1) for row in told)
    return report, {row["id"]: row["person_id"] for row in told}


def test_two_records_of_a_person_are_found_and_strangers_kept_apart(tmp_path: Path) -> None:
    report, person = _match(tmp_path, _rows())
    right = sum(person[f"b{n}"] == f"a{n}" for n in range(120))
    assert right >= 117
    assert report.persons <= 123
    assert report.persons >= 117
    assert report.columns == {
        "voornaam": "given_name", "surname": "surname", "geboortedatum": "date_of_birth", "email": "mail",
        "woonplaats": "city",
    }  # fmt: skip


def test_columns_are_known_by_what_stands_in_them(tmp_path: Path) -> None:
    report, person = _match(tmp_path, _rows(), "id,w,x,k1,k2,k3", w="given_name", x="surname")
    assert list(report.columns.values()) == ["given_name", "surname", "date_of_birth", "mail", "text"]
    assert sum(person[f"b{n}"] == f"a{n}" for n in range(120)) >= 110


def test_order_of_the_records_changes_nothing(tmp_path: Path) -> None:
    rows = _rows(60)
    _, one = _match(tmp_path, rows)
    _, other = _match(tmp_path, rows[::-1])
    assert {frozenset(i for i in one if one[i] == one[j]) for j in one} == {
        frozenset(i for i in other if other[i] == other[j]) for j in other
    }


def test_command_says_what_it_found_and_gives_it_as_json(tmp_path: Path) -> None:
    source = tmp_path / "records.csv"
    source.write_text("\n".join([_HEAD, *_rows(60)]) + "\n", encoding="utf-8")
    command = ["match", str(source), "-o", str(tmp_path / "persons.csv"), "--column", "woonplaats=skip"]
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 0
    assert "120 records" in said.output
    assert "voornaam (given_name)" in said.output
    assert "Under 200 records" in said.output
    report = json.loads(CliRunner().invoke(app, [*command, "--json", "--min-p", "0.99"]).stdout)
    assert report["columns"]["woonplaats"] == "skip"


def test_single_record_is_one_person(tmp_path: Path) -> None:
    _, person = _match(tmp_path, ["1,Jan,Bos,1980-01-01,jan@acme.example,Ede", "2,Eva,Kok,1990-02-03,,Breda"])
    assert person == {"1": "1", "2": "2"}


@pytest.mark.parametrize(
    ("rows", "header", "kinds", "said"),
    [
        ([], _HEAD, {}, "holds no records"),
        (["Jan,Bos"], "name,surname", {}, "column id"),
        (["1,Jan", "1,Piet"], "id,name", {}, "row 2, column id: 1 stands in row 1 already"),
        ([",Jan"], "id,name", {}, "column id: it is empty"),
        (["1,a", "2,b"], "id,source", {}, "no column tells who it is"),
        (["1,Jan"], "id,name", {}, "it holds one record, and there is nothing to compare it with"),
        (["1,Jan,", "2,Jan,", "3,JAN,"], "id,name,mail", {}, "what stands in name, mail is the same everywhere"),
        (["1,Jan", "2,"], "id,name", {}, "what stands in name is the same everywhere"),
        (["1,,", "2, ,"], "id,name,mail", {}, "nothing stands in name, mail. Fill in"),
        (["1,a", "2,b"], "id,name", {"nam": "surname"}, "There is no column nam"),
        (["1,a", "2,b"], "id,name", {"name": "surnam"}, "cannot be 'surnam'"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    tmp_path: Path, rows: list[str], header: str, kinds: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingError, match=said):
        _match(tmp_path, rows, header, **kinds)
    assert not (tmp_path / "persons.csv").exists()


def test_wrong_arguments_are_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no probability"):
        match(tmp_path / "records.csv", tmp_path / "persons.csv", {}, 1.5)
    said = CliRunner().invoke(app, ["match", "x.csv", "-o", "y.csv", "--column", "name"])
    assert said.exit_code == 2
    assert "NAME=KIND" in said.output
