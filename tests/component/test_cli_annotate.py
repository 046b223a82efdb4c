"""File in, file out: whole and right, or one clear line and nothing."""

import csv
import gzip
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from gehoor.cli.verbs import app
from gehoor.core.page import RawPage
from gehoor.core.settings import Settings
from gehoor.run.stages import RowStages
from tests.component.commanding import Commanding

HEADER = "id,published,actor,text"
ANGRY = "Wat een slechte service van Noordvlucht! Mijn koffer is weg en niemand helpt mij."
POSTS: list[dict[str, Any]] = [
    {"id": "007", "published": "2026-04-14T12:00:00Z", "actor": "did:plc:critic", "text": ANGRY},
    {
        "id": "b",
        "published": "2026-04-14T14:01:00+02:00",
        "actor": None,
        "text": "What a lovely flight, thank you so much!",
    },
    {"id": "c", "published": 1_776_168_120, "actor": 42, "text": f"RT {ANGRY}"},
    {"id": "d", "published": "2026-04-14", "actor": "x", "text": ""},
]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    data = b"\n".join(msgspec.json.encode(row) for row in rows)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def _annotate(source: Path, target: Path, *words: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["annotate", str(source), "-o", str(target), *words])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = pq.read_table(target).to_pylist()
    return rows


def test_rows_come_out_in_their_order_with_their_own_ids(tmp_path: Path) -> None:
    rows = _annotate(_write(tmp_path / "posts.jsonl.gz", POSTS), tmp_path / "out.parquet", "--brand", "Noordvlucht")
    assert [row["id"] for row in rows] == ["007", "b", "c", "d"]
    assert [row["actor"] for row in rows] == ["did:plc:critic", None, "42", "x"]
    assert [row["published"].isoformat() for row in rows[:3]] == [f"2026-04-14T12:0{n}:00+00:00" for n in range(3)]
    assert [row["language"] for row in rows] == ["nl", "en", "nl", "und"]
    assert [row["sentiment"] for row in rows] == ["negative", "positive", "negative", "neutral"]
    assert [row["intent"] for row in rows] == ["complaint", "praise", "complaint", "other"]
    assert [row["brands"] for row in rows] == [["Noordvlucht"], [], ["Noordvlucht"], []]
    assert [row["duplicate_of"] for row in rows] == [None, None, "007", None]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_every_form_of_result_says_the_same(tmp_path: Path, suffix: str) -> None:
    source = _write(tmp_path / "posts.jsonl", POSTS)
    table = _annotate(source, tmp_path / "out.parquet")
    target = tmp_path / f"out{suffix}"
    Commanding(tmp_path).do("annotate", source, "-o", target)
    text = target.read_text(encoding="utf-8")
    rows = (
        list(csv.DictReader(text.splitlines()))
        if suffix == ".csv"
        else [msgspec.json.decode(x) for x in text.splitlines()]
    )
    assert [row["id"] for row in rows] == [row["id"] for row in table]
    assert [row["intent"] for row in rows] == [row["intent"] for row in table]
    assert [float(row["intent_p"]) for row in rows] == pytest.approx([row["intent_p"] for row in table], abs=1e-4)
    assert [row["duplicate_of"] or None for row in rows] == [row["duplicate_of"] for row in table]


def test_a_result_does_not_depend_on_how_the_rows_are_cut(tmp_path: Path) -> None:
    many = [{**POSTS[n % 3], "id": str(n), "text": f"{POSTS[n % 3]['text']} {n // 900}"} for n in range(4_500)]
    rows = _annotate(_write(tmp_path / "posts.jsonl", many), tmp_path / "out.parquet")
    payload = b"\n".join(msgspec.json.encode({"id": row["id"], "text": row["text"]}) for row in many)
    page = RawPage(source="s", decoder="plain", payload=payload, received=0)
    batch = RowStages(Settings()).run([page]).batch
    assert [row["sentiment"] for row in rows] == batch.column("sentiment").to_pylist()
    assert rows[4_499]["duplicate_of"] in {row["id"] for row in rows[:4_499]}


