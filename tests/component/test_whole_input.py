"""Real posts through the whole pipeline: every row is there or kept aside, threads hold, the pages are filled."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.clock import SECOND_US, SystemClock
from gehoor.core.ledger.segments import Segments
from gehoor.core.outbox import entries
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.record import digest
from gehoor.core.settings_write import add_source, write_default
from gehoor.core.store import read_store
from gehoor.run.local import ingest

FILES = {"threads": "twcs_threads.csv.gz", "requests": "twcs_inbound_requests.csv.gz"}
_EVER = 1 << 62
YEAR_US = 365 * 86_400 * SECOND_US


class _Read:
    """A workspace that read both files, and what stands in them."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.rows: dict[str, list[dict[str, str]]] = {}
        for name, file in FILES.items():
            with gzip.open(folder / file, "rt", encoding="utf-8", newline="") as lines:
                self.rows[name] = list(csv.DictReader(lines))
        self.reader = Reader(root)
        self.posts = {post.id: post for post in self.reader.posts(PostFilter(), limit=100_000)}
        self.rejects = self.reader.rejects(limit=100_000)


@pytest.fixture(scope="module")
def heard(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Read]:
    folder = shared / "data" / "webcare"
    if not all((folder / file).exists() for file in FILES.values()):
        pytest.skip(f"no posts in {folder}")
    root = tmp_path_factory.mktemp("webcare") / "workspace"
    write_default(root, "Webcare")
    for name, file in FILES.items():
        add_source(root, name, "file", {"path": str(folder / file)})
    ingest(root)
    heard = _Read(root, folder)
    yield heard
    heard.reader.close()


def test_every_row_is_in_the_ledger_or_kept_aside_with_its_reason(heard: _Read) -> None:
    written = {row["id"] for rows in heard.rows.values() for row in rows}
    aside = {row.id for row in heard.rejects}
    assert heard.posts.keys() | aside == written
    assert len(heard.posts) > 0.99 * len(written)
    assert all(len(row.reason) > 15 for row in heard.rejects)
    states = {state.name: state for state in heard.reader.sources()}
    for name, rows in heard.rows.items():
        state = states[name]
        assert state.status == "done" and state.n_stored + state.n_seen + state.n_rejected == len(rows)
        if not {row["id"] for row in rows} & aside:
            assert state.n_rejected == 0


def test_threads_are_intact(heard: _Read) -> None:
    segments = Segments(heard.root / "segments", writable=False)
    keys = {id_: (key, parent) for _, id_, key, parent in _keys(segments)}
    segments.close()
    n_found = 0
    for row in heard.rows["threads"]:
        post = heard.posts.get(row["id"])
        if post is None or not row["in_reply_to"]:
            continue
        assert post.in_reply_to == row["in_reply_to"]
        assert keys[post.id][1] == digest(post.channel, row["in_reply_to"])
        if row["in_reply_to"] in keys:
            n_found += 1
            assert keys[post.id][1] == keys[row["in_reply_to"]][0]
    assert n_found > 1_000


def _keys(segments: Segments) -> list[tuple[int, str, int, int]]:
    rows = [row for one in segments.all for row in one.query("SELECT seq, id, key, parent_key FROM activity")]
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def test_what_customers_and_brands_say_is_told_apart(heard: _Read) -> None:
    for row in (row for rows in heard.rows.values() for row in rows):
        post = heard.posts.get(row["id"])
        assert post is None or post.direction == {"1": "in", "0": "out"}[row["inbound"]]
    n_out = sum(post.direction == "out" for post in heard.posts.values())
    answers = heard.reader.counts(resolution=3600, since=0, until=_EVER, kind="answer")
    assert sum(cell.n for cell in answers) == n_out > 0


def test_the_pages_have_their_figures(heard: _Read) -> None:
    assert _n_counted(heard) == len(heard.posts)
    for dimension in ("sentiment", "intent"):
        cells = heard.reader.counts(resolution=3600, since=0, until=_EVER, by=[dimension])
        assert len([cell for cell in cells if getattr(cell, dimension)]) >= 3
    words = heard.reader.words(0, _EVER)
    assert len(words) == 20 and all(n > 50 for _, n in words)
    english = [post for post in heard.posts.values() if post.language == "en"]
    assert len(english) > 0.7 * len(heard.posts)


def test_old_posts_fill_the_past_and_fire_nothing(heard: _Read) -> None:
    oldest = SystemClock().now() - 3 * YEAR_US
    assert all(post.is_backfill and (post.published or 0) < oldest for post in heard.posts.values())
    store = read_store(heard.root)
    with store.connect() as connection:
        assert entries(connection) == []
    store.dispose()
    period = heard.reader.period()
    assert period is not None and period[1] < oldest


def test_reading_again_finds_nothing_new(heard: _Read, tmp_path: Path) -> None:
    before = {state.name: state for state in heard.reader.sources()}
    copy = tmp_path / "again.csv.gz"
    copy.write_bytes((heard.folder / FILES["threads"]).read_bytes())
    add_source(heard.root, "again", "file", {"path": str(copy)})
    ingest(heard.root)
    after = {state.name: state for state in heard.reader.sources()}
    assert len(heard.reader.posts(PostFilter(), limit=100_000)) == len(heard.posts)
    again = after["again"]
    assert (again.n_stored, again.n_seen) == (0, len(heard.rows["threads"]) - again.n_rejected)
    assert all(after[name].n_stored == state.n_stored for name, state in before.items())
    assert _n_counted(heard) == len(heard.posts)


def _n_counted(heard: _Read) -> int:
    return sum(cell.n for cell in heard.reader.counts(resolution=3600, since=0, until=_EVER, kind=None))
