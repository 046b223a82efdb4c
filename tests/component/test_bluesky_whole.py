"""Bluesky heard by a whole gehoor: streams that break off, again and again."""

from pathlib import Path

from gehoor.core.clock import SECOND_US, SystemClock
from gehoor.core.reader import PostFilter
from tests.component.jetstream import Jetstream, Visit, commit, post
from tests.component.whole import Whole, wait_for

AN = "did:plc:an"


def texts_of(whole: Whole) -> list[str]:
    return [found.text for found in whole.reader.posts(PostFilter(), limit=1_000) if found.text]


def test_streams_that_break_off_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    clock = SystemClock()
    # the first reading begins at its own moment: all of this happens after it
    begun = clock.now() + 120 * SECOND_US
    toml = '[sources.sky]\ntype = "bluesky"\nkeep = "all"\nallow_private = true\njetstream = "{}"\n'
    with Jetstream(clock, [Visit(n_frames=n, is_from_start=True) for n in (7, 30, 60)]) as server:
        for n in range(100):
            server.tell(post(AN, begun + n, f"k{n}", f"bericht {n}"))
        server.tell(post(AN, begun + 101, "k1", "beter", what="update"))
        server.tell(commit(AN, begun + 102, "delete", "app.bsky.feed.post/k2"))
        with Whole(tmp_path / "w", toml.format(server.url)) as whole:
            wait_for("everything is heard", lambda: len(server.asked) >= 4 and len(texts_of(whole)) >= 99)
            wait_for("no trouble is left", lambda: whole.source("sky").message is None)
            texts = texts_of(whole)
    wanted = {f"bericht {n}" for n in range(100) if n not in {1, 2}} | {"beter"}
    assert sorted(texts) == sorted(wanted)
