"""Bluesky heard from a Jetstream on loopback: whatever becomes of the connection, each thing is in the ledger once."""

import asyncio
import re
import socket
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.errors import SettingError, TransientError
from gehoor.core.page import RawPage
from gehoor.listen.bluesky import BlueskySource
from gehoor.listen.bluesky_options import BlueskyOptions
from gehoor.listen.jetstream_frames import Pace
from tests.cast import NOON
from tests.component.jetstream import Jetstream, Visit, commit, like, post, tid
from tests.component.keeping import Keeping

POST = "app.bsky.feed.post"
BEGUN = NOON - 600 * SECOND_US
AN, BO = "did:plc:an", "did:plc:bo"
LAST = post("did:plc:last", NOON - SECOND_US, "last", "klaar")
QUICK = Pace(page_s=0.02, ping_s=0.05, silence_s=0.5)


class Quick(BlueskySource):
    """A source in a hurry."""

    pace = QUICK


def source_of(server: Jetstream, **options: Any) -> BlueskySource:
    known = BlueskyOptions(jetstream=server.url, allow_private=True, **options)
    return Quick("bluesky", known, StillClock(NOON))


def uri_of(did: str, rkey: str, kind: str = "post") -> str:
    return f"at://{did}/app.bsky.feed.{kind}/{rkey}"


async def hear(
    keeping: Keeping, source: BlueskySource, is_lost: Callable[[int], bool] = lambda n: False, most: int = 200
) -> list[RawPage]:
    """Do as the owner does: commit page after page, come back after trouble; until the last message is in."""
    cursor = place(BEGUN - 10 * SECOND_US)
    pages: list[RawPage] = []
    for _ in range(most):
        reading = source.read(cursor)
        try:
            async for page in reading:
                pages.append(page)
                if is_lost(len(pages)):  # we were killed before it was committed
                    break
                keeping.hear_page(page)
                cursor = page.cursor
                if b"did:plc:last" in page.payload:
                    return pages
        except TransientError:
            continue
        finally:
            await reading.aclose()  # type: ignore[attr-defined]
    raise AssertionError("the last message never came")


def place(at: int) -> bytes:
    return msgspec.json.encode({"time_us": at})


