"""Stories, with real stages: one complaint said five hundred times is one story, and every number opens its posts."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.alert import Alert, write_alert
from gehoor.core.clock import StillClock
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.story_claim import claim_notes
from gehoor.run.stories import Story, in_which_story, parts_of, stories, story_of
from gehoor.run.story_facts import facts_of
from gehoor.warn.evidence import gather
from gehoor.warn.first_voice import first_voice
from gehoor.web.alerts import name_of
from gehoor.web.filters import read_filter
from tests.cast import NOON, Person
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing
from tests.component.serving import Serving

MINUTE_US = 60_000_000
_NUMBER = re.compile(
    r'<a class="open[^"]*" href="(/posts\?[^"]+)">(?:<(?!/a)[^>]+>|[^<])*</a>'
    r'<span class="n[^"]*">([\d.]+)'
)
_WHERE = ("in Utrecht", "bij ons", "al een uur", "sinds vanmorgen", "alweer", "op Schiphol", "voor de derde keer", "nu")
_HOW = (
    "de app van Noordvlucht crasht bij inchecken",
    "inchecken lukt niet, de app van noordvlucht crasht",
    "app Noordvlucht crasht bij het inchecken",
)
_END = ("", "wie ook?", "doe er wat aan", "niemand belt terug", "dit is de druppel", "hoe dan", "hulp!")


def _complaints(n: int) -> list[str]:
    return [f"{_HOW[i % 3]} {_WHERE[i % 8]} {_END[i % 7]}" for i in range(n)]


def _somebody(n: int, channel: str = "bluesky") -> Person:
    return Person(actor=f"did:plc:p{n}", name=f"Reiziger {n}", channel=channel, trait="one of many", followers=n % 90)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hearing]:
    """Yield a workspace in which five hundred people had one complaint within three hours."""
    hearing = Hearing(tmp_path_factory.mktemp("many") / "workspace", BRANDS)
    said = [
        _somebody(n, ("bluesky", "mastodon")[n % 2]).says(text, id=f"c{n}", after_s=-11_000 + 20 * n)
        for n, text in enumerate(_complaints(500))
    ]
    for start in range(0, 500, 100):
        hearing.hear(said[start : start + 100], received=NOON - 9_000_000_000 + 2_000_000_000 * start // 100)
    yield hearing
    hearing.close()


def _alert(id_: str, began: int, ended: int | None = None, brand: str = "noordvlucht") -> Alert:
    return Alert(
        id=id_, brand=brand, measure="complaint", level=3, began_at=began, detected_at=began + 2 * MINUTE_US,
        ended_at=ended, n=40, expected=2.0, peak_per_minute=9.0, normal_per_minute=0.1, probability=0.999,
        n_people=30,
    )  # fmt: skip


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearing, Serving]]:
    """Yield the day of the ash cloud, two alarms that overlap, and one of weeks before."""
    hearing = Hearing(tmp_path_factory.mktemp("storm") / "workspace", BRANDS)
    hearing.hear_demo()
    began = NOON - 433 * MINUTE_US
    with hearing.projector.engine.begin() as tx:
        tx.exec_driver_sql("DELETE FROM alert")
        write_alert(tx, _alert("noordvlucht/posts/1", began))
        write_alert(tx, _alert("noordvlucht/help/2", began + 30 * MINUTE_US))
        write_alert(tx, _alert("noordvlucht/posts/0", began - 40_000 * MINUTE_US, began - 39_800 * MINUTE_US))
    with Serving(hearing, StillClock(NOON), owner=Deciding(hearing)) as running:
        yield hearing, running
    hearing.close()


def _read(running: Serving, path: str, data: bytes | None = None) -> str:
    request = urllib.request.Request(running.url + path, data, headers={"Origin": running.url, "Accept-Language": "nl"})
    with urllib.request.urlopen(request) as answer:
        return str(answer.read().decode())


def test_five_hundred_posts_with_one_complaint_are_one_story(many: Hearing) -> None:
    reader = Reader(many.root)
    found = stories(reader, NOON)
    assert len(found) == 1
    facts = facts_of(reader, many.settings, found[0], NOON)
    assert len(facts.said) >= 490
    assert facts.n_people == len(facts.said)
    assert {"complaint", "help", "question"} & {wish for wish, _, _ in facts.wants} or not facts.wants
    assert found[0].topic is not None or found[0].alerts
    assert len(reader.posts(found[0].base, 1_000)) == len(facts.said)
    reader.close()


def test_alerts_that_overlap_are_one_story_and_those_about_everything_join_it() -> None:
    minute = MINUTE_US
    a, b = _alert("n/posts/1", NOON, NOON + 60 * minute), _alert("n/help/2", NOON + 5 * minute, NOON + 20 * minute)
    everything = _alert("/posts/3", NOON + minute, NOON + 9 * minute, brand="")
    later, other = _alert("n/posts/4", NOON + 600 * minute), _alert("z/posts/5", NOON, NOON + minute, brand="z")
    groups = in_which_story([later, b, other, everything, a])
    assert {id_: [one.id for one in mine] for id_, mine in groups.items()} == {
        "n/posts/1": ["n/posts/1", "n/help/2", "/posts/3"], "n/posts/4": ["n/posts/4"], "z/posts/5": ["z/posts/5"],
    }  # fmt: skip


def _story(hearing: Hearing, id_: str) -> Story:
    reader = Reader(hearing.root)
    try:
        found = story_of(reader, id_, NOON)
        assert found is not None
        return found
    finally:
        reader.close()


def test_each_alert_and_each_topic_of_a_storm_leads_to_its_one_story(storm: tuple[Hearing, Serving]) -> None:
    hearing, _ = storm
    whole = _story(hearing, "noordvlucht/posts/1")
    assert _story(hearing, "noordvlucht/help/2").id == whole.id
    assert [alert.id for alert in whole.alerts] == ["noordvlucht/posts/1", "noordvlucht/help/2"]
    reader = Reader(hearing.root)
    parts = parts_of(reader, whole)
    assert len(parts) > 3
    assert all(_story(hearing, f"topic/{part.topic.id}").id == whole.id for part in parts)
    assert [story.id for story in stories(reader, NOON) if story.alerts] == [whole.id, "noordvlucht/posts/0"]
    reader.close()


def test_first_voice_is_whom_others_followed_before_there_was_a_burst(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "workspace", BRANDS)
    first = _somebody(1).says("Gate D is leeg. @noordvlucht?", id="gate", after_s=-3_600)
    talk = _somebody(2).says("Wat een weer bij noordvlucht", id="talk", after_s=-3_900)
    replies = [
        _somebody(10 + n).says(f"hier ook {n}, noordvlucht", id=f"r{n}", after_s=-3_500 + n, to="gate")
        for n in range(6)
    ]
    hearing.hear([talk, first, *replies, _somebody(3).says("zeg dat", id="t", after_s=-3_800, to="talk")])
    reader = Reader(hearing.root)
    began = NOON - 3_400 * 1_000_000
    voice = first_voice(reader, "noordvlucht", began, began + 60 * 1_000_000)
    assert voice is not None
    assert "Gate D" in (reader.posts(PostFilter(seq=voice.seq))[0].text or "")
    assert first_voice(reader, "zuiderwind", began, began + 60 * 1_000_000) is None
    burst = PostFilter(kind="say", brand="noordvlucht", since=NOON - 3_500 * 1_000_000, until=NOON)
    found = gather(reader, burst, began + 60 * 1_000_000)
    assert found.first is not None
    assert found.first.seq == voice.seq  # an alert names whom its story names
    reader.close()
    hearing.close()


def test_every_number_of_a_story_opens_as_many_posts(storm: tuple[Hearing, Serving]) -> None:
    hearing, running = storm
    page = _read(running, "/stories/noordvlucht~posts~1")
    opened = _NUMBER.findall(page)
    reader = Reader(hearing.root)
    for href, n in opened:
        query = dict(pair.split("=", 1) for pair in href.partition("?")[2].replace("&amp;", "&").split("&"))
        wanted = read_filter({name: urllib.parse.unquote_plus(value) for name, value in query.items()})
        assert len(reader.posts(wanted, 5_000)) == int(n.replace(".", "")), href
    assert len(opened) >= 8
    reader.close()


def test_no_alarm_is_said_of_all_alerts_of_a_story_and_taken_back(storm: tuple[Hearing, Serving]) -> None:
    hearing, running = storm
    _read(running, "/stories/noordvlucht~posts~1/verdict", b"value=false")
    assert _story(hearing, "noordvlucht/posts/1").is_false
    assert "geen alarm" in _read(running, "/stories/noordvlucht~posts~1")
    _read(running, "/stories/noordvlucht~posts~1/verdict", b"value=")
    assert not _story(hearing, "noordvlucht/posts/1").is_false


def test_what_somebody_says_of_a_claim_is_kept_shown_and_taken_back(storm: tuple[Hearing, Serving]) -> None:
    hearing, running = storm
    reader = Reader(hearing.root)
    topic = parts_of(reader, _story(hearing, "noordvlucht/posts/1"))[0].topic.id
    path = "/stories/noordvlucht~posts~1/claim"
    _read(running, path, f"topic={topic}&value=no&note=Wel+%3Cb%3Eeen%3C%2Fb%3E+bus".encode())
    assert claim_notes(reader, [topic])[topic].note == "Wel <b>een</b> bus"
    page = _read(running, "/stories/noordvlucht~posts~1")
    assert "Klopt niet." in page
    assert "Wel &lt;b&gt;een&lt;/b&gt; bus" in page
    _read(running, path, f"topic={topic}&value=&note=".encode())
    assert claim_notes(reader, [topic]) == {}
    reader.close()


def test_alert_names_its_story_and_the_story_its_alerts(storm: tuple[Hearing, Serving]) -> None:
    _, running = storm
    for name in ("noordvlucht/posts/1", "noordvlucht/help/2"):
        page = _read(running, f"/alerts/{name_of(name)}")
        assert 'href="/stories/noordvlucht~posts~1"' in page
    assert _read(running, "/alerts").count('href="/stories/noordvlucht~posts~1"') == 1  # they stand together
    assert 'href="/alerts/noordvlucht~help~2"' in _read(running, "/stories/noordvlucht~posts~1")


def test_what_there_is_none_of_is_not_found_and_nothing_heard_is_said(tmp_path: Path) -> None:
    hearing = Hearing(tmp_path / "workspace", BRANDS)
    hearing.hear([_somebody(1).says("hallo", id="h")])
    with Serving(hearing, StillClock(NOON)) as running:
        assert "Nog geen verhalen" in _read(running, "/stories")
        for path in ("/stories/nothing", "/stories/topic~99", "/stories/topic~x"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                _read(running, path)
            assert refused.value.code in (400, 404)
    hearing.close()
