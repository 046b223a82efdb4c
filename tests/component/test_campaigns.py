"""A campaign is one card that opens its posts, and what a person says of one of them counts for all."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gehoor.core.campaign import campaigns_of
from gehoor.core.clock import SECOND_US, StillClock
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.record import Activity
from gehoor.web.app import app_of
from tests.cast import ECHO, FAN, HOPPER, LOYAL, NOON, SPAMMER
from tests.component.broad import Broad
from tests.component.deciding import Deciding
from tests.component.hearing import BRANDS, Hearing

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

Pages = TestClient[Litestar]

_LURE = "Hoi {}, de trein van {} uur rijdt vandaag weer niet verder dan Zwolle, kijk op https://{}.example"
_MADE = [
    person.says(_LURE.format(name, 10 + n, name.lower()), id=f"made{n}", after_s=n)
    for n, (person, name) in enumerate(
        [(SPAMMER, "Bo"), (HOPPER, "Cas"), (ECHO, "Daan"), (SPAMMER, "Eva"), (HOPPER, "Finn")]
    )
]
_ELSE = FAN.says("Wat een fijne reis was dit, dank jullie wel daarvoor", id="else", after_s=90)
_WEB = {"Origin": "http://localhost"}


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Broad]:
    """A workspace that heard one template five times, by three accounts, and one other post."""
    heard = Broad(tmp_path / "workspace")
    heard.hear(*_MADE[:2], source="ours")
    heard.hear(*_MADE[2:], _ELSE, source="ours")
    yield heard
    heard.place.close()


def _spam(heard: Broad) -> dict[str, tuple[str | None, float | None]]:
    rows = heard.place.projector.ledger.segments.select("seq, id, spam, spam_p", list(range(1, 40)))
    return {id_: (spam, p) for _, id_, spam, p in rows}


def _seq(heard: Broad, id_: str) -> int:
    return int(next(post.seq for post in heard.read("posts", PostFilter(), 100) if post.id == id_))


def _n_of_kind(heard: Broad, kind: str) -> int:
    heard.ask("flush")
    cells = Reader(heard.root).counts(resolution=3600, since=0, until=NOON + 3_600 * SECOND_US, kind=kind)
    return sum(cell.n for cell in cells)


@pytest.mark.parametrize("judged", ["made0", "made3"], ids=["its first", "any"])
def test_one_word_on_one_post_counts_for_all_of_its_campaign_and_is_taken_back_exactly(
    heard: Broad, judged: str
) -> None:
    before, seq = _spam(heard), _seq(heard, judged)
    heard.ask("correct", seq=seq, column="spam", value="person")
    assert _spam(heard) == before | dict.fromkeys((post.id for post in _MADE), ("person", None))
    assert (_n_of_kind(heard, "spam"), _n_of_kind(heard, "say")) == (5, 1)
    heard.ask("correct", seq=seq, column="spam", value="", undo=True)
    assert _spam(heard) == before
    assert (_n_of_kind(heard, "spam"), _n_of_kind(heard, "say")) == (0, 6)


def test_what_comes_later_is_judged_as_the_campaign_is(heard: Broad) -> None:
    heard.ask("correct", seq=_seq(heard, "made2"), column="spam", value="person")
    heard.kill()
    heard.hear(LOYAL.says(_LURE.format("Gijs", 22, "gijs"), id="later", after_s=100), source="ours")
    assert _spam(heard)["later"] == ("person", None)
    heard.ask("correct", seq=_seq(heard, "made2"), column="spam", value="", undo=True)
    assert _spam(heard)["later"][0] is None


def test_a_post_that_a_person_judged_apart_stays_as_it_is(heard: Broad) -> None:
    heard.ask("correct", seq=_seq(heard, "made4"), column="spam", value="")
    heard.ask("correct", seq=_seq(heard, "made1"), column="spam", value="person")
    spam = _spam(heard)
    assert [spam[f"made{n}"][0] for n in range(5)] == ["person"] * 4 + [None]


def test_counts_after_a_campaign_was_judged_equal_a_rebuild(heard: Broad) -> None:
    heard.ask("correct", seq=_seq(heard, "made1"), column="spam", value="person")
    before = _n_of_kind(heard, "spam")
    heard.ask("rebuild", name="rollup")
    assert _n_of_kind(heard, "spam") == before == 5


def test_a_campaign_counts_posts_that_stand_and_accounts(heard: Broad) -> None:
    reader, first = Reader(heard.root), _seq(heard, "made0")
    campaign = campaigns_of(reader.segments(), [first, _seq(heard, "else")])
    assert {one.first: (one.n, one.n_accounts, one.since) for one in campaign.values()} == {first: (5, 3, NOON)}
    assert {post.id for post in reader.posts(PostFilter(campaign=first))} == {post.id for post in _MADE}
    heard.hear(SPAMMER.deletes(_MADE[0], after_s=200), ECHO.shares(_MADE[1], after_s=201), source="ours")
    campaign = campaigns_of(reader.segments(), [first])
    assert (campaign[first].n, campaign[first].n_accounts) == (4, 3)
    assert len(reader.posts(PostFilter(campaign=first))) == 4
    heard.hear(HOPPER.deletes(_MADE[1], after_s=210), HOPPER.deletes(_MADE[4], after_s=211), source="ours")
    assert campaigns_of(reader.segments(), [first]) == {}
    reader.close()


@pytest.fixture
def pages(tmp_path: Path, clock: StillClock) -> Iterator[Pages]:
    """The pages of a workspace that heard the same."""
    hearing = Hearing(tmp_path / "workspace", BRANDS + '[sources.cast]\ntype = "file"\npath = "a"\n')
    hearing.hear([*_MADE, _ELSE])
    with TestClient(app_of(hearing.site(Deciding(hearing), clock)), base_url="http://localhost") as client:
        client.headers["Accept-Language"] = "en"
        yield client
    hearing.close()


def _cards(html: str) -> list[str]:
    articles = re.findall(r'<article class="card post".*?</article>', html, re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", article))) for article in articles]


def test_a_campaign_is_one_card_that_opens_its_posts(pages: Pages) -> None:
    page = pages.get("/posts").text
    assert len(_cards(page)) == 2
    assert "5 times, by 3 accounts, since 14:00" in _cards(page)[1]
    [href] = set(re.findall(r'href="(/posts\?campaign=\d+)"', page))
    assert len(_cards(pages.get(href).text)) == 5


def test_a_campaign_of_spam_is_said_to_be_of_accounts_that_act_together(pages: Pages) -> None:
    form = {"column": "spam", "value": "person", "back": "/posts"}
    pages.post("/posts/2/correct", data=form, headers=_WEB)
    [card] = _cards(pages.get("/posts?kind=spam").text)
    assert "5 times, by 3 accounts, since 14:00" in card
    assert "accounts that act together" in card
    assert "bot" not in card
    assert "counts for all 5" in card


def test_posts_of_one_account_alone_are_no_campaign(heard: Broad) -> None:
    alone: list[Activity] = [
        LOYAL.says(f"Vandaag alweer {n} minuten gewacht op de bus naar het station", id=f"a{n}") for n in range(4)
    ]
    heard.hear(*alone, source="ours")
    assert campaigns_of(Reader(heard.root).segments(), [_seq(heard, "a0")]) == {}
