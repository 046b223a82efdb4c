"""A server that people post on, edit, delete and boost, and that fails and drops off: all of it is heard, once."""

import asyncio
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gehoor.core.clock import SystemClock
from gehoor.core.errors import TransientError
from gehoor.core.history_read import read_rows
from gehoor.core.ledger.resolve import GONE, STANDS, SUPERSEDED
from gehoor.core.page import RawPage
from gehoor.core.reader import PostFilter
from gehoor.core.record import Activity
from gehoor.core.sqlite import truncate_wal
from gehoor.listen.http import Http
from gehoor.listen.mastodon import MastodonSource
from gehoor.listen.mastodon_decoder import MastodonDecoder
from gehoor.listen.mastodon_options import MastodonOptions
from gehoor.listen.mastodon_server import MastodonServer
from tests.component.keeping import Keeping
from tests.component.mastodon import ADA, ALAN, Fediverse, Wire
from tests.component.whole import Whole, wait_for

MARK = "zwartebessenjam"
N_POSTS = 100
WITHIN_S = 60.0
EDITED, EDITED_AWAY, DELETED, DELETED_AWAY, BOOSTED = 3, 10, 5, 11, (7, 8)
TOML = """
[sources.fedi]
type = "mastodon"
server = "{url}"
token = "$FEDI_TOKEN"
timelines = ["#koffer", "@alan", "notifications"]
every_s = 3
allow_private = true
"""


class _Story:
    """What happened on the server, and what a workspace made of it."""

    def __init__(self, server: Fediverse, wire: Wire, root: Path) -> None:
        self.server, self.wire, self.root = server, wire, root
        self.numbers: list[str] = []

    def id(self, number: str) -> str:
        """Return the name that a post has here."""
        return f"127.0.0.1:{self.wire.port}/statuses/{number}"

    def say(self, n: int) -> None:
        for at in range(len(self.numbers), len(self.numbers) + n):
            word = MARK if at in (DELETED, DELETED_AWAY) else "nieuws"
            self.numbers.append(self.server.say(f"Koffer {at} is weg, {word} van de band #koffer"))

    def has(self, n: int, words: str = "koffer") -> bool:
        return len(self.texts(words)) == n

    def texts(self, words: str) -> list[str | None]:
        return [post.text for post in self.whole.reader.posts(PostFilter(words=words), limit=10_000)]

    def live(self) -> None:
        """Live through it all, with a gehoor that listens."""
        self.say(60)
        self.server.fail("ratelimit", "timelines/tag/koffer", headers={"Retry-After": "1", "X-RateLimit-Reset": "1"})
        self.server.fail("status", "timelines/tag/koffer", status=500)
        self.server.fail("malformed", "timelines/tag/koffer")
        self.server.fail("latency", "timelines/tag/koffer", count=3, delay_ms=300)
        with Whole(self.root, TOML.format(url=self.wire.url), os.environ | {"FEDI_TOKEN": ADA}) as self.whole:
            wait_for("what was said before is heard", lambda: self.has(60), WITHIN_S)
            wait_for("both streams are open", lambda: self.wire.n_streams >= 2, WITHIN_S)
            self.hear_live()
            self.drop_off()
            assert self.whole.stop() == 0

    def hear_live(self) -> None:
        self.say(20)
        self.of_ada = [self.server.say("Wij horen je #koffer", ADA)]
        self.server.edit(self.numbers[EDITED], "Opgelost: de bagage is terug #koffer")
        self.server.delete(self.numbers[DELETED])
        for number in (self.numbers[at] for at in BOOSTED):
            self.server.call("POST", f"statuses/{number}/reblog", ALAN)
        self.server.call("POST", f"statuses/{self.of_ada[0]}/favourite", ALAN)
        self.mention = self.server.say("@ada waar is Oslo gebleven?", visibility="direct")
        wait_for("the edit is heard", lambda: self.has(1, "opgelost"), WITHIN_S)
        wait_for("the deletion is heard", lambda: self.has(0, MARK + " 5"), WITHIN_S)
        wait_for("the mention is heard", lambda: self.has(1, "oslo"), WITHIN_S)
        wait_for("the boosts are heard", lambda: self.n_of("Announce") == 2, WITHIN_S)

    def n_of(self, type_: str) -> int:
        return [post.type for post in self.whole.reader.posts(PostFilter(), limit=10_000)].count(type_)

    def drop_off(self) -> None:
        self.wire.cut(is_down=True)
        self.say(20)
        self.server.edit(self.numbers[EDITED_AWAY], "Gevonden terwijl niemand keek #koffer")
        self.server.delete(self.numbers[DELETED_AWAY])
        self.server.call("POST", f"statuses/{self.numbers[BOOSTED[1]]}/unreblog", ALAN)
        wait_for("it is said that the server is away", lambda: self.whole.is_at("fedi", "waiting"), WITHIN_S)
        self.trouble = self.whole.source("fedi").message
        self.wire.mend()
        wait_for("what was said meanwhile is heard", lambda: self.has(N_POSTS - 4, "nieuws"), WITHIN_S)
        wait_for("the edit is heard", lambda: self.has(1, "gevonden"), WITHIN_S)
        wait_for("the deletion is heard", lambda: self.has(0, MARK), WITHIN_S)
        wait_for("the boost is taken back", lambda: self.n_of("Announce") == 1, WITHIN_S)


