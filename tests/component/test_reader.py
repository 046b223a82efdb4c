"""What every page asks of a workspace: posts by any filter, counts, words, from another process's point of view."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.reader import Cell, PostFilter, Reader
from gehoor.core.record import Activity
from tests.cast import AGENT, BUYER, ECHO, FAN, FOREIGNER, LOYAL, NOON, WORRIED
from tests.component.keeping import SOURCE, Keeping

_LOST = LOYAL.says("Mijn koffer is weg, wat een slechte service!", id="lost")
_STORY: list[Activity] = [
    _LOST,
    FAN.says("Top geholpen door de balie, dank jullie wel!", id="praise", after_s=10),
    ECHO.says("Mijn koffer is weg, wat een slechte service!!", id="copy", after_s=20),
    FOREIGNER.says("Where is the café at gate D? Naïve question, I know.", id="where", after_s=30),
    AGENT.says("Dat zoeken we voor u uit, koffer en al.", id="answer", after_s=40, to="lost"),
    FAN.likes(_LOST, after_s=50),
    BUYER.buys("4711", 12.5, after_s=60),
    replace(WORRIED.says("Geen datum op deze mail", id="undated", after_s=70), published=None),
    replace(WORRIED.says("Een klok die een uur voorloopt", id="ahead", after_s=3_600), received=NOON + 80 * SECOND_US),
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader of a workspace that heard a small day, and one post the day after."""
    keeping = Keeping(tmp_path_factory.mktemp("workspace"))
    for activity in _STORY:
        keeping.hear([activity])
    keeping.hear([LOYAL.says("Een dag later is de koffer nog steeds kwijt", id="later", after_s=DAY_US // SECOND_US)])
    keeping.flush()
    keeping.drop()
    reader = Reader(keeping.root)
    yield reader
    reader.close()


def _ids(reader: Reader, **wanted: object) -> list[str]:
    return [post.id for post in reader.posts(PostFilter(**wanted))]  # type: ignore[arg-type]  # any field


def test_posts_come_newest_first_over_all_days(reader: Reader) -> None:
    ids = _ids(reader)
    assert (ids[0], ids[-1], len(ids)) == ("later", "lost", 10)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"words": "koffer"}, ["later", "answer", "copy", "lost"]),
        ({"words": "koffer", "kind": "say"}, ["later", "copy", "lost"]),
        ({"words": "KOFFER wég"}, ["copy", "lost"]),
        ({"words": '"slechte service"'}, ["copy", "lost"]),
        ({"words": '"service slechte"'}, []),
        ({"words": "cafe"}, ["where"]),
        ({"words": "cafe\u0301 nai\u0308ve"}, ["where"]),
        ({"kind": "answer"}, ["answer"]),
        ({"kind": "do"}, ["order-4711"]),
        ({"kind": "say", "channel": "mastodon"}, ["copy"]),
        ({"language": "en"}, ["where"]),
        ({"source": SOURCE, "channel": "mail"}, ["ahead", "undated"]),
        ({"source": "nobody"}, []),
        ({"sentiment": "positive"}, ["praise"]),
        ({"actor": "did:plc:fan", "kind": "say"}, ["praise"]),
        ({"duplicate_of": 1}, ["copy"]),
        ({"is_copy": True}, ["copy"]),
        ({"is_copy": False, "words": "koffer", "kind": "say"}, ["later", "lost"]),
        ({"seq": 2}, ["praise"]),
        ({"seq": 2, "kind": "answer"}, []),
        ({"seq": 2, "words": "koffer"}, []),
        ({"brand": "nobody"}, []),
        ({"kind": "nonsense"}, []),
    ],
)
def test_every_field_narrows(reader: Reader, wanted: dict[str, object], ids: list[str]) -> None:
    assert _ids(reader, **wanted) == ids


