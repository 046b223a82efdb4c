"""A file's past lived again, through the whole pipeline without pages."""

import asyncio
import math
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gehoor.core.clock import SECOND_US, ReplayClock
from gehoor.core.errors import SettingError
from gehoor.core.history_read import read_rows
from gehoor.core.page import RawPage
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.settings import load
from gehoor.core.settings_write import write_default
from gehoor.listen.plain import PlainDecoder
from gehoor.run.replay import Replay, Retelling, replay, source_name
from gehoor.run.story import read_story
from tests.cast import NOON
from tests.component.demo_day import demo_day, plain_lines

HOUR_US = 3_600 * SECOND_US


def _lines(n: int, gap_us: int) -> list[dict[str, Any]]:
    return [
        {"id": str(i), "published": NOON + i * gap_us, "actor": "a", "text": f"Bericht nummer {i}"} for i in range(n)
    ]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_bytes(b"\n".join(msgspec.json.encode(row) for row in rows))
    return path


def _heard(root: Path) -> pa.Table:
    return pa.Table.from_batches(list(read_rows(root))).sort_by("seq")


def test_the_past_is_heard_as_it_happens_and_is_no_backfill(workspace: Path) -> None:
    file = _write(workspace.parent / "days.jsonl", _lines(60, 7 * HOUR_US))
    replay(workspace, file, math.inf, None)
    rows = _heard(workspace)
    late = [
        (heard - said).total_seconds()
        for heard, said in zip(rows["received"].to_pylist(), rows["published"].to_pylist(), strict=True)
    ]
    assert rows["id"].to_pylist() == [str(i) for i in range(60)]
    assert not any(rows["is_backfill"].to_pylist())
    assert all(0 <= seconds <= 3_600 for seconds in late)


def test_an_hour_at_full_speed_takes_a_second_at_speed_3600(workspace: Path) -> None:
    file = _write(workspace.parent / "hour.jsonl", _lines(11, HOUR_US // 10))
    write_default(workspace, "again")
    story = read_story(file, source_name(file))
    again = Replay(load(workspace), story, 3_600.0)
    again.run(None)
    assert again.retelling.share == 1.0
    assert again.clock.now() >= NOON + HOUR_US
    assert _heard(workspace).num_rows == 11


def test_an_interrupted_story_goes_on_at_once_where_it_stood(workspace: Path) -> None:
    story = read_story(_write(workspace / "hours.jsonl", _lines(10, HOUR_US)), "again")

    async def first_page(cursor: bytes | None, speed: float) -> RawPage:
        told = Retelling("again", story, ReplayClock(int(story.moments[0]), math.inf), speed)
        return await asyncio.wait_for(anext(aiter(told.read(cursor))), 60.0)

    page = asyncio.run(first_page(None, math.inf))
    after = asyncio.run(first_page(page.cursor, 3_600.0))
    story.close()
    assert page.payload.count(b"\n") == 2
    assert (page.position, after.position) == (1, 3)
    assert after.received >= NOON + 2 * HOUR_US


def test_a_story_that_was_heard_to_its_end_is_not_told_twice(workspace: Path) -> None:
    file = _write(workspace.parent / "once.jsonl", _lines(5, SECOND_US))
    replay(workspace, file, math.inf, None)
    with pytest.raises(SettingError, match="to its end in this workspace"):
        replay(workspace, file, math.inf, None)
    assert _heard(workspace).num_rows == 5


def test_what_cannot_be_read_is_kept_aside_with_its_reason(workspace: Path) -> None:
    file = workspace.parent / "broken.jsonl"
    _write(file, _lines(300, SECOND_US))
    file.write_bytes(file.read_bytes() + b'\n{"id": "x", "published": "2026-99-99", "text": "Wanneer?"}\nno json\n')
    replay(workspace, file, math.inf, None)
    reader = Reader(workspace)
    rejects = reader.rejects(10)
    reader.close()
    assert sorted(reject.raw for reject in rejects) == [
        b"no json",
        b'{"id": "x", "published": "2026-99-99", "text": "Wanneer?"}',
    ]
    assert {reject.position for reject in rejects} == {301, 302}
    assert _heard(workspace).num_rows == 300


def test_a_newest_first_table_is_lived_from_the_oldest_on(workspace: Path) -> None:
    file = workspace.parent / "newest_first.parquet"
    rows = [row | {"published": f"2026-04-{30 - i:02d}T12:00:00Z"} for i, row in enumerate(_lines(20, 0))]
    pq.write_table(pa.Table.from_pylist(rows), file)
    replay(workspace, file, math.inf, None)
    assert _heard(workspace)["id"].to_pylist() == [str(i) for i in range(19, -1, -1)]


def test_many_bad_lines_among_more_good_ones_do_not_stop_the_story(workspace: Path) -> None:
    file = workspace.parent / "mixed.jsonl"
    _write(file, _lines(400, 60 * SECOND_US))
    file.write_bytes(file.read_bytes() + b"\n" + b"".join(b"no json %d\n" % i for i in range(150)))
    replay(workspace, file, math.inf, None)
    reader = Reader(workspace)
    (source,) = reader.sources()
    reader.close()
    assert (source.n_stored, source.n_rejected, source.status) == (400, 150, "done")


@pytest.mark.parametrize("text", ["", '{"id": "1", "text": "Wanneer?"}\n'])
def test_a_file_without_moments_has_no_past(workspace: Path, text: str) -> None:
    file = workspace.parent / "timeless.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match="no past to live again"):
        replay(workspace, file, 1.0, None)


def test_the_demo_day_is_told_as_it_was_written(workspace: Path) -> None:
    payload = plain_lines(demo_day())
    file = workspace.parent / "day.jsonl"
    file.write_bytes(payload)
    page = RawPage(source="demo", decoder="plain", payload=payload, received=NOON)
    story = read_story(file, "demo")
    told = msgspec.structs.replace(page, payload=story.lines(0, len(story)))
    story.close()
    assert PlainDecoder().decode(told).activities == PlainDecoder().decode(page).activities


def test_edits_and_deletions_of_the_demo_day_come_when_they_came(workspace: Path) -> None:
    file = workspace.parent / "day.jsonl"
    file.write_bytes(plain_lines(demo_day()))
    replay(workspace, file, math.inf, None)
    reader = Reader(workspace)
    counts = {row.name: row for row in reader.sources()}[source_name(file)]
    posts = reader.posts(PostFilter(), 10)
    reader.close()
    assert counts.n_stored == len(demo_day())
    assert counts.n_seen == counts.n_rejected == 0
    assert counts.status == "done"
    assert posts