def test_a_table_may_have_its_columns_anywhere_and_break_lines_in_quotes(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text('\ufeffactor;text;note;published;id\r\njan;"Hoi\ndaar; jij";x;2026-04-14;1\r\n', encoding="utf-8")
    row = _annotate(file, tmp_path / "out.parquet")[0]
    assert (row["id"], row["actor"], row["text"]) == ("1", "jan", "Hoi\ndaar; jij")


def test_brands_come_from_a_workspace_where_one_is_given(tmp_path: Path) -> None:
    Commanding(tmp_path / "w").do("init", tmp_path / "w", "--brand", "Noordvlucht")
    rows = _annotate(_write(tmp_path / "p.jsonl", POSTS), tmp_path / "out.parquet", "-w", str(tmp_path / "w"))
    assert rows[0]["brands"] == ["noordvlucht"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no posts"),
        (f"{HEADER}\n", "holds no posts"),
        ("id,published,actor,tekst\n1,2026-01-01,a,b\n", "column text: is missing. Did you mean 'tekst'?"),
        (f"{HEADER}\n1,2026-01-01,a,b\n2,gisteren,a,b\n", "row 2 (line 3), column published: 'gisteren' is not a date"),
        (f"{HEADER}\n1,,a,b\n", "row 1 (line 2), column published: is empty"),
        (f"{HEADER}\n,2026-01-01,a,b\n", "row 1 (line 2), column id: is empty"),
        (f"{HEADER}\n9.2E+17,2026-01-01,a,b\n", "was rounded by a spreadsheet"),
        (f"{HEADER},likes\n1,2026-01-01,a,b,veel\n", "row 1 (line 2), column likes: is 'veel' and must be a number"),
        (f"{HEADER}\n1,2026-01-01,a\n", "row 1 (line 2): 3 cells, where the header has 4"),
        (f'{HEADER}\n1,2026-01-01,a,"b\n', "row 1 (line 2): no row of a table"),
        (f"{HEADER}\n1,2026-01-01,a,caf\udce9\n", "row 1 (line 2): not UTF-8"),
        (f"{HEADER},text\n1,2026-01-01,a,b,c\n", "two columns are named 'text'"),
    ],
)
def test_a_wrong_table_gives_one_clear_line_and_no_result(tmp_path: Path, content: str, said: str) -> None:
    _check_refused(tmp_path, tmp_path / "posts.csv", content.encode(errors="surrogateescape"), said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n\n", "holds no posts"),
        (b'{"id": 1, "published": "2026-01-01", "actor": "a"}', "row 1 (line 1), column text: is missing"),
        (
            b'{"id": 1, "published": "2026-01-01", "actor": "a", "text": "b"}\n{"id": 2,',
            "row 2 (line 2): the JSON breaks off",
        ),
        (b'{"id": 1, "published": true, "actor": "a", "text": "b"}', "column published: True is not a date"),
        (
            b'{"id": 1, "published": "2026-01-01", "actor": "a", "text": ["b"]}',
            "column text: is a list and must be a text",
        ),
        (b'{"id": {}, "published": "2026-01-01", "actor": "a", "text": "b"}', "column id: is an object"),
        (b'["id"]', "this is no JSON object"),
        (b"\x1f\x8bnot packed", "broken .gz file"),
    ],
)
def test_wrong_lines_give_one_clear_line_and_no_result(tmp_path: Path, content: bytes, said: str) -> None:
    _check_refused(tmp_path, tmp_path / "posts.jsonl", content, said)


def _check_refused(folder: Path, file: Path, content: bytes, said: str) -> None:
    """Check that the old result stays as it was, and that nothing half-written lies beside it."""
    file.write_bytes(content)
    old = folder / "out.parquet"
    old.write_bytes(b"old")
    stderr = Commanding(folder).do("annotate", file, "-o", old, code=2).stderr
    assert said in stderr
    assert str(file) in stderr
    assert stderr.count("\n") == 1
    assert old.read_bytes() == b"old"
    assert sorted(path.name for path in folder.iterdir()) == sorted([file.name, "out.parquet"])


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("nowhere.jsonl", "out.csv", "No such file"),
        ("posts.jsonl", "out.xlsx", ".parquet, .csv, .jsonl"),
        ("posts.jsonl", "nowhere/out.csv", "a folder that exists"),
        ("posts.jsonl", "posts.jsonl", "is the file that is read"),
        ("posts.txt", "out.csv", "must end in .jsonl or .csv"),
    ],
)
def test_wrong_names_of_files_are_said(tmp_path: Path, source: str, target: str, said: str) -> None:
    posts = _write(tmp_path / "posts.jsonl", POSTS)
    before = posts.read_bytes()
    assert said in Commanding(tmp_path).do("annotate", tmp_path / source, "-o", tmp_path / target, code=2).stderr
    assert posts.read_bytes() == before


def test_real_posts_come_through_whole(shared: Path, tmp_path: Path) -> None:
    with gzip.open(shared / "data/webcare/twcs_inbound_requests.csv.gz", "rt", encoding="utf-8", newline="") as file:
        given = list(islice(csv.reader(file), 2_001))
    source = tmp_path / "posts.csv"
    with source.open("w", encoding="utf-8", newline="") as copy:
        csv.writer(copy).writerows(given)
    rows = _annotate(source, tmp_path / "out.parquet")
    at = {name: number for number, name in enumerate(given[0])}
    assert [row["id"] for row in rows] == [row[at["id"]] for row in given[1:]]
    assert [row["text"] or "" for row in rows] == [row[at["text"]] for row in given[1:]]
    assert sum(row["language"] == "en" for row in rows) > 1_500
    assert not [row for row in rows if row["sentiment"] not in {"negative", "neutral", "positive"}]
