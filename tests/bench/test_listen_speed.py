"""What hearing costs: µs of CPU a post, printed; the ceilings are three times what two shared cores gave."""

import asyncio
import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gehoor.core.clock import StillClock
from gehoor.core.page import RawPage
from gehoor.listen.columns import map_columns
from gehoor.listen.file import FileOptions, FileSource
from gehoor.listen.plain import PlainDecoder
from gehoor.listen.table import TableDecoder
from gehoor.listen.times import parse_time

pytestmark = pytest.mark.alone

N = 4_096
TEXT = "Mijn trein is alweer vertraagd en niemand zegt iets, dit is nu de derde keer deze week! " * 2
ROWS = [
    {
        "id": f"https://social.example/users/{i}/statuses/{10**15 + i}",
        "published": f"2026-11-22T10:00:{i % 60:02}.123Z",
        "channel": "mastodon",
        "actor": f"https://social.example/users/{i}",
        "text": f"{TEXT} {i}",
        "in_reply_to": None if i % 3 else f"https://social.example/users/1/statuses/{i}",
    }
    for i in range(N)
]
JSON_LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def cost_us(run: Callable[[], object], n: int, repeats: int = 7) -> float:
    """Return the least CPU time of several runs, µs an item."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time_ns()
        run()
        best = min(best, time.process_time_ns() - start)
    return best / 1_000 / n


def shown(name: str, cost: float, ceiling: float) -> None:
    print(f"{name}: {cost:.2f} µs")
    assert cost < ceiling


def test_decoding_the_plain_form_stays_within_its_budget() -> None:
    page = RawPage(source="s", decoder="plain", payload=JSON_LINES, received=0)
    shown("decode plain", cost_us(lambda: PlainDecoder().decode(page), N), 12)


def test_decoding_a_table_stays_within_its_budget() -> None:
    out = io.StringIO()
    csv.writer(out).writerows(list(row.values()) for row in ROWS)
    header = list(ROWS[0])
    options = {"header": header, "columns": map_columns(header, {})}
    page = RawPage(source="s", decoder="table", payload=out.getvalue().encode(), received=0, options=options)
    shown("decode table", cost_us(lambda: TableDecoder().decode(page), N), 18)


def test_reading_a_moment_stays_within_its_budget() -> None:
    moments = [row["published"] for row in ROWS]
    shown("parse a moment", cost_us(lambda: [parse_time(moment) for moment in moments], N), 1.5)


def test_reading_and_cutting_stays_within_its_budget(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(JSON_LINES * 10)

    async def read() -> int:
        source = FileSource("s", FileOptions(path=path), StillClock(0))
        return sum([page.payload.count(b"\n") async for page in source.read(None)])

    assert asyncio.run(read()) == N * 10
    shown("read and cut", cost_us(lambda: asyncio.run(read()), N * 10), 3)
