"""One part that breaks stops no other: sources, analyzers, processes; and the whole ends in order."""

import asyncio
import json
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from gehoor.core.clock import SystemClock
from gehoor.core.page import RawPage
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.settings import load
from gehoor.run.owner import Owner
from tests.component.whole import Whole, wait_for

RECEIVER = '[receivers.shop]\ntype = "segment"\nwrite_key = "sleutel"\n'
_PARTS = '''
"""Parts of a stranger: they break on a word."""

import time

from gehoor.listen.file import FileSource
from gehoor.understand.judgements import Judgements


class Brittle(Judgements):
    """Breaks on one word, and is slow on another."""

    def annotate(self, texts, known):
        """Judge, or break."""
        said = " ".join(text or "" for text in texts.raw.to_pylist())
        if "breekpunt" in said:
            raise ValueError("this word I cannot bear")
        if "traag" in said:
            time.sleep(1.5)
        return super().annotate(texts, known)


class Broken(FileSource):
    """Breaks after its first page."""

    async def read(self, cursor):
        """Read a page, and break."""
        async for page in super().read(cursor):
            yield page
            raise KeyError("a bug of the part")
'''


def _line(id_: str, text: str = "Waar blijft mijn koffer?") -> bytes:
    return json.dumps({"id": id_, "published": "2026-04-14T12:00:00Z", "text": text}).encode() + b"\n"


def _source(name: str, path: Path, more: str = "follow = true", kind: str = "file") -> str:
    return f'[sources.{name}]\ntype = "{kind}"\npath = {json.dumps(str(path))}\n{more}\n'


def _with_parts(folder: Path) -> dict[str, str]:
    """Install the stranger's parts beside ours, for processes with this environment."""
    (folder / "stranger.py").write_text(_PARTS)
    info = folder / "gehoor-99.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gehoor\nVersion: 99\n")
    ours = str(distribution("gehoor").read_text("entry_points.txt"))
    changed = ours.replace("gehoor.understand.judgements:Judgements", "stranger:Brittle")
    changed = changed.replace("[gehoor.sources]", "[gehoor.sources]\nbroken = stranger:Broken")
    (info / "entry_points.txt").write_text(changed)
    return dict(os.environ) | {"PYTHONPATH": str(folder)}


