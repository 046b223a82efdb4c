"""What relevance drops is counted, shown, recovered once the query is right, and forgotten by law."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gehoor.core.clock import DAY_US
from gehoor.core.errors import SettingError
from gehoor.core.ledger.dropped import empty_before, pages_of, rows_of_page
from gehoor.core.record import Activity
from tests.cast import AGENT, BUYER, FAN, LEAVER, LOYAL, NOON, STRANGER
from tests.component.broad import BROAD, Broad
from tests.strategies import heard

OURS = LOYAL.says("Mijn koffer ligt nog bij Noordvlucht in Oslo", id="ours")
WEATHER = FAN.says("Lekker weer in Bergen vandaag", id="weather", after_s=5)
TYPO = STRANGER.says("Norvlucht laat ons hier gewoon zitten", id="typo", after_s=10)


@pytest.fixture
def broad(tmp_path: Path) -> Iterator[Broad]:
    """A workspace that listens to everybody."""
    broad = Broad(tmp_path / "workspace")
    yield broad
    broad.place.close()


def test_broad_source_keeps_only_what_concerns_a_brand_and_counts_the_rest(broad: Broad) -> None:
    receipt = broad.hear(OURS, WEATHER, TYPO, wants_items=True)
    assert (receipt.n_stored, receipt.n_dropped, receipt.n_seen) == (1, 2, 0)
    assert [(item.id, item.status, item.reason) for item in receipt.items] == [
        ("ours", "stored", None), ("weather", "dropped", "no_brand"), ("typo", "dropped", "no_brand"),
    ]  # fmt: skip
    assert broad.kept() == ["ours"]
    assert broad.dropped() == {"typo": TYPO.text, "weather": WEATHER.text}
    assert broad.read("dropped_counts") == {BROAD: {"no_brand": 2}}
    assert broad.place.projector.ledger.segments.last.cursors()[0]["n_dropped"] == 2


def test_source_that_keeps_all_drops_nothing(broad: Broad) -> None:
    assert broad.hear(WEATHER, source="ours").n_stored == 1


def test_our_own_words_deeds_and_what_was_sent_to_us_alone_are_kept(broad: Broad) -> None:
    private = replace(WEATHER, id="private", visibility="direct")
    broad.hear(AGENT.says("Goedemorgen allemaal", id="answer"), BUYER.buys("1", 9.5, after_s=1), private)
    assert set(broad.kept()) == {"answer", "order-1", "private"}


@pytest.mark.parametrize("is_together", [True, False])
def test_what_concerns_a_kept_post_is_kept_too(broad: Broad, *, is_together: bool) -> None:
    reply = FAN.says("Sterkte ermee", id="reply", after_s=20, to="ours")
    deeper = LOYAL.says("Dank je", id="deeper", after_s=30, to="reply")
    quote = replace(STRANGER.says("Kijk nou", id="quote", after_s=40), quote_of="ours")
    like = FAN.likes(OURS, after_s=50)
    to_weather = FAN.says("Hier ook", id="to-weather", after_s=60, to="weather")
    like_of_weather = STRANGER.likes(WEATHER, after_s=70)
    said = [OURS, WEATHER, reply, deeper, quote, like, to_weather, like_of_weather]
    for page in [said] if is_together else [[activity] for activity in said]:
        broad.hear(*page)
    assert broad.kept() == ["ours", "reply", "deeper", "quote", like.id]
    assert set(broad.dropped()) == {"weather", "to-weather", like_of_weather.id}


def test_reply_that_came_before_its_post_is_dropped_wherever_the_page_ends(broad: Broad) -> None:
    reply = FAN.says("Sterkte ermee", id="reply", after_s=20, to="ours")
    broad.hear(reply, OURS)
    assert broad.kept() == ["ours"]


def test_edit_and_deletion_of_a_kept_post_follow_it_however_long_ago_it_was(broad: Broad) -> None:
    broad.hear(OURS, replace(OURS, id="ours-2", text="Noordvlucht antwoordt niet"))
    broad.kill()
    broad.place.projector.ledger.recent.__init__()  # type: ignore[misc]  # its key was pushed out
    broad.hear(LOYAL.edits(OURS, "Mijn koffer is er", after_s=60))
    assert [post.text for post in broad.read("posts", _all())][:1] == ["Mijn koffer is er"]
    broad.hear(LOYAL.deletes(OURS, after_s=70))
    assert "ours" not in broad.kept(kind="say")
    assert broad.hear(FAN.deletes(WEATHER, after_s=80)).n_dropped == 1


def _all() -> object:
    from gehoor.core.reader import PostFilter

    return PostFilter(kind="say")


@pytest.mark.parametrize("then", ["go on", "kill"])
def test_what_was_dropped_and_is_heard_again_is_not_counted_again(broad: Broad, then: str) -> None:
    broad.hear(OURS, WEATHER)
    if then == "kill":
        broad.kill()
    receipt = broad.hear(WEATHER, TYPO)
    assert (receipt.n_seen, receipt.n_dropped) == (1, 1)
    assert broad.read("dropped_counts") == {BROAD: {"no_brand": 2}}


def test_corrected_query_recovers_what_was_dropped_and_nothing_twice(broad: Broad) -> None:
    broad.hear(OURS, WEATHER, TYPO)
    assert broad.ask("replay_dropped") == {"taken_in": 0, "kept": 2}
    broad.ask_for("noordvlucht", "norvlucht")
    assert broad.ask("replay_dropped", source="ours") == {"taken_in": 0, "kept": 0}
    assert broad.ask("replay_dropped") == {"taken_in": 1, "kept": 1}
    assert broad.ask("replay_dropped") == {"taken_in": 0, "kept": 1}
    assert broad.kept(brand="noordvlucht") == ["ours", "typo"]
    assert broad.dropped() == {"weather": WEATHER.text}
    assert broad.read("dropped_counts") == {BROAD: {"no_brand": 1}}


def test_recovered_post_is_what_it_was(broad: Broad) -> None:
    rich = replace(
        TYPO, mentions=("@a", "@b"), tags=("oslo",), likes=7, place="Oslo", url="https://x.example/1", rev=3,
        in_reply_to="elsewhere", conversation="c", actor_followers=46, media=("https://m.example",),
    )  # fmt: skip
    broad.hear(rich)
    broad.ask_for("norvlucht")
    broad.ask("replay_dropped")
    names = "id, text, likes, place, url, rev, in_reply_to, conversation, actor_followers, mentions, media"
    row = broad.place.projector.ledger.segments.last.query(f"SELECT {names}, published, heard_by FROM activity")[0]
    assert tuple(row) == (
        "typo", rich.text, 7, "Oslo", rich.url, 3, "elsewhere", "c", 46, '["@a","@b"]', '["https://m.example"]',
        rich.published, BROAD,
    )  # fmt: skip


def test_deletion_and_edit_that_were_dropped_later_win_when_the_post_is_recovered(broad: Broad) -> None:
    other = STRANGER.says("Norvlucht, hallo?", id="other", after_s=12)
    broad.hear(TYPO, other)
    broad.hear(STRANGER.deletes(TYPO, after_s=100), STRANGER.edits(other, "Opgelost", after_s=110))
    broad.ask_for("norvlucht")
    assert broad.ask("replay_dropped") == {"taken_in": 4, "kept": 0}
    assert [post.text for post in broad.read("posts", _all())] == ["Opgelost"]


def test_replay_that_was_cut_short_takes_nothing_in_twice(broad: Broad) -> None:
    broad.hear(TYPO, WEATHER)
    broad.ask_for("norvlucht")
    broad.hear(TYPO, relevance="again")  # committed, and killed before it was taken from the shelf
    broad.kill()
    assert broad.ask("replay_dropped") == {"taken_in": 1, "kept": 1}
    assert broad.kept() == ["typo"]


def test_one_post_is_brought_back_by_a_person_whatever_it_is_about(broad: Broad) -> None:
    broad.hear(WEATHER, TYPO)
    handle = next(post.handle for post in broad.read("dropped") if post.id == "weather")
    assert broad.ask("bring_back", handles=[handle]) == {"taken_in": 1, "gone": 0}
    assert broad.ask("bring_back", handles=[handle]) == {"taken_in": 0, "gone": 1}
    assert broad.kept() == ["weather"]
    assert set(broad.dropped()) == {"typo"}
    assert broad.hear(FAN.says("Hier ook", id="reply", after_s=90, to="weather")).n_stored == 1


def test_post_that_was_deleted_meanwhile_does_not_come_back(broad: Broad) -> None:
    broad.hear(WEATHER)
    handle = broad.read("dropped")[0].handle
    broad.hear(FAN.deletes(WEATHER, after_s=50))
    assert broad.dropped()["weather"] is None
    broad.ask("bring_back", handles=[handle])
    assert broad.kept(kind="say") == []


def test_handle_that_is_none_is_refused_with_where_to_look(broad: Broad) -> None:
    with pytest.raises(SettingError, match="`gehoor dropped` lists them"):
        broad.ask("bring_back", handles=["rubbish"])


def test_dropped_posts_are_paged_each_once_newest_first(broad: Broad) -> None:
    for n in range(4):
        broad.hear(*(FAN.says(f"Weer {n} {k}", id=f"w{n}{k}", after_s=10 * n + k) for k in range(3)))
    seen, before = [], None
    while found := broad.read("dropped", BROAD, 5, before):
        seen += [post.id for post in found]
        before = found[-1].handle
    assert seen == [f"w{n}{k}" for n in (3, 2, 1, 0) for k in (2, 1, 0)]
    assert broad.read("dropped", "ours") == []


def test_dropped_texts_are_there_for_a_query_that_is_tried(broad: Broad) -> None:
    broad.hear(OURS, WEATHER)
    broad.hear(TYPO, FAN.likes(WEATHER, after_s=12))
    texts = [batch.column("text").to_pylist() for batch in broad.read("dropped_texts", 0, 100)]
    assert texts == [[TYPO.text], [WEATHER.text]]
    assert broad.read("dropped_texts", NOON + DAY_US, 100) == []


def test_who_is_forgotten_is_not_among_the_dropped_and_does_not_come_back(broad: Broad) -> None:
    hers = LEAVER.says("Zwartebessenjam op brood", id="hers")
    broad.hear(WEATHER, hers, LEAVER.says("En nog een boterham", id="more", after_s=1))
    done = broad.ask("forget", channel=LEAVER.channel, actor=LEAVER.actor)
    assert (done["n_dropped"], done["n_rows"]) == (2, 0)
    assert broad.dropped() == {"weather": WEATHER.text}
    segment = broad.place.projector.ledger.segments.last
    rows = [row for page, _ in pages_of(segment) for row in rows_of_page(segment, page)[0].to_pylist()]
    assert [row["id"] for row in rows] == ["weather"]
    assert LEAVER.actor.encode() not in segment.path.read_bytes()
    broad.hear(hers)
    assert set(broad.dropped()) == {"weather"}


def test_old_days_let_go_of_what_was_said_and_keep_how_much_it_was(broad: Broad) -> None:
    broad.hear(WEATHER, TYPO)
    broad.hear(replace(OURS, received=NOON + DAY_US), replace(WEATHER, id="later", received=NOON + DAY_US))
    segments = broad.place.projector.ledger.segments
    for _ in range(2):
        empty_before(segments, NOON // DAY_US + 1)
        assert broad.dropped() == {"later": WEATHER.text}
        assert broad.read("dropped_counts") == {BROAD: {"no_brand": 3}}


@settings(max_examples=8)
@given(story=heard(most_repeats=0), cuts=st.lists(st.integers(1, 6), min_size=8, max_size=8))
def test_verdicts_depend_on_the_order_of_posts_and_not_on_their_pages(story: list[Activity], cuts: list[int]) -> None:
    with TemporaryDirectory() as folder:
        kept = []
        for name, sizes in (("whole", [len(story)]), ("cut", cuts)):
            broad = Broad(Path(folder, name), "noordvlucht", "koffer")
            rest = list(story)
            for size in sizes:
                if rest:
                    broad.hear(*rest[:size])
                rest = rest[size:]
            if rest:
                broad.hear(*rest)
            rows = broad.place.projector.ledger.segments.last.query("SELECT id FROM activity ORDER BY seq")
            kept.append([id_ for (id_,) in rows])
            broad.place.close()
        assert kept[0] == kept[1]
