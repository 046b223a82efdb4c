"""An archive in, Parquet out: whole, in order, the same however it is cut, or nothing."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from gehoor.core.errors import SettingError, StoreError
from gehoor.core.history import part_range
from gehoor.core.page import RawPage
from gehoor.core.record import LEDGER
from gehoor.core.settings import Brand, Settings
from gehoor.run.analyse import Analysis, analyse
from gehoor.run.analyse_local import LocalEngine
from gehoor.run.engine import Form
from gehoor.run.result_folder import ResultFolder
from gehoor.run.stages import RowStages
from tests.component.analysing import HereEngine, make_archive, post, rejects_of, rows_of
from tests.component.commanding import Commanding

ANGRY = "Wat een slechte service van Noordvlucht! Mijn koffer is weg en niemand helpt mij."
KIND = "What a lovely flight, thank you so much!"


def here(source: Path, target: Path, **given: Any) -> Analysis:
    return analyse(source, target, HereEngine(), **given)


def write(folder: Path, **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("analyse") / "in", n_files=4, n_posts=400)


@pytest.fixture(scope="module")
def analysed(archive: Path) -> Path:
    here(archive, archive.parent / "here")
    return archive.parent / "here"


def test_processes_give_the_same_rows_and_rejects(archive: Path, analysed: Path, tmp_path: Path) -> None:
    done = analyse(archive, tmp_path / "out", LocalEngine(2))
    assert rows_of(tmp_path / "out").equals(rows_of(analysed))
    assert rejects_of(tmp_path / "out") == rejects_of(analysed)
    assert (done.files, done.rows, done.rejects) == (5, 1_601, 1)


def test_rows_are_judged_as_the_stream_judges_them(archive: Path, analysed: Path) -> None:
    payload = (archive / "posts-00.jsonl").read_bytes()
    batch = RowStages(Settings()).run([RawPage(source="s", decoder="plain", payload=payload, received=0)]).batch
    rows = rows_of(analysed).slice(0, batch.num_rows)
    how_heard = {"seq", "received", "heard_by", "event_at", "is_backfill", "duplicate_of"}
    for name in [name for name in LEDGER.names if name in batch.schema.names and name not in how_heard]:
        assert rows.column(name).combine_chunks().equals(batch.column(name)), name


def test_rows_are_numbered_in_the_order_of_files_and_lines(archive: Path, analysed: Path) -> None:
    rows = rows_of(analysed)
    assert rows.schema.equals(LEDGER)
    assert rows.column("seq").to_pylist() == list(range(1, 1_602))
    names = rows.column("heard_by").to_pylist()
    assert names == sorted(names)
    lines = gzip.decompress((archive / "posts-02.jsonl.gz").read_bytes()).splitlines()
    ids = [msgspec.json.decode(line)["id"] for line in lines]
    assert rows.filter(pa.compute.equal(rows.column("heard_by"), "posts-02.jsonl.gz")).column("id").to_pylist() == ids


def test_a_copy_in_another_file_leads_to_the_first(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, ANGRY) + post(2, KIND), b__jsonl=post(3, f"RT {ANGRY}"))
    done = here(source, tmp_path / "out")
    assert rows_of(tmp_path / "out").column("duplicate_of").to_pylist() == [None, None, 1]
    assert done.duplicates == 1


def test_a_post_counts_as_heard_when_it_was_said(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, KIND) + post(2, ANGRY, published=None))
    os.utime(source / "a.jsonl", (1_700_000_000, 1_700_000_000))
    here(source, tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [moment.date() for moment in rows.column("event_at").to_pylist()] == [date(2026, 4, 15), date(2023, 11, 14)]
    assert rows.column("received").equals(rows.column("event_at"))
    assert rows.column("is_backfill").to_pylist() == [False, False]
    assert {path.name for path in (tmp_path / "out").glob("date=*")} == {"date=2026-04-15", "date=2023-11-14"}


def test_a_part_is_of_one_day_and_named_by_its_rows(analysed: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=b"".join(post(n, KIND) for n in range(7)))
    here(source, tmp_path / "out")
    for part in (tmp_path / "out").glob("date=*/part-*.parquet"):
        seqs = pq.read_table(part, partitioning=None).column("seq").to_pylist()
        assert part_range(part) == (seqs[0], seqs[-1])
    assert ds.dataset(tmp_path / "out", partitioning="hive").count_rows() == 7


def test_every_form_of_file_in_a_folder_is_read(tmp_path: Path) -> None:
    response = msgspec.json.encode({"data": [{"id": "9", "text": KIND, "author_id": "4"}], "meta": {}})
    header = b"tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
    support = header + b'1,115712,True,Tue Oct 31 22:10:47 +0000 2017,"@x, ""no"" signal\nat all",,\n'
    source = write(
        tmp_path / "in", a__jsonl=post(1, KIND), b__csv=support, c__json=response, e__tsv=b"text\tid\nHoi\t5\n"
    )
    write(source / "deep", d__jsonl__gz=gzip.compress(post(4, ANGRY)), leeg__csv=b"")
    write(source, README__md=b"no posts", _SUCCESS=b"", **{".hidden__jsonl": b"x"})
    pq.write_table(pa.table({"id": [7, 8], "text": [KIND, None]}), source / "f.parquet")
    done = here(source, tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert rows.column("id").to_pylist() == ["1", "1", "9", "4", "5", "7", "8"]
    assert rows.column("text")[1].as_py() == '@x, "no" signal\nat all'
    assert rows.column("channel").to_pylist()[1:3] == ["twitter", "twitter"]
    assert (done.rejects, done.left_aside) == (0, ["README.md"])


def test_what_cannot_be_read_stands_beside_with_its_place(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, KIND) + b"{broken\n" + post(2, KIND))
    done = here(source, tmp_path / "out")
    reject = rejects_of(tmp_path / "out")[0]
    assert (reject["file"], reject["position"], reject["raw"]) == ("a.jsonl", 2, b"{broken")
    assert "line 2" in reject["reason"]
    assert (done.rows, done.rejects) == (2, 1)


def test_a_file_that_breaks_off_costs_what_is_behind_the_break(tmp_path: Path) -> None:
    lines = b"".join(post(n, f"{KIND} {n * 7919}") for n in range(9_000))
    source = write(tmp_path / "in", a__jsonl__gz=gzip.compress(lines)[:-500], b__jsonl=post(1, ANGRY))
    here(source, tmp_path / "out")
    rows = rows_of(tmp_path / "out").column("heard_by").to_pylist()
    assert rows.count("a.jsonl.gz") > 1_000
    assert rows[-1] == "b.jsonl"
    assert [(reject["stage"], reject["file"]) for reject in rejects_of(tmp_path / "out")] == [("read", "a.jsonl.gz")]


def test_brands_columns_and_encoding_are_taken_from_what_is_asked(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__csv="nr;zin\n1;Noordvlucht is café\n".encode("cp1252"))
    form = Form(encoding="cp1252", columns={"text": "zin", "id": "nr"})
    here(source, tmp_path / "out", form=form, settings=Settings(brands={"nv": Brand(terms=("noordvlucht",))}))
    row = rows_of(tmp_path / "out").to_pylist()[0]
    assert (row["id"], row["text"], row["brands"]) == ("1", "Noordvlucht is café", ["nv"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no posts"),
        ({"a__md": b"x"}, "only a.md and the like"),
        ({"a__csv": b""}, "holds no posts"),
        ({"a__csv": b"id,text\n"}, "holds no posts"),
        ({"a__csv": b"een,twee\n1,2\n"}, "no column holds a text"),
        ({"a__jsonl": b"\x00\x01\x02"}, "this is no text"),
        ({"a__parquet": b"PAR1 but no more"}, "no whole Parquet file"),
        ({"a__jsonl__gz": b"\x1f\x8b and no more"}, "it is damaged"),
    ],
)
def test_what_cannot_be_analysed_is_said_and_nothing_is_written(
    tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    with pytest.raises(SettingError, match=said):
        here(write(tmp_path / "in", **files), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda out: write(out, my__txt=b"mine"), r"not empty \(my.txt is in it\)"),
        (lambda out: write(out / "date=2026-01-01", x__parquet=b""), "not empty"),
        (lambda out: out.write_bytes(b"mine"), "is a file"),
    ],
)
def test_a_folder_with_something_else_in_it_is_left_alone(
    tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, KIND))
    (tmp_path / "out").mkdir()
    if said == "is a file":
        (tmp_path / "out").rmdir()
    spoil(tmp_path / "out")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SettingError, match=said):
        here(source, tmp_path / "out")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_result_within_what_is_read_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, KIND))
    with pytest.raises(SettingError, match="lies in what is read"):
        here(source, source / "out")


def test_two_cannot_write_to_one_folder(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, KIND))
    with (
        ResultFolder(tmp_path / "out", source),
        pytest.raises(SettingError, match="another analysis"),
    ):
        here(source, tmp_path / "out")


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(StoreError, match="The disk is full"), ResultFolder(tmp_path / "out", tmp_path / "in"):
        raise OSError(28, "No space left on device")
    assert not any((tmp_path / "out").iterdir())


def test_a_file_that_is_written_to_meanwhile_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, KIND), b__jsonl=post(2, KIND))

    class Growing(HereEngine):
        """Something goes on writing."""

        def run(self, job: Any, splits: Any) -> Any:
            found = list(splits)
            (source / "b.jsonl").write_bytes(post(2, KIND) + post(3, KIND))
            return super().run(job, found)

    with pytest.raises(SettingError, match="written to while it was analysed"):
        analyse(source, tmp_path / "out", Growing())
    assert not (tmp_path / "out").exists()


def test_after_a_kill_it_can_be_run_again(archive: Path, analysed: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    command = [sys.executable, "-m", "gehoor", "analyse", str(archive), "-o", str(target), "--processes", "1"]
    process = subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + 60
    while not any(target.glob(".analysis/staged/*.arrow")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not any(target.glob("date=*"))
    here(archive, target)
    assert rows_of(target).equals(rows_of(analysed))
    assert not (target / ".analysis").exists()


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    source = write(tmp_path / "in", a__jsonl=post(1, KIND) + b"x\n", notes__md=b"")
    shell = Commanding(tmp_path)
    result = shell.do("analyse", source, "-o", tmp_path / "out", "--processes", 1, "--brand", "acme")
    assert "1 rows from 1 file, 0 of them near duplicates" in result.stderr
    assert "1 could not be read" in result.stderr
    assert "Left aside: notes.md." in result.stderr
    assert "--engine spark" in shell.do("analyse", source, "-o", tmp_path / "b", "--master", "local", code=2).stderr
    assert "not empty" in shell.do("analyse", source, "-o", tmp_path / "out", code=2).stderr