@pytest.mark.parametrize(
    ("since_s", "until_s", "ids"),
    [
        (0, 10, ["lost"]),
        (10, 31, ["where", "copy", "praise"]),
        (69, 75, ["undated"]),
        (76, 80, []),
        (380, 381, ["ahead"]),  # five minutes ahead of its arrival at most
        (3_600, 3_601, []),
        (86_400, None, ["later"]),
        (None, 5, ["lost"]),
    ],
)
def test_time_is_when_it_counts(reader: Reader, since_s: int | None, until_s: int | None, ids: list[str]) -> None:
    since, until = (None if at is None else NOON + at * SECOND_US for at in (since_s, until_s))
    offset = SECOND_US if since_s in {69, 76} else 0  # an absent date is the second of arrival
    since = since + offset if since is not None else None
    assert _ids(reader, since=since, until=until) == ids
    assert _ids(reader, since=since, until=until, source=SOURCE) == ids
    assert [id_ for id_ in _ids(reader, words="koffer") if id_ in ids] == _ids(
        reader, since=since, until=until, words="koffer"
    )


@pytest.mark.parametrize(
    "words",
    [
        '" OR 1=1', "*", "NEAR(", "NEAR(koffer weg)", '"', '""', "'", "🧳", "koffer AND", "-koffer", "text : x",
        "^koffer", "{text labels} : x", "\0", "koffer\0weg; DROP TABLE activity", "\ud800",
        "(" * 500, "a " * 5_000, '"' * 999,
    ],
)  # fmt: skip
def test_hostile_words_find_nothing_or_what_they_say(reader: Reader, words: str) -> None:
    assert set(_ids(reader, words=words)) <= {"later", "answer", "copy", "lost"}


@pytest.mark.parametrize("words", ["", "   "])
def test_no_words_narrow_nothing(reader: Reader, words: str) -> None:
    assert len(_ids(reader, words=words)) == 10


@pytest.mark.parametrize("words", [None, "koffer"])
def test_paging_shows_each_post_once(reader: Reader, words: str | None) -> None:
    wanted, seen, before = PostFilter(words=words), [], None
    while found := reader.posts(wanted, 3, before):
        seen += [post.id for post in found]
        before = found[-1].seq
    assert seen == _ids(reader, words=words)


def test_counts_add_up_whatever_they_are_split_by(reader: Reader) -> None:
    period = {"since": NOON - NOON % (3_600 * SECOND_US), "until": NOON + 2 * DAY_US}
    [total] = reader.counts(resolution=3600, kind="say", **period)  # type: ignore[arg-type]
    assert total == Cell(n=7, n_copies=1)
    for name in ("at", "channel", "sentiment", "intent", "kind"):
        cells = reader.counts(resolution=60, kind="say", by=[name], **period)  # type: ignore[arg-type]
        assert (sum(cell.n for cell in cells), sum(cell.n_copies for cell in cells)) == (7, 1)
    everything = reader.counts(resolution=3600, kind=None, by=["kind"], **period)  # type: ignore[arg-type]
    assert {cell.kind: cell.n for cell in everything} == {"say": 7, "answer": 1, "react": 1, "do": 1}


def test_every_count_opens_as_many_posts(reader: Reader) -> None:
    cells = reader.counts(resolution=10, since=0, until=NOON + 2 * DAY_US, by=["at", "kind", "channel"], kind=None)
    assert len(cells) == 10
    for cell in cells:
        assert cell.at is not None
        wanted = PostFilter(since=cell.at, until=cell.at + 10 * SECOND_US, kind=cell.kind, channel=cell.channel)
        assert len(reader.posts(wanted)) == cell.n


def test_words_are_those_that_people_said_most(reader: Reader) -> None:
    words = dict(reader.words(NOON, NOON + SECOND_US))
    assert words["koffer"] == 2
    assert "mijn" not in words


def test_words_that_are_asked_for_are_counted_by_day(reader: Reader) -> None:
    assert reader.word_counts(["koffer", "balie", "nergens", "koffer"], NOON, NOON + SECOND_US) == {
        "koffer": 2,
        "balie": 1,
    }
    assert reader.word_counts([], NOON, NOON + SECOND_US) == {}