@pytest.fixture(scope="module")
def fediverse() -> Iterator[Fediverse]:
    """A server, for all tests of this file."""
    if importlib.util.find_spec("mastodon_mock") is None:
        assert os.environ.get("CI") != "true", "mastodon_mock must be installed"
        pytest.skip("mastodon_mock is not installed")
    with Fediverse() as server:
        yield server


@pytest.fixture(scope="module")
def story(fediverse: Fediverse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Story]:
    """All that happened, lived through with a whole gehoor."""
    with Wire(fediverse.port) as wire:
        story = _Story(fediverse, wire, tmp_path_factory.mktemp("fedi") / "workspace")
        story.live()
        yield story


@pytest.fixture(scope="module")
def kept(story: _Story) -> Iterator[Keeping]:
    """The workspace afterwards; its write-ahead logs are emptied, as they are now and then."""
    keeping = Keeping(story.root)
    for engine in (keeping.projector.engine, *(segment.engine for segment in keeping.ledger.segments.all)):
        truncate_wal(engine)
    yield keeping
    keeping.drop()


def test_every_post_is_there_once(story: _Story, kept: Keeping) -> None:
    live = [story.id(number) for at, number in enumerate(story.numbers) if at not in (DELETED, DELETED_AWAY)]
    rows = kept.rows("object, id", "state = 0 AND type IN ('Create', 'Update') AND text LIKE '%#koffer'")
    assert sorted(target or own for target, own in rows) == sorted([*live, *map(story.id, story.of_ada)])
    heard = kept.rows("id", "type = 'Create'")
    assert len(heard) == len(set(heard)) and {(story.id(number),) for number in story.numbers} <= set(heard)


def test_edit_takes_the_place_of_what_was_said(story: _Story, kept: Keeping) -> None:
    for at, text in ((EDITED, "Opgelost: de bagage is terug #koffer"), (EDITED_AWAY, "Gevonden terwijl niemand keek")):
        name = story.id(story.numbers[at])
        assert kept.rows("state", f"id = '{name}'") == [(SUPERSEDED,)]
        ((type_, now),) = kept.rows("type, text", f"object = '{name}' AND type = 'Update'")
        assert (type_, now[: len(text)]) == ("Update", text)


def test_deleted_words_are_nowhere(story: _Story, kept: Keeping) -> None:
    for at in (DELETED, DELETED_AWAY):
        name = story.id(story.numbers[at])
        assert kept.rows("state, text, html", f"id = '{name}'") == [(GONE, None, None)]
    assert kept.posts(MARK) == []
    assert not [row for batch in read_rows(story.root) for row in batch.to_pylist() if MARK in str(row)]
    stores = [path for path in story.root.rglob("*.sqlite*") if MARK.encode() in path.read_bytes()]
    assert stores == []


def test_counts_are_those_of_what_remains(kept: Keeping) -> None:
    counted = kept.counts()
    assert counted["rollup"]
    for name in ("rollup", "words"):
        kept.projector.rebuild(name)
    assert kept.counts() == counted


def test_boosts_favourites_and_follows_concern_the_post(story: _Story, kept: Keeping) -> None:
    boosted, back = (story.id(story.numbers[at]) for at in BOOSTED)
    assert sorted(kept.rows("object, state", "type = 'Announce'")) == sorted([(boosted, STANDS), (back, GONE)])
    assert kept.rows("object", "type = 'Like'") == [(story.id(story.of_ada[0]),)]
    assert len(kept.rows("actor", "type = 'Follow'")) == 3
    ((direction, visibility),) = kept.rows("direction, visibility", f"id = '{story.id(story.mention)}'")
    assert (direction, visibility) == ("in", "direct")
    assert kept.rows("direction", f"id = '{story.id(story.of_ada[0])}'") == [("out",)]


def test_what_it_waits_for_is_said_without_the_token(story: _Story) -> None:
    assert story.trouble == "127.0.0.1 broke off in the middle of its answer."


