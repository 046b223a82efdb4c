"""Who is forgotten is nowhere any more: not in a row, a word, a file, a log, a reject; and does not come back."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.forget import Forgotten, forget
from gehoor.core.mirror_reader import MirrorReader
from gehoor.core.page import RawPage
from gehoor.core.reader import Reader
from gehoor.core.record import Activity, digest
from gehoor.core.sqlite import alone, open_read
from gehoor.run.backup import copy_workspace
from gehoor.run.correcting import correct
from tests.cast import ECHO, FAN, LEAVER, NOON, WORRIED
from tests.component.deciding import Deciding
from tests.component.keeping import SOURCE, Keeping
from tests.component.mirroring import edition

_MARK = "zwartebessenjam"
_WHO = "did:plc:leaver"
_HERS = Activity(
    id=f"at://{_WHO}/{_MARK}-1", published=NOON, received=NOON, channel="bluesky", actor=_WHO, actor_name=f"K. {_MARK}",
    text=f"Mijn {_MARK} lekte in de koffer, wie betaalt dat?", html=f"<p>{_MARK}</p>", url=f"https://x.example/{_MARK}",
    place=_MARK, mentions=(f"@{_MARK}",), tags=(_MARK,), properties=json.dumps({"note": _MARK}), event=_MARK,
)  # fmt: skip
_EDITED = LEAVER.edits(_HERS, f"Opgelost: de {_MARK} is vergoed en de koffer is schoon.", after_s=60)
_DELETED = LEAVER.says(f"Deze {_MARK} haal ik weg.", id=f"{_MARK}-2", after_s=70)
_STORY = [
    _HERS,
    _EDITED,
    _DELETED,
    LEAVER.deletes(_DELETED, after_s=80),
    LEAVER.likes(FAN.says("x", id="fan-1")),
    FAN.says("Wat een service van de balie vandaag!", id="fan-1", after_s=5),
    FAN.says("Dank aan K. Oomen voor de tip", id="fan-2", after_s=6),
    ECHO.says("@did:plc:leaver heb je al antwoord?", id="echo-1", after_s=7),
    ECHO.says("did:plc:leavers is iemand anders", id="echo-2", after_s=8),
]


def _bytes_of(path: Path) -> Iterator[bytes]:
    """Yield a file as it lies on disk, and all that can be decoded from it."""
    raw = path.read_bytes()
    yield raw
    if path.suffix == ".gz":
        yield gzip.decompress(raw)
    if path.suffix == ".parquet":
        yield repr(pq.read_table(path, partitioning=None).to_pylist()).encode()
    if path.suffix == ".sqlite":
        engine = open_read(path)
        for (table,) in alone(engine, "SELECT name FROM sqlite_master WHERE type = 'table'"):
            for row in alone(engine, f'SELECT * FROM "{table}"'):
                yield b" ".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
        engine.dispose()


def _stores_with(root: Path, mark: str) -> set[str]:
    """Return which files of a workspace hold a mark, whatever its case."""
    needles = (mark.lower().encode(), mark.lower().encode("utf-16-le"))
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and any(needle in data.lower() for data in _bytes_of(path) for needle in needles)
    }


def _words_of(keeping: Keeping) -> set[str]:
    """Return the words that the full-text index knows."""
    found: set[str] = set()
    for segment in keeping.ledger.segments.all:
        alone(segment.engine, "CREATE VIRTUAL TABLE temp.known USING fts5vocab('main', 'search', 'row')")
        found |= {row[0] for row in alone(segment.engine, "SELECT term FROM temp.known")}
        alone(segment.engine, "DROP TABLE temp.known")
    return found


@pytest.fixture
def keeping(workspace: Path) -> Keeping:
    """A workspace in which somebody who wants to be forgotten has left traces everywhere."""
    (workspace / "gehoor.toml").write_text("", encoding="utf-8")
    (workspace / "run").mkdir()
    keeping = Keeping(workspace)
    for activity in _STORY:
        keeping.hear([activity])
        keeping.flush()
    for n in range(3):
        keeping.hear([LEAVER.says(f"Nog eens over de {_MARK}, keer {n} op rij", id=f"l{n}", after_s=100 + n)])
    keeping.flush()
    correct(keeping, keeping.posts(actor=_WHO)[0].seq, {"sentiment": "positive", "intent": "help"})  # type: ignore[arg-type]  # as much of a workplace as it needs
    correct(keeping, keeping.posts(actor=FAN.actor)[-1].seq, {"sentiment": "neutral"})  # type: ignore[arg-type]  # likewise
    broken = json.dumps({"id": "r", "actor": _WHO, "text": _MARK, "published": "gisteren"}).encode()
    other = json.dumps({"id": "s", "actor": "did:plc:leavers", "published": "gisteren"}).encode()
    refused = json.dumps({"id": "l1", "actor": _WHO, "channel": "bluesky", "text": f"Heel anders, {_MARK}"}).encode()
    page = RawPage(
        source=SOURCE, decoder="plain", payload=b"\n".join([broken, other, refused]), received=NOON, cursor=b"2",
        options={"channel": "bluesky"},
    )  # fmt: skip
    keeping.hear_page(page)
    keeping.hear([LEAVER.says(f"Wacht nog op een deel: {_MARK}", id="waiting", after_s=120)])
    return keeping


def _forget(keeping: Keeping) -> Forgotten:
    return forget(keeping.root, keeping.projector, "bluesky", _WHO, NOON + 3_600_000_000)


def test_nothing_of_hers_is_left_in_any_file(keeping: Keeping) -> None:
    keeping.projector.flush()
    before = _stores_with(keeping.root, _MARK)
    [segment] = [str(path.relative_to(keeping.root)) for path in (keeping.root / "segments").glob("*.sqlite")]
    assert {segment, f"{segment}-wal", "ledger.sqlite"} <= before
    assert any(name.startswith("history/") for name in before)
    assert _MARK in _words_of(keeping)
    done = _forget(keeping)
    assert _stores_with(keeping.root, _MARK) == set()
    assert _MARK not in _words_of(keeping)
    assert (done.n_rows, done.n_rejects, done.n_examples) == (9, 2, 2)
    assert keeping.stored("SELECT task, value FROM example") == [("sentiment", "neutral")]
    keeping.restart()
    assert _stores_with(keeping.root, _MARK) == set()


def test_what_was_deleted_before_a_restart_is_forgotten_too(keeping: Keeping) -> None:
    late = LEAVER.says(f"Te laat, {_MARK}", id="never-came", after_s=129)
    keeping.hear([LEAVER.deletes(late, after_s=130)])
    keeping.hear([late])
    keeping.flush()
    keeping.restart()
    ids = {_DELETED.id, late.id}
    known = {row[0] for segment in keeping.ledger.segments.all for row in segment.query("SELECT id FROM activity")}
    assert ids <= known
    _forget(keeping)
    left = {row[0] for segment in keeping.ledger.segments.all for row in segment.query("SELECT id FROM activity")}
    assert not ids & left


def test_counts_are_those_of_the_others(keeping: Keeping) -> None:
    _forget(keeping)
    keeping.flush()
    counted = keeping.counts()
    assert not [row for row in keeping.rows("actor") if row[0] == _WHO]
    for name in ("rollup", "words"):
        keeping.projector.rebuild(name)
    assert keeping.counts() == counted


def test_who_still_names_her_is_listed(keeping: Keeping) -> None:
    assert [native for _, native in _forget(keeping).mentions] == ["fan-2", "echo-1"]


def test_reject_of_somebody_with_a_longer_name_stays(keeping: Keeping) -> None:
    _forget(keeping)
    rejects = [row[0] for segment in keeping.ledger.segments.all for row in segment.query("SELECT raw FROM reject")]
    assert [json.loads(raw)["id"] for raw in rejects] == ["s"]


@pytest.mark.parametrize("then", ["go on", "restart"])
def test_the_same_source_read_anew_does_not_bring_her_back(keeping: Keeping, then: str) -> None:
    _forget(keeping)
    if then == "restart":
        keeping.restart()
    receipt = keeping.hear(_STORY)
    keeping.flush()
    assert receipt.n_stored == 0
    assert _stores_with(keeping.root, _MARK) == set()


def test_what_she_says_later_is_taken_in(keeping: Keeping) -> None:
    _forget(keeping)
    assert keeping.hear([LEAVER.says("Ik ben er weer.", id="back", after_s=7_200)]).n_stored == 1
    assert [post.id for post in keeping.posts("weer")] == ["back"]


@pytest.mark.parametrize("then", ["go on", "restart"])
def test_nobody_repeats_what_was_forgotten(keeping: Keeping, then: str) -> None:
    _forget(keeping)
    if then == "restart":
        keeping.restart()
    keeping.hear([FAN.says("Nog eens over de zwartebessenjam, keer 1 op rij", id="fan-3", after_s=7_300)])
    assert keeping.rows("duplicate_of", "id = 'fan-3'") == [(None,)]


def test_backups_that_still_hold_her_are_named(keeping: Keeping, tmp_path: Path) -> None:
    copy_workspace(keeping.root, keeping.projector, tmp_path / "copy")
    assert _forget(keeping).backups == [str(tmp_path / "copy")]
    assert _stores_with(keeping.root, _MARK) == set()


def test_a_backup_that_lies_elsewhere_is_not_touched(keeping: Keeping, tmp_path: Path) -> None:
    copy_workspace(keeping.root, keeping.projector, tmp_path / "copy")
    before = _stores_with(tmp_path / "copy", _MARK)
    _forget(keeping)
    assert _stores_with(tmp_path / "copy", _MARK) == before


def test_days_that_the_ledger_let_go_of_are_forgotten_in_the_history_and_in_the_counts(keeping: Keeping) -> None:
    later = 3 * DAY_US // 1_000_000
    keeping.hear([ECHO.says("Drie dagen later, en niemand weet iets", id="echo-3", after_s=later)])
    keeping.flush()
    keeping.ledger.segments.drop_before((NOON + 2 * DAY_US) // DAY_US)
    done = _forget(keeping)
    assert done.n_rows == 7
    assert [native for _, native in done.mentions] == ["fan-2", "echo-1"]
    assert _stores_with(keeping.root, _MARK) == set()
    counted = keeping.counts()
    for name in ("rollup", "words"):
        keeping.projector.rebuild(name)
    assert keeping.counts() == counted


def test_an_erasure_that_was_cut_short_is_finished_by_a_second_call(keeping: Keeping) -> None:
    _forget(keeping)
    keeping.kill()
    assert _forget(keeping).n_rows == 0


def test_stranger_cannot_be_forgotten(keeping: Keeping) -> None:
    with pytest.raises(SettingError, match="Nobody with the id 'mail:worried"):
        forget(keeping.root, keeping.projector, WORRIED.channel, WORRIED.actor, NOON)


def test_nothing_of_hers_is_left_in_the_mirror_when_the_command_ends(keeping: Keeping) -> None:
    words = ("de koffer kwam", "wij wachten nog", "het eten was koud", "mijn stoel brak", "de bus reed weg")
    here = [
        msgspec.structs.replace(
            LEAVER.says(f"Vlucht {n * 37}: {words[n % 5]} {n}", id=f"p{n}", after_s=200 + n), place=_MARK,
            published=NOON - DAY_US * max(0, 60 - n),
        )
        for n in range(120)
    ]  # fmt: skip
    keeping.hear(here)
    keeping.flush()
    now = NOON + DAY_US
    made = edition(keeping, now=now)
    assert _MARK in {one.value for one in made.drivers}
    assert {name for name in _stores_with(keeping.root, _MARK) if name.startswith("mirror/")}
    assert digest("bluesky", _WHO) in _digests(keeping.root)
    asyncio.run(Deciding(keeping).call("forget", channel="bluesky", actor=_WHO))
    assert _stores_with(keeping.root, _MARK) == set()
    assert digest("bluesky", _WHO) not in _digests(keeping.root)
    reader = Reader(keeping.root)
    kept = MirrorReader(reader).edition(made.last_day)
    reader.close()
    assert kept is not None and kept.n_posts == made.n_posts
    assert edition(keeping, now=now).n_known == made.n_known - 1


def _digests(root: Path) -> set[int]:
    """Return whom the marts name, by their digests."""
    return {
        key
        for name in ("people", "exchanges", "orders")
        for file in (root / "mirror").glob(f"*/{name}.parquet")
        for key in pq.read_table(file, columns=["actor"], partitioning=None).column("actor").to_pylist()
    }
