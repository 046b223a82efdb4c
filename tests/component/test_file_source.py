"""The file source on real files: every row arrives or is refused with its reason, and reading on loses nothing."""

import asyncio
import csv
import gzip
import io
import json
import os
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from gehoor.core import registry
from gehoor.core.clock import StillClock
from gehoor.core.errors import SettingError
from gehoor.core.page import RawPage, Reject
from gehoor.core.record import Activity
from gehoor.listen.file import FileOptions, FileSource

WAIT_S = 60.0


def source_of(path: Path, **options: Any) -> FileSource:
    return FileSource("file", FileOptions(path=path, **options), StillClock(1_700_000_000_000_000))


def pages_of(path: Path, cursor: bytes | None = None, **options: Any) -> list[RawPage]:
    async def collect() -> list[RawPage]:
        return [page async for page in source_of(path, **options).read(cursor)]

    return asyncio.run(collect())


def decoded(pages: Iterable[RawPage]) -> tuple[list[Activity], list[Reject]]:
    found = [registry.load("decoders", page.decoder)().decode(page) for page in pages]
    return [a for one in found for a in one.activities], [r for one in found for r in one.rejects]


def read(path: Path, **options: Any) -> tuple[list[Activity], list[Reject]]:
    return decoded(pages_of(path, **options))


def line(n: int, text: str = "Hoi") -> str:
    return json.dumps({"id": str(n), "published": "2026-11-22T10:00:00Z", "actor": "a", "text": text}) + "\n"


def write_lines(path: Path, numbers: Iterable[int], text: str = "Hoi") -> Path:
    path.write_text("".join(line(n, text) for n in numbers))
    return path


def ids(activities: Iterable[Activity]) -> list[int]:
    return [int(activity.id) for activity in activities]


@pytest.mark.parametrize("name", ["twcs_inbound_requests", "twcs_threads"])
def test_every_row_of_real_webcare_becomes_an_activity_or_a_reject(shared: Path, name: str) -> None:
    path = shared / "data" / "webcare" / f"{name}.csv.gz"
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    activities, rejects = read(path)
    assert not rejects
    assert [a.id for a in activities] == [row["id"] for row in rows]
    assert [a.text for a in activities] == [row["text"] for row in rows]
    assert [a.in_reply_to or "" for a in activities] == [row["in_reply_to"].removesuffix(".0") for row in rows]
    assert [a.direction for a in activities] == ["in" if row["inbound"] == "1" else "out" for row in rows]
    assert {a.channel for a in activities} == {"twitter"}