class _Reading:
    """A source that is read in the test's own process, until enough was heard."""

    def __init__(self, server: str, **options: Any) -> None:
        known: dict[str, Any] = {"server": server, "token": ADA, "allow_private": True, "every_s": 3_600} | options
        self.source = MastodonSource("fedi", MastodonOptions(**known), SystemClock())
        self.pages: list[RawPage] = []
        self.heard: list[Activity] = []

    async def until(self, is_enough: Callable[[], bool], cursor: bytes | None = None) -> None:
        """Read on from `cursor` until it is enough."""
        pages = self.source.read(cursor)
        async with asyncio.timeout(WITHIN_S):
            async for page in pages:
                self.pages.append(page)
                self.heard += MastodonDecoder().decode(page).activities
                if is_enough():
                    break
        await pages.aclose()  # type: ignore[attr-defined]  # it is a generator

    @property
    def texts(self) -> set[str | None]:
        """What was heard, once."""
        return {activity.text for activity in self.heard}


def test_reading_on_from_any_page_gives_the_rest(fediverse: Fediverse) -> None:
    for n in range(90):
        fediverse.say(f"Bericht {n} #hervat")
    wanted = {f"Bericht {n} #hervat" for n in range(90)}
    whole = _Reading(fediverse.url, timelines=["#hervat"], stream=False)
    asyncio.run(whole.until(lambda: whole.texts == wanted))
    assert len(whole.pages) == 3
    for n, page in enumerate(whole.pages[:-1], 1):
        before = {activity.text for one in whole.pages[:n] for activity in MastodonDecoder().decode(one).activities}
        rest = _Reading(fediverse.url, timelines=["#hervat"], stream=False)
        asyncio.run(rest.until(lambda: rest.texts | before == wanted, page.cursor))  # noqa: B023  # called at once
        assert not rest.texts & before


def test_gap_in_a_stream_is_filled(fediverse: Fediverse) -> None:
    first = fediverse.say("Voor de breuk #gat")
    with Wire(fediverse.port) as wire:
        reading = _Reading(wire.url, timelines=["#gat"])

        async def break_off() -> None:
            while not wire.n_streams:
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(fediverse.say, "Over de stroom #gat")
            await asyncio.sleep(0.5)
            wire.cut()
            await asyncio.to_thread(fediverse.say, "In de breuk #gat")
            await asyncio.to_thread(fediverse.edit, first, "Gewijzigd in de breuk #gat")

        async def both() -> None:
            await asyncio.gather(break_off(), reading.until(lambda: len(reading.texts) == 4))

        asyncio.run(both())
    assert {"In de breuk #gat", "Gewijzigd in de breuk #gat"} <= reading.texts


def test_first_reading_goes_no_further_back_than_it_may(fediverse: Fediverse) -> None:
    fediverse.say("Vroeger #later")
    reading = _Reading(fediverse.url, timelines=["#later"], stream=False, back_days=0, every_s=1)

    async def both() -> None:
        listening = asyncio.create_task(reading.until(lambda: bool(reading.heard)))
        while not reading.pages:
            await asyncio.sleep(0.05)
        await asyncio.to_thread(fediverse.say, "Nu #later")
        await listening

    asyncio.run(both())
    assert reading.texts == {"Nu #later"}


def test_server_that_gives_no_statuses_by_their_numbers_is_asked_one_by_one(fediverse: Fediverse) -> None:
    numbers = [fediverse.say(f"Een voor een {n}") for n in range(3)]
    fediverse.delete(numbers[1])

    async def asked() -> tuple[list[Any], list[str]]:
        options = MastodonOptions(timelines=["public"], server=fediverse.url)
        async with Http(clock=SystemClock(), allow_private=True) as http:
            return await MastodonServer(http, options).stands(numbers)

    for count in (0, 1):
        if count:
            fediverse.fail("status", "statuses", status=404)
        found, gone = asyncio.run(asked())
        assert ([status["id"] for status in found], gone) == ([numbers[0], numbers[2]], [numbers[1]])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timelines": ["#a"], "token": "verkeerd"}, "127.0.0.1 refuses us .401.: check the token"),
        ({"timelines": ["@niemand"]}, "knows no account @niemand"),
    ],
)
def test_what_a_person_must_mend_is_said_and_not_asked_for_often(
    fediverse: Fediverse, options: dict[str, Any], words: str
) -> None:
    reading = _Reading(fediverse.url, **options)
    with pytest.raises(TransientError, match=words) as caught:
        asyncio.run(reading.until(lambda: True))
    assert caught.value.retry_after_s == 300
    assert "verkeerd" not in str(caught.value)