def test_nothing_from_before_an_offset_is_let_through(reader: Reader) -> None:
    every = reader.posts(PostFilter())
    for wanted in (PostFilter(), PostFilter(words="koffer"), PostFilter(kind="say", since=NOON, until=NOON + DAY_US)):
        shown = reader.posts(replace(wanted, from_seq=every[3].seq))
        assert shown == [post for post in reader.posts(wanted) if post.seq >= every[3].seq]


def test_copies_are_counted_before_and_after_the_index_knows_them(reader: Reader, workspace: Path) -> None:
    seq = reader.posts(PostFilter(actor=LOYAL.actor))[-1].seq
    assert reader.n_copies([seq, seq + 1, 10_000]) == {seq: 1}
    assert reader.n_copies([]) == {}
    keeping = Keeping(workspace)
    keeping.hear([replace(ECHO.says(_LOST.text or ""), id=str(n), published=NOON + n) for n in range(4)])
    fresh = Reader(workspace)
    assert fresh.n_copies([1, 2]) == {1: 3}
    fresh.close()
    keeping.drop()


def test_period_spans_what_was_said(reader: Reader) -> None:
    assert reader.period() == (NOON, NOON + DAY_US)


def test_head_and_offset_are_where_the_ledger_and_the_counts_are(reader: Reader) -> None:
    assert reader.head() == reader.offset() == 10


def test_reader_of_an_empty_folder_finds_nothing(workspace: Path) -> None:
    reader = Reader(workspace)
    assert (reader.head(), reader.period(), reader.posts(PostFilter()), reader.words(0, 1)) == (0, None, [], [])
    assert (reader.sources(), reader.rejects(), reader.brands()) == ([], [], [])
    reader.close()


def test_reader_sees_what_is_committed_meanwhile_and_lets_go_of_dropped_days(workspace: Path) -> None:
    keeping = Keeping(workspace)
    reader = Reader(workspace)
    for day in range(3):
        keeping.hear([LOYAL.says(f"Dag {day}", id=f"day{day}", after_s=day * DAY_US // SECOND_US)])
        assert [post.id for post in reader.posts(PostFilter(), 1)] == [f"day{day}"]
    keeping.ledger.segments.drop_before(NOON // DAY_US + 2)
    assert [post.id for post in reader.posts(PostFilter())] == ["day2"]
    reader.close()
    keeping.drop()


def _many(n: int) -> list[Activity]:
    rng = np.random.default_rng(7)
    words = [f"woord{k}" for k in range(800)]
    return [
        FAN.says(" ".join([*rng.choice(words, 9), "zeldzaam" if i % 5_000 == 7 else "gewoon"]), id=f"m{i}", after_s=i)
        for i in range(n)
    ]


@contextmanager
def _counted() -> Iterator[Callable[[], int]]:
    """Count what SQLite does for whoever connects meanwhile; the answer is the steps since it was last asked for."""
    steps = [0]

    def step() -> int:
        steps[0] += 100
        return 0

    def connected(connection: Any, _record: Any) -> None:
        connection.set_progress_handler(step, 100)

    def since() -> int:
        n, steps[0] = steps[0], 0
        return n

    sa.event.listen(sa.Engine, "connect", connected)
    yield since
    sa.event.remove(sa.Engine, "connect", connected)


def test_rare_and_common_filters_are_answered_at_once(workspace: Path) -> None:
    keeping = Keeping(workspace)
    said = _many(10_000)
    for start in range(0, len(said), 5_000):
        keeping.hear(said[start : start + 5_000])
    since, until = NOON + 100 * SECOND_US, NOON + 160 * SECOND_US
    taken: dict[PostFilter, int] = {}
    with _counted() as steps:
        reader = Reader(workspace)
        for wanted in (
            PostFilter(words="zeldzaam"), PostFilter(words="gewoon"), PostFilter(kind="say"), PostFilter(language="xx"),
            PostFilter(kind="say", since=since, until=until), PostFilter(kind="answer", since=since, until=until),
            PostFilter(words="gewoon", since=since, until=until),
        ):  # fmt: skip
            reader.posts(wanted)
            taken[wanted] = steps()
    assert 1_000 < max(taken.values()) < 10_000, taken  # measured: 5,000; to look at every row takes 50,000
    reader.close()
    keeping.drop()