@pytest.mark.parametrize("name", ["lines.jsonl", "lines.jsonl.gz", "table.csv", "responses.jsonl"])
def test_reading_on_from_any_page_gives_the_rest(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    n = 9_000
    if name.startswith("lines"):
        text = "".join(line(i, "x" * (i % 700)) for i in range(n))
    elif name.startswith("table"):
        out = io.StringIO()
        csv.writer(out).writerows(
            [["id", "text"], *([i, f'regel "een"\nregel {i}' if i % 3 else "x" * 90] for i in range(n))]
        )
        text = out.getvalue()
    else:
        chunks = [range(i, i + 100) for i in range(0, n, 100)]
        text = "".join(json.dumps({"data": [{"id": str(i), "text": "x" * 99} for i in c]}) + "\n" for c in chunks)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    pages = pages_of(path)
    assert len(pages) > 1
    whole, rejects = decoded(pages)
    assert ids(whole) == list(range(n)) and not rejects
    done = 0
    for page in pages:
        done += len(decoded([page])[0])
        assert ids(decoded(pages_of(path, page.cursor))[0]) == list(range(done, n))


def test_pages_are_bounded_in_bytes_and_lines(tmp_path: Path) -> None:
    short = pages_of(write_lines(tmp_path / "short.jsonl", range(30_000), ""))
    long = pages_of(write_lines(tmp_path / "long.jsonl", range(3_000), "x" * 5_000))
    assert max(page.payload.count(b"\n") for page in short) <= 4_200
    assert max(len(page.payload) for page in [*short, *long]) <= 2 << 20


def test_position_is_the_line_number(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(line(1) + "\n{broken\n" + line(4))
    activities, rejects = read(path)
    assert ids(activities) == [1, 4]
    assert [(r.position, r.raw) for r in rejects] == [(3, b"{broken")]
    assert rejects[0].reason.startswith("line 3: the JSON is broken at column 2")


def test_line_of_50_megabytes_is_refused_and_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "huge.jsonl"
    with path.open("w") as file:
        file.write(line(1))
        file.write('{"id": "2", "text": "')
        for _ in range(50):
            file.write("x" * 1_000_000)
        file.write('"}\n' + line(3))
    tracemalloc.start()
    activities, rejects = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(activities) == [1, 3]
    assert rejects[0].position == 2
    assert "50,000,024 bytes" in rejects[0].reason
    assert len(rejects[0].raw) == 65_536
    assert peak < 12_000_000


def test_unclosed_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    rows = "".join(f"{i},tekst {i},x\n" for i in range(2, 60_000))
    path.write_text('id,text,extra\n1,"zonder einde,x\n' + rows)
    activities, rejects = read(path)
    assert ids(activities) == list(range(2, 60_000))
    assert len(rejects) == 1 and "quote" in rejects[0].reason


def test_cut_off_gzip_gives_what_is_whole_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    rng = range(20_000)
    packed = gzip.compress("".join(line(i, os.urandom(50).hex()) for i in rng).encode())
    path.write_bytes(packed[: len(packed) // 2])

    async def collect() -> list[RawPage]:
        pages = []
        with pytest.raises(SettingError, match=r"breaks off after .* What was read counts"):
            async for page in source_of(path).read(None):
                pages.append(page)
        return pages

    found = ids(decoded(asyncio.run(collect()))[0])
    assert found == list(range(len(found))) and len(found) > 5_000


def test_gzip_of_several_members_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "many.gz"
    path.write_bytes(b"".join(gzip.compress(line(i).encode()) for i in range(5)))
    assert ids(read(path)[0]) == [0, 1, 2, 3, 4]


def test_lines_in_cp1252_are_refused_until_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(line(1).encode() + '{"id": "2", "text": "caf\u00e9 \u20ac 3"}\n'.encode("cp1252"))
    activities, rejects = read(path)
    assert ids(activities) == [1]
    assert "not UTF-8 (byte 0xe9 at column 25)" in rejects[0].reason and "encoding" in rejects[0].reason
    assert read(path, encoding="cp1252")[0][1].text == "caf\u00e9 \u20ac 3"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_marked_encodings_are_recognised(tmp_path: Path, encoding: str, suffix: str) -> None:
    path = tmp_path / f"m.{suffix}"
    text = "id;text\r\n1;café 🤨\r\n" if suffix == "csv" else '{"id": 1, "text": "café 🤨"}\n'
    path.write_bytes(text.encode(encoding))
    activities, rejects = read(path)
    assert not rejects
    assert (activities[0].id, activities[0].text) == ("1", "café 🤨")


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    import datetime as dt

    import pyarrow as pa
    from pyarrow import parquet

    moment = dt.datetime(2026, 11, 22, 10, 0, 0, 123456)  # noqa: DTZ001 (Parquet knows moments without a zone)
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "created_at": pa.array([moment] * 3, pa.timestamp("us")),
            "text": ['met "aanhaling"\nen regel', "", None],
            "tags": [["a", "b"], [], None],
            "score": [0.5, None, 1.0],
        }
    )
    path = tmp_path / "p.parquet"
    parquet.write_table(table, path, row_group_size=2)
    pages = pages_of(path)
    activities, rejects = decoded(pages)
    assert not rejects
    assert [a.id for a in activities] == ["1", "2", "3"]
    assert activities[0].text == 'met "aanhaling"\nen regel'
    assert activities[0].tags == ("a", "b")
    assert activities[0].published == 1_795_341_600_123_456
    assert json.loads(activities[0].properties or "") == {"score": "0.5"}
    assert [a.id for a in decoded(pages_of(path, pages[0].cursor))[0]] == ["3"]


def test_json_list_and_document_are_taken_apart(tmp_path: Path) -> None:
    posts = [{"id": str(i), "text": "x"} for i in range(5)]
    (tmp_path / "list.json").write_text(json.dumps(posts, indent=2))
    (tmp_path / "x.json").write_text(json.dumps({"data": posts, "meta": {"result_count": 5}}, indent=2))
    (tmp_path / "xlist.json").write_text(json.dumps([{"data": posts}, {"data": posts}]))
    assert ids(read(tmp_path / "list.json")[0]) == [0, 1, 2, 3, 4]
    assert [(a.id, a.channel) for a in read(tmp_path / "x.json")[0]] == [(str(i), "twitter") for i in range(5)]
    assert len(read(tmp_path / "xlist.json")[0]) == 10


def test_refused_rows_of_parquet_are_known_by_their_number(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    n = 5_000
    dates = ["2026-11-22" if i % 1_000 else "gisteren" for i in range(n)]
    table = pa.table({"id": list(range(n)), "published": dates, "text": ["een\ntwee\ndrie"] * n})
    path = tmp_path / "p.parquet"
    parquet.write_table(table, path)
    activities, rejects = read(path)
    assert len(activities) == n - 5
    assert [r.position for r in rejects] == [1, 1_001, 2_001, 3_001, 4_001]
    assert next(csv.reader(io.StringIO(rejects[1].raw.decode()))) == ["1000", "gisteren", "een\ntwee\ndrie"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"datum;sterren\n1;2\n", "no column holds a text. Columns: datum, sterren"),
        (b"\x00\x01\x02\x03" * 100, "this is no text"),
        (b"[1, 2", "JSON document, and it is broken"),
        (b"PAR1 and no more", "no whole Parquet file"),
        (b"id,text,text\n1,a,b\n", "two columns are named 'text'"),
    ],
)
def test_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "odd"
    path.write_bytes(content)
    with pytest.raises(SettingError, match="odd: ") as error:
        read(path)
    assert message in str(error.value)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"id,text\n", b"[]"])