class _Followed:
    """A gehoor with strangers' parts that follows a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "line.jsonl"
        self.path.write_bytes(b"".join(_line(f"first-{n}") for n in range(20)))
        (folder / "broken.jsonl").write_bytes(_line("broken-1"))
        bad = [_line(f"bad-{n}") if n % 5 < 2 else b"{not json\n" for n in range(500)]
        (folder / "bad.jsonl").write_bytes(b"".join(bad))
        (folder / "gone.jsonl").write_bytes(_line("gone-1"))
        (folder / "cut.jsonl").write_bytes(b"".join(_line(f"cut-{n}") for n in range(50)))
        toml = (
            RECEIVER
            + _source("line", self.path)
            + _source("cut", folder / "cut.jsonl", "")
            + _source("gone", folder / "gone.jsonl")
        )
        toml += _source("broken", folder / "broken.jsonl", "", kind="broken") + _source("bad", folder / "bad.jsonl", "")
        (folder / "parts").mkdir()
        self.gehoor = Whole(folder / "workspace", toml, _with_parts(folder / "parts"))

    def say(self, *lines: bytes) -> None:
        """Append to the file."""
        with self.path.open("ab") as file:
            file.write(b"".join(lines))

    def is_heard(self, id_: str) -> bool:
        """Tell whether a post is there."""
        return id_ in self.gehoor.ids()


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Followed]:
    followed = _Followed(tmp_path_factory.mktemp("isolation"))
    with followed.gehoor:
        wait_for("the file is read", lambda: followed.is_heard("first-19"))
        yield followed


def test_a_source_that_breaks_waits_with_its_reason_and_stops_no_other(followed: _Followed) -> None:
    wait_for("it is said", lambda: followed.gehoor.is_at("broken", "waiting"))
    assert "a bug of the part" in (followed.gehoor.source("broken").message or "")
    assert followed.gehoor.source("line").status == "running"
    followed.say(_line("beside-broken"))
    wait_for("the other source is heard", lambda: followed.is_heard("beside-broken"))


def test_a_file_that_vanishes_stops_no_other_and_may_come_back(followed: _Followed) -> None:
    gone = followed.path.with_name("gone.jsonl")
    wait_for("it is read", lambda: followed.is_heard("gone-1"))
    gone.unlink()
    followed.say(_line("beside-gone"))
    wait_for("the other source is heard", lambda: followed.is_heard("beside-gone"))
    gone.write_bytes(_line("gone-2"))
    wait_for("it is back", lambda: followed.is_heard("gone-2"))
    assert followed.gehoor.source("gone").n_stored == 2


def test_a_breaker_stops_a_source_that_is_mostly_bad(followed: _Followed) -> None:
    wait_for("it is stopped", lambda: followed.gehoor.is_at("bad", "stopped"))
    assert "300 of 500" in (followed.gehoor.source("bad").message or "")
    assert followed.gehoor.rejects("bad") == [] and not followed.is_heard("bad-1")


def test_a_row_that_an_analyzer_cannot_bear_is_kept_aside_alone(followed: _Followed) -> None:
    rows = [_line(f"row-{n}", "het breekpunt" if n == 7 else "Waar blijft mijn koffer?") for n in range(20)]
    followed.say(*rows)
    wait_for("the others are heard", lambda: followed.is_heard("row-19"))
    assert {id_ for id_ in followed.gehoor.ids() if id_.startswith("row-")} == {f"row-{n}" for n in range(20)} - {
        "row-7"
    }
    (reject,) = followed.gehoor.rejects("line")
    assert (reject.stage, reject.id) == ("judgements", "row-7") and "cannot bear" in reject.reason
    assert json.loads(reject.raw)["id"] == "row-7"


def test_a_row_stage_process_that_is_killed_in_a_page_costs_nothing(followed: _Followed) -> None:
    gehoor = followed.gehoor
    killed = gehoor.workers()
    followed.say(*(_line(f"slow-{n}", "dit gaat traag") for n in range(5)))
    time.sleep(0.8)
    for worker in killed:
        worker.kill()
    wait_for("it is said", lambda: "Another has taken its place" in str(gehoor.status()["sources"]))
    wait_for("the page is heard after all", lambda: followed.is_heard("slow-4"))
    assert len(gehoor.ids()) == len(set(gehoor.ids()))
    wait_for("both are there again", lambda: len(gehoor.workers()) == 2)
    assert not {worker.pid for worker in gehoor.workers()} & {worker.pid for worker in killed}
    assert gehoor.post("/v1/track", {"type": "track", "event": "A", "userId": "1", "messageId": "m"}).status == 200


def test_the_pages_come_back_when_their_process_is_killed(followed: _Followed) -> None:
    killed = followed.gehoor.web()
    killed.kill()
    followed.say(_line("without-web"))
    wait_for("the source is heard", lambda: followed.is_heard("without-web"))
    wait_for("the pages are back", lambda: _answers(followed.gehoor))
    assert followed.gehoor.web().pid != killed.pid


def _answers(gehoor: Whole) -> bool:
    try:
        return gehoor.get("/").status == 200
    except OSError:
        return False


@dataclass(frozen=True)
class _Stopped:
    """How it stopped, and that it runs again since."""

    exit_code: int
    n_left: int
    ids: set[str]
    is_complete: bool


@pytest.fixture(scope="module")
def stopped(followed: _Followed) -> _Stopped:
    """Stop it while it is busy, cut a file short that it had read, and start it again."""
    gehoor = followed.gehoor
    followed.say(*(_line(f"last-{n}") for n in range(2_000)))
    wait_for("it is busy", lambda: followed.is_heard("last-0"))
    parts = gehoor.owner.children(recursive=True)
    exit_code = gehoor.stop()
    n_left = len(psutil.wait_procs(parts, 30)[1])
    reader = Reader(gehoor.root)
    stopped = _Stopped(exit_code, n_left, set(gehoor.ids()), reader.offset() == reader.head())
    reader.close()
    followed.path.with_name("cut.jsonl").write_bytes(_line("cut-anew"))
    gehoor.start()
    return stopped


def test_sigterm_ends_it_in_order_with_everything_on_disk(stopped: _Stopped, followed: _Followed) -> None:
    assert (stopped.exit_code, stopped.n_left, stopped.is_complete) == (0, 0, True)
    assert "last-0" in stopped.ids
    wait_for("what was not read then is read now", lambda: followed.is_heard("last-1999"))
    ids = followed.gehoor.ids()
    assert {f"last-{n}" for n in range(2_000)} <= set(ids) and len(ids) == len(set(ids))


def test_a_cursor_that_would_go_backwards_stops_that_source_only(stopped: _Stopped, followed: _Followed) -> None:
    assert "cut-49" in stopped.ids
    wait_for("it is stopped", lambda: followed.gehoor.is_at("cut", "stopped"))
    assert "backwards" in (followed.gehoor.source("cut").message or "")
    followed.say(_line("beside-cut"))
    wait_for("the other source is heard", lambda: followed.is_heard("beside-cut"))
    assert followed.is_heard("cut-49") and not followed.is_heard("cut-anew")


def test_nobody_outlives_an_owner_that_is_killed(followed: _Followed) -> None:
    gehoor = followed.gehoor
    parts = gehoor.owner.children(recursive=True)
    assert len(parts) >= 3
    gehoor.kill()
    gone, alive = psutil.wait_procs(parts, 30)
    assert alive == [] and len(gone) == len(parts)


# -- in this process --------------------------------------------------------------------------------------------------


class _Torrent:
    """Gives a page of 250 KB whenever it is asked."""

    name = "torrent"

    def __init__(self) -> None:
        self.n_bytes = 0

    async def waits(self) -> int:
        """Wait until it is asked for nothing more, however busy the machine is; return how much it gave."""
        before = 0
        while not 0 < self.n_bytes == before:
            before = self.n_bytes
            await asyncio.sleep(0.3)
        return before

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Give 200 pages."""
        start = json.loads(cursor)["page"] if cursor else 0
        for number in range(start, 200):
            payload = _line(f"torrent-{number}", "x" * 250_000)
            self.n_bytes += len(payload)
            now = SystemClock().now()
            yield RawPage(
                source="torrent",
                decoder="plain",
                payload=payload,
                received=now,
                cursor=json.dumps({"page": number + 1}).encode(),
                position=number + 1,
                options={"channel": "file"},
            )