def test_posts_edits_deletions_likes_and_reposts_are_heard(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    with Jetstream(StillClock(NOON)) as server:
        at = [BEGUN + n * SECOND_US for n in range(10)]
        server.tell(
            post(AN, at[0], "one", "Waar blijft mijn koffer?"),
            post(AN, at[1], "two", "Weg hiermee"),
            post(BO, at[2], "three", "Wij zoeken mee", reply={"parent": {"uri": uri_of(AN, "one")}}),
            like(BO, at[3], "l1", uri_of(AN, "one")),
            like(BO, at[4], "l2", uri_of(AN, "one")),
            like(BO, at[5], "r1", uri_of(AN, "one"), "repost"),
            post(AN, at[6], "one", "Waar blijft mijn koffer? Gevonden", what="update"),
            commit(AN, at[7], "delete", f"{POST}/two"),
            commit(BO, at[8], "delete", "app.bsky.feed.like/l2"),
            LAST,
        )
        asyncio.run(hear(keeping, source_of(server)))
    standing = keeping.rows("type, object, text", "state = 0 AND actor != 'did:plc:last'")
    assert sorted(standing, key=str) == sorted(
        [
            ("Create", None, "Wij zoeken mee"),
            ("Like", uri_of(AN, "one"), None),
            ("Announce", uri_of(AN, "one"), None),
            ("Update", uri_of(AN, "one"), "Waar blijft mijn koffer? Gevonden"),
            ("Delete", uri_of(AN, "two"), None),
            ("Undo", uri_of(BO, "l2", "like"), None),
        ],
        key=str,
    )
    keeping.close()


MALFORMED: tuple[bytes | str, ...] = (
    "{", "null", "[]", "<html>502</html>", b"\xff\xfe\x00", b"\x28\xb5\x2f\xfd\x04", '{"time_us": 0}',
    '{"did": "did:plc:x", "time_us": 99999999999999999999, "kind": "commit"}',
)  # fmt: skip
"""What no Jetstream sends."""


@dataclass(slots=True)
class Day:
    """What happens on Bluesky in the order in which it is told, and what remains of it."""

    draw: st.DrawFn
    told: list[dict[str, Any] | bytes | str] = field(default_factory=list)
    posts: dict[str, str] = field(default_factory=dict)
    likes: dict[str, str] = field(default_factory=dict)
    at: int = BEGUN

    def pick(self, among: Iterable[str]) -> tuple[str, str]:
        uri = self.draw(st.sampled_from(sorted(among)))
        return uri, uri.removeprefix("at://").partition("/")[2]

    def say(self) -> None:
        key = tid(self.at)
        self.posts[uri_of(AN, key)] = text = f"bericht {self.at}"
        self.told.append(post(AN, self.at, key, text))

    def edit(self) -> None:
        uri, _ = self.pick(self.posts)
        self.posts[uri] = text = f"verbeterd {self.at}"
        self.told.append(post(AN, self.at, uri.rpartition("/")[2], text, what="update"))

    def delete(self) -> None:
        uri, place = self.pick(self.posts)
        self.told.append(commit(AN, self.at, "delete", place))
        del self.posts[uri]
        self.likes = {like: liked for like, liked in self.likes.items() if liked != uri}

    def like(self) -> None:
        uri, _ = self.pick(self.posts)
        self.likes[uri_of(BO, tid(self.at), "like")] = uri
        self.told.append(like(BO, self.at, tid(self.at), uri))

    def unlike(self) -> None:
        uri, place = self.pick(self.likes)
        self.told.append(commit(BO, self.at, "delete", place))
        del self.likes[uri]

    def blurt(self) -> None:
        self.told.append(self.draw(st.sampled_from(MALFORMED)))

    def moves(self) -> list[Callable[[], None]]:
        possible = [self.say, self.say, self.blurt]
        if self.posts:
            possible += [self.edit, self.delete, self.like]
        return [*possible, self.unlike] if self.likes else possible


@st.composite
def days(draw: st.DrawFn) -> Day:
    """Draw a day; neighbours may change places, and some is told twice."""
    day = Day(draw)
    for _ in range(draw(st.integers(1, 20))):
        draw(st.sampled_from(day.moves()))()
        day.at += SECOND_US
    places = st.lists(st.integers(0, len(day.told) - 1), max_size=4)
    for n in draw(places):
        day.told[n : n + 2] = reversed(day.told[n : n + 2])
    for n in draw(places):
        day.told.insert(draw(st.integers(n, n + 3)), day.told[n])
    return day


VISITS = st.builds(
    Visit,
    n_frames=st.integers(0, 12),
    end=st.sampled_from(["cut", "cut", "close"]),
    code=st.sampled_from([1000, 1001, 1008, 1011]),
    is_from_start=st.booleans(),
)


@settings(max_examples=25)
@given(day=days(), visits=st.lists(VISITS, max_size=6), lost=st.sets(st.integers(1, 8)))
def test_whatever_the_cuts_each_post_is_in_the_ledger_once(day: Day, visits: list[Visit], lost: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        keeping = Keeping(Path(folder))
        with Jetstream(StillClock(NOON), visits) as server:
            for n, message in enumerate(day.told):
                if isinstance(message, dict):
                    server.tell(message)
                else:
                    server.blurt(BEGUN + n * SECOND_US, message)
            server.tell(LAST)
            asyncio.run(hear(keeping, source_of(server), lost.__contains__))
        said = keeping.rows("coalesce(object, id), text", "state = 0 AND type IN ('Create', 'Update')")
        assert sorted(said) == sorted([*day.posts.items(), (uri_of("did:plc:last", "last"), "klaar")])
        assert {row[0] for row in keeping.rows("id", "state = 0 AND type = 'Like'")} == set(day.likes)
        heard = keeping.rows("id", "1 = 1")
        assert len(heard) == len(set(heard))
        assert len(rejects_of(keeping)) == len({message for message in day.told if not isinstance(message, dict)})
        keeping.close()


def rejects_of(keeping: Keeping) -> list[str]:
    return [row[0] for segment in keeping.ledger.segments.all for row in segment.query("SELECT reason FROM reject")]


async def first_trouble(source: BlueskySource, at: int = BEGUN) -> TransientError:
    """Read until it breaks off."""
    with pytest.raises(TransientError) as caught:
        async for _ in source.read(place(at)):
            pass
    return caught.value


@pytest.mark.parametrize(
    ("visit", "words", "retry_s"),
    [
        (Visit(), "is gone without a word", None),
        (Visit(end="close", code=1001, reason="restart"), r"ended the stream \(1001 restart\)", None),
        (Visit(end="close", code=1008, reason="ConsumerTooSlow"), r"\(1008 ConsumerTooSlow\)", None),
        (Visit(end="silence"), "is gone without a word", None),
        (Visit(status=503, headers={"Retry-After": "17"}), "is in trouble itself", 17),
        (Visit(status=429, headers={"Retry-After": "40"}), "asks us to call less often", 40),
        (Visit(status=404), "has no such page", 300),
    ],
)
def test_trouble_is_said_in_words_and_what_came_before_it_is_kept(
    visit: Visit, words: str, retry_s: float | None
) -> None:
    with Jetstream(StillClock(NOON), [visit, Visit(end="close")]) as server:
        server.tell(post(AN, BEGUN, "one", "Hoi"))
        error = asyncio.run(first_trouble(source_of(server, dids=(AN,))))
        assert re.search(words, str(error)) and "127.0.0.1" in str(error)
        assert error.retry_after_s == retry_s
        assert server.n_sent == (visit.status == 101)


def test_stream_of_everybody_that_says_nothing_is_called_again() -> None:
    with Jetstream(StillClock(NOON)) as server:
        error = asyncio.run(first_trouble(source_of(server)))
    assert "has said nothing for 0.5 s" in str(error)


def test_few_people_may_say_nothing_for_long() -> None:
    async def wait() -> None:
        async with asyncio.timeout(1.5 * (QUICK.silence_s or 0)):
            await first_trouble(source_of(server, dids=(AN,)))

    with Jetstream(StillClock(NOON)) as server, pytest.raises(TimeoutError):
        asyncio.run(wait())


def test_server_that_is_none_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = BlueskyOptions(jetstream=f"ws://127.0.0.1:{port}/subscribe", allow_private=True)
    error = asyncio.run(first_trouble(Quick("bluesky", options, StillClock(NOON))))
    assert str(error) == "127.0.0.1 takes no connection now."
    private = BlueskyOptions(jetstream=f"ws://127.0.0.1:{port}/subscribe")
    error = asyncio.run(first_trouble(Quick("bluesky", private, StillClock(NOON))))
    assert "public address" in str(error)


def test_long_message_is_refused_and_its_neighbours_are_heard(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path)
    with Jetstream(StillClock(NOON), [Visit(n_frames=2), Visit(n_frames=3)]) as server:
        server.tell(post(AN, BEGUN, "one", "Hoi"), post(AN, BEGUN + 1, "long", "x" * 2_000_000))
        server.tell(post(AN, BEGUN + 2, "two", "Hallo"), LAST)
        asyncio.run(hear(keeping, source_of(server)))
    assert [row[0] for row in keeping.rows("text")] == ["Hoi", "Hallo", "klaar"]
    (reason,) = rejects_of(keeping)
    assert reason.startswith("a message of 2,000,") and "at most 1,048,576 are read" in reason
    keeping.close()


def test_message_beyond_all_bounds_ends_the_connection_and_moves_no_cursor() -> None:
    with Jetstream(StillClock(NOON)) as server:
        server.blurt(BEGUN, "x" * (9 << 20))
        error = asyncio.run(first_trouble(source_of(server)))
    assert "a message of more than 8 MB" in str(error)
    assert error.retry_after_s == 300


def test_cursor_moves_neither_back_nor_beyond_now() -> None:
    async def cursors() -> list[int]:
        moments = []
        with pytest.raises(TransientError):
            async for page in source_of(server).read(place(BEGUN)):
                moments.append(msgspec.json.decode(page.cursor)["time_us"])
        return moments

    for wrong, right in ((BEGUN - 1, BEGUN), (0, BEGUN), (NOON + 1, NOON), (2**51, BEGUN), (2**70, BEGUN)):
        with Jetstream(StillClock(NOON), [Visit()]) as server:
            server.blurt(BEGUN, msgspec.json.encode({"did": AN, "time_us": wrong, "kind": "later"}).decode())
            assert asyncio.run(cursors()) == [right]


def test_server_is_asked_for_what_is_wanted_a_little_before_the_cursor() -> None:
    with Jetstream(StillClock(NOON), [Visit(), Visit(), Visit()]) as server:
        asyncio.run(first_trouble(source_of(server, collections=(POST,), dids=(AN, BO)), BEGUN))
        asyncio.run(first_trouble(source_of(server, rewind_s=0), NOON + 5))
        first, second = server.asked
    assert first == {"wantedCollections": [POST], "wantedDids": [AN, BO], "cursor": [str(BEGUN - 5 * SECOND_US)]}
    assert second["cursor"] == [str(NOON)]  # a cursor to come would mean: from now on, whatever now is over there
    assert second["wantedCollections"] == [POST, "app.bsky.feed.like", "app.bsky.feed.repost"]


def test_nothing_is_read_on_while_nobody_takes_the_page() -> None:
    async def dawdle() -> int:
        reading = source_of(server).read(place(BEGUN))
        first = await anext(reading)
        await asyncio.sleep(0.4)
        n_sent = server.n_sent
        await reading.aclose()  # type: ignore[attr-defined]
        assert len(first.payload) < 2 << 20
        return n_sent

    with Jetstream(StillClock(NOON)) as server:
        server.tell(*(post(AN, BEGUN + n, f"k{n}", "x" * 50_000) for n in range(1_000)))
        n_sent = asyncio.run(dawdle())
    assert n_sent < 500  # the rest waits over there; what was sent fills the buffers of the network


def test_cursor_of_another_source_is_refused_in_words() -> None:
    async def read() -> None:
        async for _ in source_of(server).read(b'{"line": 7}'):
            pass

    with Jetstream(StillClock(NOON)) as server, pytest.raises(SettingError, match="a source of another type"):
        asyncio.run(read())