def test_empty_file_gives_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty"
    path.write_bytes(content)
    assert read(path) == ([], [])


def test_absent_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"there is no such file. Check path"):
        pages_of(tmp_path / "nowhere.jsonl")
    with pytest.raises(SettingError, match="cannot be read: Is a directory"):
        pages_of(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingError, match="a pipe or device"):
        pages_of(tmp_path / "pipe")


def test_last_line_without_line_break_is_read_again_when_it_has_grown(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(line(1) + line(2).rstrip("\n"))
    page = pages_of(path)[-1]
    assert pages_of(path, page.cursor) == []
    with path.open("a") as file:
        file.write("\n" + line(3))
    assert ids(decoded(pages_of(path, page.cursor))[0]) == [2, 3]


def test_file_that_became_shorter_is_refused_and_followed_anew(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "p.jsonl", range(100))
    cursor = pages_of(path)[-1].cursor
    write_lines(path, range(5))
    with pytest.raises(SettingError, match="the cursor would go backwards"):
        pages_of(path, cursor)
    other = write_lines(tmp_path / "other.jsonl", range(200, 203))
    assert ids(decoded(pages_of(other, cursor))[0]) == [200, 201, 202]


class Follower:
    """Reads a followed file until a number of activities has come."""

    def __init__(self, path: Path, cursor: bytes | None = None) -> None:
        self._pages: AsyncIterator[RawPage] = source_of(path, follow=True).read(cursor)
        self.positions: list[int] = []
        self.cursor = cursor

    async def take(self, n: int) -> list[int]:
        found: list[int] = []
        while len(found) < n:
            page = await asyncio.wait_for(anext(self._pages), WAIT_S)
            found += ids(decoded([page])[0])
            self.positions.append(page.position)
            self.cursor = page.cursor
        return found

    async def close(self) -> None:
        await self._pages.aclose()  # type: ignore[attr-defined]


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_followed_file_is_read_through_growth_rotation_and_cutting(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"

    async def story() -> None:
        follower = Follower(path)
        waiting = asyncio.create_task(follower.take(2))
        await asyncio.sleep(0.3)
        append(path, line(1) + line(2) + line(3)[:20])  # it appears, with half a line
        assert await waiting == [1, 2]
        append(path, line(3)[20:] + line(4))
        assert await follower.take(2) == [3, 4]
        append(path, line(5)[:-1])  # the last line of the old file has no line break
        path.rename(tmp_path / "live.jsonl.1")
        append(path, line(6) + line(7))
        assert await follower.take(3) == [5, 6, 7]
        path.write_text(line(8))  # cut short and written anew
        assert await follower.take(1) == [8]
        assert follower.positions == sorted(set(follower.positions))
        await follower.close()
        append(path, line(9))
        again = Follower(path, follower.cursor)
        assert await again.take(1) == [9]
        await again.close()

    asyncio.run(story())


def test_followed_table_waits_for_its_whole_header(tmp_path: Path) -> None:
    path = tmp_path / "live.csv"
    path.write_text("id,te")

    async def story() -> None:
        follower = Follower(path)
        waiting = asyncio.create_task(follower.take(2))
        await asyncio.sleep(0.3)
        append(path, 'xt\n1,a\n2,"b\n')
        await asyncio.sleep(0.3)
        append(path, 'c"\n')
        assert await waiting == [1, 2]
        await follower.close()

    asyncio.run(story())


def test_compressed_file_cannot_be_followed(tmp_path: Path) -> None:
    path = tmp_path / "p.gz"
    path.write_bytes(gzip.compress(line(1).encode()))
    with pytest.raises(SettingError, match="only lines that grow can be followed"):
        pages_of(path, follow=True)


def test_reading_does_not_block_the_loop(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "p.jsonl", range(30_000), "x" * 300)

    async def longest_gap() -> float:
        gaps, is_done = [0.0], False

        async def beat() -> None:
            last = time.thread_time()  # what the loop's own thread works, whoever else has the processor
            while not is_done:
                await asyncio.sleep(0.001)
                gaps.append(time.thread_time() - last)
                last = time.thread_time()

        task = asyncio.create_task(beat())
        n = 0
        async for page in source_of(path).read(None):
            n += page.payload.count(b"\n")
        is_done = True
        await task
        assert n == 30_000
        return sorted(gaps)[-2]  # one hiccup of a busy machine is not ours

    assert asyncio.run(longest_gap()) < 0.05
