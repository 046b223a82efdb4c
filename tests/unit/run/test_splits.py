"""Cutting files changes nothing of what is read from them."""

import asyncio
import gzip
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gehoor.core import registry
from gehoor.core.clock import StillClock
from gehoor.core.page import RawPage
from gehoor.core.record import Activity
from gehoor.listen.file import FileOptions, FileSource
from gehoor.run.engine import Form, Split
from gehoor.run.splits import SplitReader, input_files, splits_of

N = 6_000


def lines() -> bytes:
    """Lines of every length, one of them too long, blank ones, broken ones, and none at the end."""
    many = [b'{"id": %d, "text": "%s"}' % (n, b"x" * (n * 7 % 900)) for n in range(N)]
    many[10], many[2_000], many[5_000] = b"", b"{broken", b'{"id": "long", "text": "' + b"y" * 1_500_000 + b'"}'
    return b"\n".join(many)


def table() -> bytes:
    """Rows with line breaks in quotes, and one whose quote never closes."""
    many = [b'%d,"%s\n%s"' % (n, b"x" * (n * 7 % 500), b"y, y" * (n % 90)) for n in range(N)]
    many[3_000] = b'3000,"never closed'
    return b"id,text\n" + b"\n".join(many) + b"\n"


def pages_of(split: Split) -> list[RawPage]:
    with closing(SplitReader(split, Form())) as reader:
        return list(iter(reader.next_page, None))


def whole(path: Path) -> list[RawPage]:
    async def collect() -> list[RawPage]:
        return [page async for page in FileSource(path.name, FileOptions(path=path), StillClock(0)).read(None)]

    return asyncio.run(collect())


def read(pages: list[RawPage]) -> tuple[list[Activity], list[tuple[int, str]]]:
    found = [registry.load("decoders", page.decoder)().decode(page) for page in pages]
    rejects = [(reject.position, reject.reason) for one in found for reject in one.rejects]
    return [activity for one in found for activity in one.activities], rejects


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet", "a.jsonl.gz", "utf16.csv"])
def test_splits_together_are_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(
            pa.table({"id": range(N), "text": ["x" * (n % 90) for n in range(N)]}), path, row_group_size=1_900
        )
    else:
        data = table().decode().encode("utf-16") if name == "utf16.csv" else table() if "csv" in name else lines()
        path.write_bytes(gzip.compress(data, 1) if name.endswith(".gz") else data)
    files, _ = input_files(path, Form())
    splits = list(splits_of(files, Form(), n_bytes=1))
    assert (len(splits) > 2) is (name in {"a.jsonl", "a.csv", "a.parquet"})
    assert [split.number for split in splits] == list(range(len(splits)))
    activities, rejects = read([page for split in splits for page in pages_of(split)])
    for_certain, refused = read(whole(path))
    moment = splits[0].moment
    assert {activity.received for activity in activities} == {moment}
    assert [(a.id, a.text) for a in activities] == [(a.id, a.text) for a in for_certain]
    assert rejects == refused
    assert len(activities) > N - 10


def test_a_short_file_is_one_split(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"id": 1, "text": "Hoi"}\n' * 9)
    files, _ = input_files(tmp_path, Form())
    assert [(split.start, split.end) for split in splits_of(files, Form())] == [(0, None)]