def test_a_fast_source_waits_for_a_slow_writer(workspace: Path) -> None:
    (workspace / "gehoor.toml").write_text(_source("torrent", workspace / "none", ""))
    torrent = _Torrent()
    owner = Owner(load(workspace), SystemClock(), made={"torrent": torrent})
    seen: dict[str, float] = {}
    writes = threading.Event()

    async def watch() -> None:
        await owner.on_writer(lambda: time.sleep(0.01))
        wait = owner.on_writer(lambda: writes.wait(60))
        first, memory = await torrent.waits(), psutil.Process().memory_info().rss
        await asyncio.sleep(0.5)
        seen["given"], seen["more"] = torrent.n_bytes, torrent.n_bytes - first
        seen["rss"] = psutil.Process().memory_info().rss - memory
        writes.set()
        await wait
        owner.stop()

    async def run() -> None:
        watching: list[asyncio.Task[None]] = []

        async def ready() -> None:
            watching.append(asyncio.create_task(watch()))

        await owner.run(on_ready=ready)
        await watching[0]

    asyncio.run(run())
    assert 0 < seen["given"] < 16_000_000 and seen["more"] < 2_000_000, seen
    assert seen["rss"] < 20_000_000, seen
    reader = Reader(workspace)
    n, head = len(reader.posts(PostFilter(), limit=1_000_000)), reader.head()
    reader.close()
    assert 0 < n == head
