"""A closer look: a group, a campaign, a story and a single thing that we said, each beside what is normal for all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient

from gehoor.core.clock import DAY_US, StillClock
from gehoor.core.errors import SettingError
from gehoor.core.mirror_closer import CloserLook, look_of
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.core.record import Activity
from gehoor.core.settings import load
from gehoor.core.tables import mirror as tables
from gehoor.core.tables.person import person_choice
from gehoor.run.mirror.closer import look_closer
from gehoor.run.mirror.live import live_moments
from gehoor.run.mirror.make import Making
from gehoor.web.app import app_of
from tests.cast import NOON
from tests.component.browsing import LOOKS, look, opened
from tests.component.deciding import Deciding
from tests.component.hearing import Hearing
from tests.component.mirroring import crowd, edition, heard, our_post, said
from tests.component.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")

N, CAME_BACK = 60, 45
POST = "Wie vliegt er mee naar Lissabon"


def _world() -> Iterator[Activity]:
    """Yield 300 people of two channels; our post of 40 days ago, with 60 who answer, of whom 45 were heard after it."""
    yield from crowd(200, range(1, 120), 0.1)
    yield from crowd(100, range(1, 120), 0.02, channel="bluesky", seed=2)
    ours = our_post(40, POST, views=1_000)
    yield ours
    for who in range(1_000, 1_000 + N):
        yield said(who, 40, f"Ik ga mee met noordvlucht {who}", to=ours.id, ahead_s=-7_200)
        if who < 1_000 + CAME_BACK:
            yield said(who, 20, f"Daar ben ik weer bij noordvlucht {who}")


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hearing]:
    made = heard(tmp_path_factory.mktemp("closer"), _world())
    edition(made)  # measures the year, as each night does
    with made.projector.engine.begin() as tx:
        for name, back in (("Voorjaarsactie", 40), ("Journaal", 1)):
            since = (NOON // DAY_US - back) * DAY_US
            values = {"name": name, "kind": "campaign", "brand": "", "source": "", "at": 0, "said_by": "you"}
            tx.execute(tables.moment.insert().values(since=since, until=since + DAY_US // 2, **values))
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(hearing: Hearing) -> Iterator[Serving]:
    with Serving(hearing, StillClock(NOON), owner=Deciding(hearing)) as running:
        yield running


def _look(hearing: Hearing, what: str, day: str | None = None) -> CloserLook:
    reader = Reader(hearing.root)
    try:
        return look_closer(Making(load(hearing.root), reader, NOON), look_of(what, day=day))
    finally:
        reader.close()


def _share(found: CloserLook, name: str) -> float | None:
    return next(
        part for index in (found.captivating, found.binding) for part in index.parts if part.name == name
    ).share.value


def _our_seq(hearing: Hearing) -> int:
    reader = Reader(hearing.root)
    [post] = reader.posts(PostFilter(kind="answer"))
    reader.close()
    return post.seq


def test_a_thing_that_we_said_has_its_own_response_and_those_who_came_back_after_it(hearing: Hearing) -> None:
    found = _look(hearing, f"utterance:{_our_seq(hearing)}")
    assert (found.name, found.n_people, found.n_reactions, found.views) == (POST, N, N, 1_000)
    assert _share(found, "response") == pytest.approx((N + 0.5) / 1_001)
    assert _share(found, "retention") == pytest.approx((CAME_BACK + 0.5) / (N + 1))
    assert _share(found, "reach") is None
    assert found.captivating.relative.low is not None
    assert not [one for one in found.unknown if one.why == "not_back_yet"]


def test_a_campaign_is_of_those_who_reacted_to_what_we_said_in_it(hearing: Hearing) -> None:
    found = _look(hearing, "campaign:1")
    assert (found.name, found.n_ours, found.n_people) == ("Voorjaarsactie", 1, N)
    assert _share(found, "retention") == pytest.approx((CAME_BACK + 0.5) / (N + 1))


def test_of_what_was_yesterday_and_without_us_it_says_what_cannot_be_known(hearing: Hearing) -> None:
    found = _look(hearing, "campaign:2")
    why = {one.why: one.days for one in found.unknown}
    assert why["not_back_yet"] == 27
    assert "nothing_said" in why
    assert found.n_people > 10
    assert (_share(found, "retention"), _share(found, "response")) == (None, None)


def test_a_group_is_read_on_its_day_beside_the_same_people_a_month_before(hearing: Hearing) -> None:
    busy, calm = (_look(hearing, f"channel:{name}") for name in ("mastodon", "bluesky"))
    assert busy.binding.level.value > calm.binding.level.value  # type: ignore[operator]  # both are known
    assert busy.binding.change.low is not None
    assert busy.n_people + calm.n_people <= busy.n_known
    assert _share(busy, "reach") is not None


def test_who_objects_is_in_no_figure_of_people(hearing: Hearing) -> None:
    what = f"utterance:{_our_seq(hearing)}"
    reader = Reader(hearing.root)
    rows = reader.segments()[0].query("SELECT DISTINCT actor_key FROM activity WHERE in_reply_to IS NOT NULL LIMIT 5")
    keys = [row[0] for row in rows]
    reader.close()
    with hearing.projector.engine.begin() as tx:
        for key in keys:
            values = {"left": key, "right": key, "kind": "objects", "at": 0, "said_by": "you"}
            tx.execute(person_choice.insert().values(values))
    found = _look(hearing, what)
    with hearing.projector.engine.begin() as tx:
        tx.execute(person_choice.delete())
    assert found.n_people == N - len(keys) < N


def test_what_goes_on_now_is_read_to_the_minute(hearing: Hearing) -> None:
    hour = DAY_US // 24
    with hearing.projector.engine.begin() as tx:
        values = {"name": "Uitzending", "kind": "broadcast", "brand": "", "source": "live", "at": 0, "said_by": "you"}
        tx.execute(tables.moment.insert().values(since=NOON - 3 * hour, until=NOON + hour, **values))
    reader = Reader(hearing.root)
    now, over = live_moments(reader, NOON), live_moments(reader, NOON + 2 * hour)
    reader.close()
    with hearing.projector.engine.begin() as tx:
        tx.execute(tables.moment.delete().where(tables.moment.c.source == "live"))
    assert [(one.name, one.lift.value, one.is_real) for one in now] == [("Uitzending", 0.0, True)]  # nobody yet today
    assert over == []


def test_page_offers_what_there_is_and_says_what_was_asked_for_in_either_language(hearing: Hearing) -> None:
    site = hearing.site(Deciding(hearing), StillClock(NOON))
    with TestClient(app_of(site), base_url="http://localhost") as pages:
        offered = pages.get("/mirror/closer", headers={"Accept-Language": "en"}).text
        assert f"of=utterance%3A{_our_seq(hearing)}" in offered
        assert "of=campaign%3A1" in offered
        dutch = pages.get("/mirror/closer?of=campaign:1", headers={"Accept-Language": "nl"}).text
        assert "60 mensen reageerden op wat we toen zeiden" in dutch
        assert "1.000 keer gezien" in dutch
        assert "Daarvan is hier niets gehoord" in pages.get("/mirror/closer?of=mood:x&lang=nl").text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_read_a_closer_look(
    browser: "Browser", hearing: Hearing, served: Serving, *, width: int, scheme: str, language: str
) -> None:
    with opened(browser, served.url, width=width, scheme=scheme, language=language) as page:
        page.set_default_timeout(90_000)  # each look begins a process, and tests run beside each other
        for what in ("campaign:1", "channel:mastodon", f"utterance:{_our_seq(hearing)}", "mood:x"):
            page.goto(f"{served.url}/mirror/closer?of={what}")
            look(page, what)
            assert page.evaluate("document.documentElement.lang") == language


@pytest.mark.parametrize(
    "what", ["campaign:99", "utterance:999999", "story:topic/9", "channel:nowhere", "mood:x", "story:"]
)
def test_what_is_not_there_is_said(hearing: Hearing, what: str) -> None:
    with pytest.raises(SettingError):
        _look(hearing, what)
